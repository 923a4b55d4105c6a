package dev.palimpsest.gateway.view;

import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Comparator;

/**
 * Where an audit stands in the list: the newest first, by id when two are of the same moment. As a cursor it stays valid whatever is
 * added to the list or leaves it.
 */
record ListOrder(Instant requested, String id) implements Comparable<ListOrder> {
    private static final Comparator<ListOrder> NEWEST_FIRST =
            Comparator.comparing(ListOrder::requested).reversed().thenComparing(ListOrder::id);

    @Override
    public int compareTo(ListOrder other) {
        return NEWEST_FIRST.compare(this, other);
    }

    String cursor() {
        return requested.toEpochMilli() + "." + id;
    }

    /** @throws PalimpsestException USAGE when it was no cursor of this list */
    static ListOrder of(String cursor) {
        int dot = cursor.indexOf('.');
        try {
            return new ListOrder(
                    Instant.ofEpochMilli(Long.parseLong(cursor.substring(0, Math.max(0, dot)))),
                    new AuditId(cursor.substring(dot + 1)).value());
        } catch (NumberFormatException | DateTimeException | PalimpsestException e) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, "'" + cursor + "' is no cursor of this list: list again from the beginning", e);
        }
    }
}
