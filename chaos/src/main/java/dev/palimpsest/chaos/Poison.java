package dev.palimpsest.chaos;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message.AuditControl;
import dev.palimpsest.contracts.Message.TargetReady;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.contracts.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/** Ten records for the reconstruct stage that it can do nothing with, each for another reason. */
final class Poison {
    static final int KINDS = 10;
    private static final int OVERSIZE = 900_000;
    private static final String ABSENT = "0".repeat(64);

    private final ArtifactStore store;
    private final AuditId audit;

    /** @param audit a name that no audit has, which the records bear */
    Poison(ArtifactStore store, AuditId audit) {
        this.store = store;
        this.audit = audit;
    }

    void send(String bootstrapServers) throws IOException, InterruptedException, ExecutionException {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", bootstrapServers),
                new StringSerializer(),
                new ByteArraySerializer())) {
            for (ProducerRecord<String, byte[]> record : records()) {
                producer.send(record).get();
            }
        }
    }

    private List<ProducerRecord<String, byte[]>> records() throws IOException {
        ArtifactRef stored = store.put(Keys.target(audit, "stored"), bytes("{}"), "application/json");
        ArtifactRef wrongDigest = new ArtifactRef(stored.key(), ABSENT, stored.bytes());
        ArtifactRef missing = new ArtifactRef(Keys.target(audit, "missing"), ABSENT, 1);
        String good = new String(event(missing), StandardCharsets.UTF_8);
        List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
        records.add(record(audit.value(), bytes("{")));
        records.add(record(audit.value(), bytes(good.replace("\"schemaversion\":1", "\"schemaversion\":-1"))));
        records.add(record(audit.value(), bytes(good.replace("\"schemaversion\":1", "\"schemaversion\":99"))));
        records.add(record(audit.value(), event(wrongDigest)));
        records.add(record(audit.value(), event(missing)));
        records.add(record(audit.value(), event(notFinite())));
        records.add(record(audit.value(), new byte[OVERSIZE]));
        records.add(record(null, bytes("no key, no message")));
        records.add(record(
                audit.value(),
                CloudEvent.of(new AuditControl(audit, AuditControl.Action.PAUSE), "chaos", Instant.EPOCH)
                        .toJson()));
        records.add(record(audit.value(), null));
        return records;
    }

    private ArtifactRef notFinite() throws IOException {
        float[] weights = new float[6];
        weights[3] = Float.NaN;
        ArtifactRef head = new TensorArtifacts(store)
                .put(
                        Keys.target(audit, "head.safetensors"),
                        Map.of(
                                "0.weight", Tensor.ofFloats(weights, 2, 3),
                                "0.bias", Tensor.ofFloats(new float[2], 2),
                                "2.weight", Tensor.ofFloats(new float[2], 1, 2)),
                        Map.of());
        Target target = new Target(
                CloudEvent.SCHEMA_VERSION,
                audit,
                head,
                null,
                Map.of(),
                0,
                List.of("a", "b"),
                4,
                0,
                new AuditSpec.ReconstructSpec(null, 1, 1L),
                new AuditSpec.SelectSpec(null, null),
                new AuditSpec.InvertSpec(null, null, null, null, null, null),
                Map.of());
        return store.put(
                Keys.target(audit, "not-finite.json"), Json.mapper().writeValueAsBytes(target), "application/json");
    }

    private byte[] event(ArtifactRef target) {
        return CloudEvent.of(new TargetReady(audit, target), "chaos", Instant.EPOCH)
                .toJson();
    }

    private static ProducerRecord<String, byte[]> record(@Nullable String key, byte @Nullable [] value) {
        return new ProducerRecord<>(Topics.TARGET_READY, key, value);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
