import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.StoreSettings;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message.CandidatesReady;
import dev.palimpsest.contracts.Message.ReconstructUnit;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.infra.EmbeddedBroker;
import dev.palimpsest.infra.EmbeddedStore;
import dev.palimpsest.infra.FreePorts;
import dev.palimpsest.infra.TopicCreator;
import java.io.File;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * 1, 2, 4 and 8 worker processes on units that wait: how many units a second, and what a unit takes beyond its wait. Every process is a real
 * stage service (bench/wait-service) over a real broker and store; there is always more work than workers. Arguments: a folder to work in,
 * milliseconds a unit waits, seconds a measurement lasts.
 */
final class Scaling {
    private static final int AUDITS = 200;
    private static final int UNITS = 16;
    private static final String SECRET = "bench";

    private final List<Process> workers = new ArrayList<>();
    private final Path folder;
    private final long wait;
    private final String broker;
    private final String store;

    private Scaling(Path folder, long wait, String broker, String store) {
        this.folder = folder;
        this.wait = wait;
        this.broker = broker;
        this.store = store;
    }

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        List<Integer> ports = FreePorts.take(3);
        EmbeddedStore store = EmbeddedStore.start(folder.resolve("s3"), ports.get(0), SECRET, SECRET);
        EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), ports.get(1), ports.get(2));
        TopicCreator.createMissing(broker.bootstrapServers(), Topics.ALL);
        Scaling scaling = new Scaling(folder, Long.parseLong(args[1]), broker.bootstrapServers(), store.endpoint());
        Runtime.getRuntime().addShutdownHook(new Thread(() -> scaling.workers.forEach(Process::destroyForcibly)));
        scaling.run(Duration.ofSeconds(Long.parseLong(args[2])));
        System.exit(0);
    }

    private void run(Duration length) throws Exception {
        submit();
        System.out.println("| workers | units a second | of linear | beyond the wait, ms a unit | of a unit of 60 s |");
        System.out.println("| --- | --- | --- | --- | --- |");
        double one = 0;
        for (int count : new int[] {1, 2, 4, 8}) {
            while (workers.size() < count) {
                start();
            }
            long from = System.currentTimeMillis();
            // A process that has just come gets its partitions at the next rebalance.
            while (rates(from, System.currentTimeMillis()).size() < count) {
                Thread.sleep(500);
            }
            from = System.currentTimeMillis();
            Thread.sleep(length.toMillis());
            Map<String, Double> rates = rates(from, System.currentTimeMillis());
            double rate = rates.values().stream().mapToDouble(Double::doubleValue).sum();
            one = count == 1 ? rate : one;
            double beyond = 1000 * count / rate - wait;
            System.out.printf(
                    Locale.ROOT,
                    "| %d | %.3f | %.3f | %.1f | %.3f %% |%n",
                    count,
                    rate,
                    rate / (count * one),
                    beyond,
                    beyond / 600);
        }
    }

    private void submit() throws Exception {
        try (ArtifactStore objects = ArtifactStore.connect(StoreSettings.of(store, SECRET, SECRET, "palimpsest"));
                KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker), new StringSerializer(), new ByteArraySerializer())) {
            objects.ensureBucket();
            for (int a = 0; a < AUDITS; a++) {
                AuditId audit = new AuditId("audit-" + a);
                ArtifactRef target = objects.put(
                        Keys.target(audit, "target.json"), "{}".getBytes(StandardCharsets.UTF_8), "application/json");
                for (int i = 0; i < UNITS; i++) {
                    ReconstructUnit unit = new ReconstructUnit(audit, target, "wait", i, UNITS, 0, List.of());
                    producer.send(new ProducerRecord<>(
                            unit.topic(),
                            unit.partitionKey(),
                            CloudEvent.of(unit, "bench", Instant.now()).toJson()));
                }
            }
        }
    }

    private void start() throws Exception {
        int port = FreePorts.take(1).get(0);
        ProcessBuilder builder = new ProcessBuilder(
                        "java",
                        "-Xmx200m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-jar",
                        "bench/wait-service/target/quarkus-app/quarkus-run.jar")
                .redirectErrorStream(true)
                .redirectOutput(new File(folder + "/worker-" + workers.size() + ".log"));
        builder.environment().put("KAFKA_BOOTSTRAP_SERVERS", broker);
        builder.environment().put("PALIMPSEST_STORE_ENDPOINT", store);
        builder.environment().put("PALIMPSEST_STORE_ACCESS_KEY", SECRET);
        builder.environment().put("PALIMPSEST_STORE_SECRET_KEY", SECRET);
        builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
        builder.environment().put("WAIT_MILLIS", Long.toString(wait));
        workers.add(builder.start());
        HttpRequest ready = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/q/health/ready"))
                .build();
        HttpClient http = HttpClient.newHttpClient();
        while (true) {
            try {
                if (http.send(ready, BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (java.io.IOException e) {
                // Not there yet.
            }
            Thread.sleep(200);
        }
    }

    /** Units a second of each process that did at least three in this time: from its first announcement to its last. */
    private Map<String, Double> rates(long from, long to) {
        Map<String, List<Long>> times = new TreeMap<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker), new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.CANDIDATES_READY).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    if (record.timestamp() >= from && record.timestamp() <= to) {
                        CandidatesReady ready = (CandidatesReady) CloudEvent.fromJson(record.value()).data();
                        String worker = ready.candidates().get(0).key().replaceFirst(".*-by-", "");
                        times.computeIfAbsent(worker, name -> new ArrayList<>()).add(record.timestamp());
                    }
                }
            }
        }
        Map<String, Double> rates = new TreeMap<>();
        times.forEach((worker, all) -> {
            if (all.size() >= 3) {
                long first = all.stream().mapToLong(Long::longValue).min().orElseThrow();
                long last = all.stream().mapToLong(Long::longValue).max().orElseThrow();
                rates.put(worker, 1000.0 * (all.size() - 1) / (last - first));
            }
        });
        return rates;
    }
}
