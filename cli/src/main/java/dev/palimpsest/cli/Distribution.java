package dev.palimpsest.cli;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Path;

/** Where the built project is: the services' jars and the demo's data. */
public final class Distribution {
    private Distribution() {}

    /** The checkout's root, as the launcher script gives it. */
    public static Path root() {
        String dist = System.getProperty("palimpsest.dist");
        if (dist == null) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, "palimpsest.dist is not set; start Palimpsest by its script ./palimpsest");
        }
        return Path.of(dist);
    }
}
