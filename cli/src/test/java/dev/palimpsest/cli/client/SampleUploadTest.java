package dev.palimpsest.cli.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.ImageManifest;
import dev.palimpsest.contracts.ImagePage;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.embed.data.Content;
import dev.palimpsest.embed.data.Entry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server that keeps uploads as the gateway does. */
class SampleUploadTest {
    private static final int SAMPLES = 1_003;

    private final Map<String, byte[]> kept = new ConcurrentHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger sent = new AtomicInteger();
    private volatile int room = Integer.MAX_VALUE;
    private HttpServer server;
    private GatewayClient client;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v1/uploads/knowledge/", this::answer);
        server.start();
        client = new GatewayClient("http://127.0.0.1:" + server.getAddress().getPort(), "token");
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void listsTheSamplesInPagesAndSendsNothingTwice() throws IOException {
        List<String> said = new ArrayList<>();
        ImageManifest manifest = new SampleUpload(client, said::add).send(samples());

        assertThat(said)
                .containsExactly(
                        "Sending 1003 samples ...", "Sent 1000 of 1003 samples.", "Sent 1003 of 1003 samples.");
        assertThat(manifest.images()).isEqualTo(SAMPLES);
        assertThat(manifest.labels()).containsExactly("a", "b");
        List<AuditRequest.Image> listed = new ArrayList<>();
        for (ArtifactRef page : manifest.pages()) {
            listed.addAll(Json.mapper()
                    .readValue(kept.get(page.sha256()), ImagePage.class)
                    .images());
        }
        assertThat(listed)
                .extracting(AuditRequest.Image::file)
                .isEqualTo(samples().stream().map(Entry::file).toList());
        assertThat(listed).allSatisfy(image -> {
            assertThat(kept).containsKey(image.ref().sha256());
            assertThat(image.ref().key())
                    .isEqualTo(Keys.upload(Keys.Area.KNOWLEDGE, image.ref().sha256()));
        });
        assertThat(sent).hasValue(SAMPLES + 2);

        asked.set(0);
        assertThat(new SampleUpload(client, said::add).send(samples())).isEqualTo(manifest);
        assertThat(sent).hasValue(SAMPLES + 2);
        assertThat(asked).hasValue(2);
    }

    @Test
    void anUploadThatWasInterruptedGoesOn() {
        room = 400;
        assertThatThrownBy(() -> new SampleUpload(client, said -> {}).send(samples()))
                .isInstanceOf(PalimpsestException.class)
                .hasMessage("The gateway answered 507");
        int before = kept.size();
        assertThat(before).isEqualTo(400);

        room = Integer.MAX_VALUE;
        sent.set(0);
        new SampleUpload(client, said -> {}).send(samples());
        assertThat(sent).hasValue(SAMPLES + 2 - before);
    }

    private static List<Entry> samples() {
        List<Entry> samples = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            samples.add(new Entry(
                    "t.csv:" + i, i % 2 == 0 ? "a" : "b", Entry.MEMBER, new Content.Text("text number " + i)));
        }
        return samples;
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String digest = path.substring(path.lastIndexOf('/') + 1);
        try (exchange) {
            if (exchange.getRequestMethod().equals("HEAD")) {
                asked.incrementAndGet();
                exchange.sendResponseHeaders(kept.containsKey(digest) ? 200 : 404, -1);
                return;
            }
            byte[] content = exchange.getRequestBody().readAllBytes();
            if (kept.size() >= room) {
                exchange.sendResponseHeaders(507, -1);
                return;
            }
            kept.put(digest, content);
            sent.incrementAndGet();
            byte[] ref = Json.mapper()
                    .writeValueAsString(
                            new ArtifactRef(Keys.upload(Keys.Area.KNOWLEDGE, digest), digest, content.length))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, ref.length);
            exchange.getResponseBody().write(ref);
        }
    }
}
