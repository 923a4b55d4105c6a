package dev.palimpsest.gateway.access;

import java.util.Locale;

/** What somebody may do; each may also what the ones before it may. */
public enum Role {
    /** Looks at the audits of a tenant. */
    VIEWER,
    /** Also submits audits for the tenant and steers them. */
    SUBMITTER,
    /** Runs the platform: every tenant's audits, and the dead letters. */
    OPERATOR;

    public boolean covers(Role needed) {
        return compareTo(needed) >= 0;
    }

    /** As it is written in files. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
