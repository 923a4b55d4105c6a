package dev.palimpsest.contracts.spec;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The JSON Schema of a spec, for editors and for the reference; what is refused is decided by {@link SpecReader}, which agrees with it. */
public final class SpecSchema {
    /** Its path below a gateway. */
    public static final String HREF = "/schemas/audit-v1.json";

    private SpecSchema() {}

    /** The schema, JSON Schema 2020-12. */
    public static String json() {
        try (InputStream in = SpecSchema.class.getResourceAsStream("audit-v1.schema.json")) {
            if (in == null) {
                throw new IllegalStateException("audit-v1.schema.json is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
