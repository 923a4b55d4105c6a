package dev.palimpsest.gateway.control;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.RecordHeaders;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How much of the workers' time the audits of a tenant get beside those of others: a tenant that is not named has one share. */
public final class Shares {
    private final Map<String, Integer> shares = new HashMap<>();

    /**
     * @param text such as {@code blue=4,red=2}
     * @throws PalimpsestException USAGE naming the part that is wrong
     */
    public Shares(String text) {
        for (String part : text.isBlank() ? new String[0] : text.split(",")) {
            if (!part.strip().matches("[a-z0-9][a-z0-9-]{0,62}=([1-9][0-9]?|100)")) {
                throw new PalimpsestException(
                        ErrorCode.USAGE,
                        "palimpsest.shares: '" + part.strip()
                                + "' is not a tenant and its share, such as blue=4, from 1 to "
                                + RecordHeaders.LARGEST_SHARE);
            }
            String[] share = part.strip().split("=");
            shares.put(share[0], Integer.parseInt(share[1]));
        }
    }

    /** What goes beside a message of this tenant's audit; null: nobody's in particular. */
    public Map<String, String> headers(@Nullable String tenant) {
        int share = tenant == null ? 1 : shares.getOrDefault(tenant, 1);
        return share == 1 ? Map.of() : Map.of(RecordHeaders.SHARE, Integer.toString(share));
    }
}
