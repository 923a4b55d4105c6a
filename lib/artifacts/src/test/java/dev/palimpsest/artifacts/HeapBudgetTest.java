package dev.palimpsest.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.infra.FreePorts;
import dev.palimpsest.infra.InfraMain;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The store holds each signed request in memory, so many large ones at once are what its heap has to bear. */
class HeapBudgetTest {
    private static final int WRITERS = 8;
    private static final int ROUNDS = 3;

    @TempDir
    Path folder;

    @Test
    @Timeout(120)
    void eightWritersOfLargeObjectsFitAHeapOfThreeHundredMegabytes() throws Exception {
        List<Integer> ports = FreePorts.take(3);
        Path settings = Files.writeString(
                folder.resolve("infra.properties"),
                "kafka.port=%d%ncontroller.port=%d%ns3.port=%d%ns3.access=a%ns3.secret=b%ndata.dir=%s%ntopics=%n"
                        .formatted(ports.get(0), ports.get(1), ports.get(2), folder.resolve("data")));
        Process infra = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx300m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-cp",
                        System.getProperty("java.class.path"),
                        InfraMain.class.getName(),
                        settings.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        ExecutorService pool = Executors.newFixedThreadPool(WRITERS);
        try (ArtifactStore store =
                ArtifactStore.connect(StoreSettings.of("http://127.0.0.1:" + ports.get(2), "a", "b", "artifacts"))) {
            assertThat(infra.inputReader().readLine()).isEqualTo("READY");
            store.ensureBucket();
            byte[] content = new byte[16 << 20];
            new Random(1).nextBytes(content);
            List<Future<ArtifactRef>> refs = new ArrayList<>();
            for (int i = 0; i < WRITERS * ROUNDS; i++) {
                String key = "heap/" + i;
                refs.add(pool.submit(() -> store.put(key, content, "application/octet-stream")));
            }
            for (Future<ArtifactRef> ref : refs) {
                assertThat(ref.get().bytes()).isEqualTo(content.length);
            }
            assertThat(infra.isAlive()).isTrue();
            assertThat(store.list("heap/")).hasSize(WRITERS * ROUNDS);
        } finally {
            pool.shutdownNow();
            infra.destroyForcibly();
        }
    }
}
