package dev.palimpsest.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.InvertUnit;
import dev.palimpsest.contracts.Message.ReconstructUnit;
import dev.palimpsest.contracts.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** R12: a worker's memory does not grow with the units it has done. */
class NativeMemoryIT {
    private static final int UNITS = 2_000;
    private static final int WARM = UNITS / 2;
    private static final Duration ALL = Duration.ofMinutes(20);
    private static final Duration AUDIT = Duration.ofMinutes(6);
    /** One picture of 64 x 64 that is not freed, as float32, is 48 KiB. */
    private static final double MOST_BYTES_A_UNIT = 8 << 10;

    @TempDir
    Path folder;

    /** The heap is touched as a whole at the start, so that what grows is native. */
    @Test
    @OnRequest
    void twoThousandPicturesAndPiecesOfTheAttackLeaveNothingBehind() throws Exception {
        Path repository = Path.of(System.getProperty("palimpsest.repo"));
        TinyStudy study = TinyStudy.draw(repository, Files.createDirectory(folder.resolve("study")))
                .with(1, 1);
        try (ChaosStack stack = ChaosStack.start(
                repository,
                folder,
                List.of("gateway", "embed-1", "reconstruct-1", "select-1", "invert-1"),
                Map.of("JAVA_TOOL_OPTIONS", "-Xms400m -XX:+AlwaysPreTouch"))) {
            AuditId audit = study.submit(stack.gateway());
            Await.until(
                    "an audit to copy from",
                    AUDIT,
                    () -> stack.gateway()
                            .get(audit.value())
                            .path("state")
                            .asText()
                            .equals("done"));
            Traffic traffic = new Traffic(stack.bootstrapServers());
            InvertUnit picture = first(traffic, audit, Topics.INVERT_UNITS, InvertUnit.class);
            ReconstructUnit finish = traffic.distinct(Topics.RECONSTRUCT_UNITS, audit).stream()
                    .map(event -> (ReconstructUnit) event.data())
                    .filter(unit -> unit.phase().equals("finish"))
                    .findFirst()
                    .orElseThrow();
            send(
                    stack,
                    i -> new InvertUnit(
                            audit, picture.target(), "copy-" + i, picture.embeddings(), picture.index(), 0, null));
            send(stack, i -> new ReconstructUnit(audit, finish.target(), "finish", 0, 1, 1 + i, finish.inputs()));

            Map<ServiceProcess, MemoryCurve> curves = new LinkedHashMap<>();
            for (String name : List.of("invert-1", "reconstruct-1")) {
                curves.put(stack.service(name), new MemoryCurve());
            }
            Await.until(() -> "all units done: " + curves.values(), ALL, () -> {
                curves.forEach((worker, curve) -> curve.add(worker.units(), worker.resident()));
                return curves.keySet().stream().allMatch(worker -> worker.units() >= UNITS);
            });
            curves.forEach((worker, curve) -> {
                System.out.printf(
                        "%s: %.0f bytes a unit from %d units on; %s%n",
                        worker.name(), curve.bytesPerUnit(WARM), WARM, curve);
                assertThat(curve.bytesPerUnit(WARM))
                        .as("%s: %s", worker.name(), curve)
                        .isLessThan(MOST_BYTES_A_UNIT);
            });
        }
    }

    private static <M extends Message> M first(Traffic traffic, AuditId audit, String topic, Class<M> type) {
        return traffic.distinct(topic, audit).stream()
                .map(CloudEvent::data)
                .map(type::cast)
                .findFirst()
                .orElseThrow();
    }

    private static void send(ChaosStack stack, IntFunction<Message> unit) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.<String, Object>of("bootstrap.servers", stack.bootstrapServers()),
                new StringSerializer(),
                new ByteArraySerializer())) {
            for (int i = 0; i < UNITS; i++) {
                Message message = unit.apply(i);
                producer.send(new ProducerRecord<>(
                        message.topic(),
                        message.partitionKey(),
                        CloudEvent.of(message, "chaos", Instant.EPOCH).toJson()));
            }
        }
    }
}
