package dev.palimpsest.gateway.access;

import java.security.Principal;
import org.jspecify.annotations.Nullable;

/**
 * Who asks.
 *
 * @param getName of the key, for logs; never the key
 * @param tenant whose audits there are for the caller; null: everybody's
 */
public record Caller(String getName, Role role, @Nullable String tenant) implements Principal {
    /** Who knows the gateway's one token, or anybody where none is needed. */
    public static final Caller OPERATOR = new Caller("token", Role.OPERATOR, null);

    /** Whether there is such an audit for the caller. */
    public boolean sees(@Nullable String tenantOfAudit) {
        return tenant == null || tenant.equals(tenantOfAudit);
    }
}
