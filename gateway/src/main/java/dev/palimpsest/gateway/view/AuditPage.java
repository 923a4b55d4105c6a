package dev.palimpsest.gateway.view;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of the list of audits.
 *
 * @param next the cursor of the next page; null on the last
 * @param total how many audits there are, whatever was asked for
 */
public record AuditPage(List<AuditLine> audits, @Nullable String next, int total) {
    public AuditPage {
        audits = List.copyOf(audits);
    }
}
