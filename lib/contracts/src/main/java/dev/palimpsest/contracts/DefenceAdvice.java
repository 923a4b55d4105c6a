package dev.palimpsest.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What defences did to the head of an audit, measured by training it again with each: {@code palimpsest advise} makes it, the audit's
 * report shows the newest. Stored below {@link Keys#advice}.
 *
 * @param sentence what to do, for people
 * @param recommended name of a setting; null when none is
 * @param settings the audit as it is, then each defence that was tried
 */
public record DefenceAdvice(
        int schemaVersion,
        Instant measured,
        String sentence,
        @Nullable String recommended,
        List<Setting> settings) {
    /** The version that is written. */
    public static final int SCHEMA_VERSION = 1;

    public DefenceAdvice {
        settings = List.copyOf(settings);
    }

    /**
     * One audit. Shares are of the members, 0 to 1; null without a verdict.
     *
     * @param audit its id; empty when it was refused
     * @param state of the audit, or {@code refused}
     * @param searched whether the attack had something to search for; if not, a leak of 0 is the absence of a result
     * @param recovered matched above cosine .9
     * @param recoverable above .9 by the bound of the row space
     * @param tprAtFpr1 members told from controls at 1 % false positives
     * @param heldOutAccuracy of the head
     * @param dpEpsilon of DP-SGD; null without
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Setting(
            String name,
            String audit,
            String state,
            @Nullable String grade,
            boolean searched,
            @Nullable Double recovered,
            @Nullable Double recoverable,
            @Nullable Double tprAtFpr1,
            @Nullable Double heldOutAccuracy,
            @Nullable Double dpEpsilon) {}
}
