import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.StoreSettings;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.infra.EmbeddedBroker;
import dev.palimpsest.infra.EmbeddedStore;
import dev.palimpsest.infra.FreePorts;
import dev.palimpsest.infra.TopicCreator;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A real gateway over a real broker and store that hold many finished audits: how long it takes to start, and what a page of the list takes,
 * the very first one included. One of the audits has a thousand candidates with pictures; where node and Chromium are, its gallery is scrolled.
 * Arguments: a folder to work in, how many audits.
 */
final class ManyAudits {
    private static final int CANDIDATES = 1000;
    private static final AuditId LARGE = new AuditId("a-thousand-candidates");
    private static final String TOKEN = "bench";

    private final ArtifactStore store;
    private final KafkaProducer<String, byte[]> producer;
    private final Selection.Verdict verdict = new Selection.Verdict(
            "D", "D: some come back", 72, 36, Map.of("0.75", 28, "0.9", 13, "0.95", 5), Map.of("0.9", 24), Map.of("0.9", 0), .5, .4, .5, .8,
            Collections.nCopies(72, .5), Collections.nCopies(36, .3), Collections.nCopies(72, .9));

    private ManyAudits(ArtifactStore store, KafkaProducer<String, byte[]> producer) {
        this.store = store;
        this.producer = producer;
    }

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        int n = Integer.parseInt(arguments[1]);
        List<Integer> ports = FreePorts.take(3);
        try (EmbeddedStore server = EmbeddedStore.start(folder.resolve("s3"), 0, TOKEN, TOKEN);
                EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), ports.get(0), ports.get(1));
                ArtifactStore store = ArtifactStore.connect(StoreSettings.of(server.endpoint(), TOKEN, TOKEN, "palimpsest"));
                KafkaProducer<String, byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker.bootstrapServers()), new StringSerializer(), new ByteArraySerializer())) {
            store.ensureBucket();
            TopicCreator.createMissing(broker.bootstrapServers(), Topics.ALL);
            new ManyAudits(store, producer).fill(n);
            Process gateway = gateway(folder, server, broker, ports.get(2));
            try {
                measure(URI.create("http://127.0.0.1:" + ports.get(2)), gateway, n);
                scroll("http://127.0.0.1:" + ports.get(2));
            } finally {
                gateway.destroy();
                gateway.waitFor(10, TimeUnit.SECONDS);
            }
        }
    }

    private void fill(int n) throws Exception {
        long started = System.nanoTime();
        ExecutorService writers = Executors.newFixedThreadPool(8);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < n - 1; i++) {
            AuditId id = new AuditId("audit-" + i);
            all.add(writers.submit(() -> finished(id, 1)));
        }
        all.add(writers.submit(() -> finished(LARGE, CANDIDATES)));
        for (Future<?> one : all) {
            one.get();
        }
        writers.shutdown();
        producer.flush();
        System.out.printf(Locale.ROOT, "%d audits written in %.0f s%n", n, (System.nanoTime() - started) / 1e9);
    }

    /** All that the gateway follows of one audit, from its request to its pictures. */
    private void finished(AuditId id, int candidates) {
        AuditSpec spec = new AuditSpec(
                AuditSpec.API_VERSION, "release " + id, "dino-vitb16", new AuditSpec.TargetSpec("head.safetensors", null, null), null, null, null, null);
        AuditRequest request = new AuditRequest(
                1, id, Instant.parse("2026-01-01T00:00:00Z").plusSeconds(id.hashCode() & 0xfffff), spec, Map.of(), null, null, null, null, List.of(), null);
        say(new Message.AuditRequested(id, json(Keys.request(id), request)));
        for (int step = 0; step < 20; step++) {
            say(new Message.AuditProgress(
                    id, Stage.RECONSTRUCT, "pursuit", step, 20, "steps", "running", "loss 0.1", Map.of("loss", 1.0 / (1 + step)), null));
        }
        say(new Message.TargetReady(id, json(Keys.target(id, "target.json"), target(id, spec))));
        ArtifactRef rows = new ArtifactRef(Keys.result(id, Stage.SELECT, "rows.safetensors"), "0".repeat(64), 1);
        List<Selection.Representative> ranking = IntStream.range(0, candidates)
                .mapToObj(i -> {
                    ArtifactRef photo = candidates == 1 ? null : png(Keys.knowledge(id, "photo-" + i), 2L * i);
                    return new Selection.Representative(
                            3, 1.0 / (i + 1), i % 2, new Selection.Neighbour("photo " + i + ".jpg", .95 - .0005 * i, photo), null);
                })
                .toList();
        List<Selection.Inversion> inversions = IntStream.range(0, candidates)
                .mapToObj(i -> new Selection.Inversion("picture-" + i, rows, i))
                .toList();
        Selection selection = new Selection(1, id, true, rows, ranking, inversions, verdict, List.of());
        say(new Message.SelectionReady(id, json(Keys.result(id, Stage.SELECT, "selection.json"), selection), true));
        for (int i = 0; i < candidates; i++) {
            ArtifactRef picture = candidates == 1 ? rows : png(Keys.result(id, Stage.INVERT, "picture-" + i), 2L * i + 1);
            say(new Message.InversionReady(id, "picture-" + i, rows, i, picture, .97, 600));
        }
    }

    private static Target target(AuditId id, AuditSpec spec) {
        ArtifactRef head = new ArtifactRef(Keys.target(id, "head.safetensors"), "0".repeat(64), 1);
        return new Target(
                1, id, head, null, Map.of(), 224, List.of("animals", "landmarks"), 36, .08, spec.reconstruct(), spec.select(), spec.invert(), Map.of());
    }

    private ArtifactRef json(String key, Object document) {
        try {
            return store.put(key, Json.mapper().writeValueAsBytes(document), "application/json");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A picture of 224 pixels with something in it, so that it has the size of a real one. */
    private ArtifactRef png(String key, long seed) {
        Random random = new Random(seed);
        BufferedImage image = new BufferedImage(224, 224, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        for (int i = 0; i < 400; i++) {
            graphics.setColor(new Color(random.nextInt(1 << 24)));
            graphics.fillOval(random.nextInt(224), random.nextInt(224), 5 + random.nextInt(40), 5 + random.nextInt(40));
        }
        graphics.dispose();
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ImageIO.write(image, "png", out);
            return store.put(key, out.toByteArray(), "image/png");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void say(Message message) {
        producer.send(new ProducerRecord<>(
                message.topic(), message.partitionKey(), CloudEvent.of(message, "bench", Instant.now()).toJson()));
    }

    private static Process gateway(Path folder, EmbeddedStore store, EmbeddedBroker broker, int port) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("java", "-Xmx512m", "-jar", "gateway/target/quarkus-app/quarkus-run.jar")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("gateway.log").toFile());
        builder.environment()
                .putAll(Map.of(
                        "KAFKA_BOOTSTRAP_SERVERS", broker.bootstrapServers(),
                        "PALIMPSEST_STORE_ENDPOINT", store.endpoint(),
                        "PALIMPSEST_STORE_ACCESS_KEY", TOKEN,
                        "PALIMPSEST_STORE_SECRET_KEY", TOKEN,
                        "PALIMPSEST_TOKEN", TOKEN,
                        "QUARKUS_HTTP_PORT", Integer.toString(port)));
        return builder.start();
    }

    private static void measure(URI gateway, Process process, int n) throws Exception {
        HttpClient client = HttpClient.newHttpClient();
        // The client's own first call is not the gateway's.
        HttpRequest ready = HttpRequest.newBuilder(gateway.resolve("/q/health/ready")).build();
        long started = System.nanoTime();
        while (!answers(client, ready)) {
            if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("the gateway has ended: see gateway.log");
            }
        }
        System.out.printf(Locale.ROOT, "gateway ready, all read, after %.1f s%n", (System.nanoTime() - started) / 1e9);
        page(client, gateway, "first page, the first request of all", "limit=50");
        for (int i = 0; i < 5; i++) {
            page(client, gateway, "first page", "limit=50");
        }
        page(client, gateway, "first page of 100, as the console asks for it", "limit=100");
        page(client, gateway, "a state that none has", "limit=50&state=failed");
        page(client, gateway, "a name that one has", "limit=50&q=audit-77");
        String cursor = "";
        int pages = 0;
        started = System.nanoTime();
        do {
            JsonNode page = Json.mapper().readTree(get(client, gateway, "limit=200&cursor=" + cursor));
            cursor = page.path("next").asText("");
            pages++;
        } while (!cursor.isEmpty());
        System.out.printf(Locale.ROOT, "all %d audits in %d pages: %.0f ms%n", n, pages, (System.nanoTime() - started) / 1e6);
        String status = Files.readString(Path.of("/proc", Long.toString(process.pid()), "status"));
        System.out.println("gateway's memory: " + status.lines().filter(line -> line.startsWith("VmRSS")).findFirst().orElse("?"));
    }

    private static void page(HttpClient client, URI gateway, String what, String query) throws Exception {
        long started = System.nanoTime();
        int bytes = get(client, gateway, query).length();
        System.out.printf(Locale.ROOT, "%s: %.1f ms, %d bytes%n", what, (System.nanoTime() - started) / 1e6, bytes);
    }

    private static String get(HttpClient client, URI gateway, String query) throws Exception {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(gateway.resolve("/api/v1/audits?" + query)).header("Authorization", "Bearer " + TOKEN).build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IllegalStateException(response.body());
        }
        return response.body();
    }

    private static boolean answers(HttpClient client, HttpRequest request) throws InterruptedException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static void scroll(String gateway) throws Exception {
        Path packages = Path.of("gateway/src/main/console/node_modules/playwright-core");
        if (!Files.isDirectory(packages)) {
            System.out.println("gallery: skipped, needs node, chromium and 'npm ci' in gateway/src/main/console");
            return;
        }
        ProcessBuilder builder = new ProcessBuilder("node", "test/scroll.mjs").directory(Path.of("gateway/src/main/console").toFile()).inheritIO();
        builder.environment().putAll(Map.of("GATEWAY", gateway, "TOKEN", TOKEN, "AUDIT", LARGE.value()));
        if (builder.start().waitFor() != 0) {
            throw new IllegalStateException("the gallery could not be scrolled");
        }
    }
}
