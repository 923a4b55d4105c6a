package dev.palimpsest.cli.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.contracts.AuditSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Submits many specs of one folder; a backbone or dataset that several of them name is read and sent once. */
public final class SpecUpload implements Function<AuditSpec, String> {
    private final GatewayClient client;
    private final Path base;
    private final Consumer<String> say;
    private final Map<List<@Nullable Object>, JsonNode> sent = new HashMap<>();

    /** @param base what paths of the specs are relative to */
    public SpecUpload(GatewayClient client, Path base, Consumer<String> say) {
        this.client = client;
        this.base = base;
        this.say = say;
    }

    /** The id of the audit; the same spec with the same files is the same audit. */
    @Override
    public String apply(AuditSpec spec) {
        return Submission.of(spec, base).send(client, false, say, this);
    }

    /** What was sent for the same key, else what is sent now. */
    JsonNode once(Supplier<JsonNode> send, @Nullable Object... key) {
        List<@Nullable Object> list = Arrays.asList(key);
        JsonNode known = sent.get(list);
        if (known == null) {
            known = send.get();
            sent.put(list, known);
        }
        return known;
    }
}
