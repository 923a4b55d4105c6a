package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs {@code gateway/src/main/console/test} in a headless Chromium against a local stack of the built tree; needs a browser and minutes, hence
 * only on request: {@code mvn verify -Dlong=true -Dit.test=ConsoleIT}. The script has passed against a stack started by hand.
 */
class ConsoleIT {
    private static final Path REPO = Path.of(System.getProperty("palimpsest.repo"));
    private static final Path CONSOLE = REPO.resolve("gateway/src/main/console");

    @TempDir
    Path home;

    @Test
    void theConsoleWorksInABrowser() throws Exception {
        assumeTrue(Boolean.getBoolean("long"), "takes minutes: ask for it with -Dlong=true");
        Optional<Path> chromium = onPath("chromium").or(() -> onPath("chromium-browser"));
        assumeTrue(
                chromium.isPresent()
                        && onPath("node").isPresent()
                        && Files.isDirectory(CONSOLE.resolve("node_modules/playwright-core")),
                "No browser test: needs chromium, node and 'npm ci' in " + CONSOLE);
        CountDownLatch ready = new CountDownLatch(1);
        CompletableFuture<List<String>> stack = CompletableFuture.supplyAsync(() -> up(ready));
        try {
            assertThat(ready.await(120, TimeUnit.SECONDS))
                    .as("the stack is ready")
                    .isTrue();
            JsonNode state =
                    new ObjectMapper().readTree(home.resolve("stack.json").toFile());
            Process test = node(state, chromium.orElseThrow());
            String output = new String(test.getInputStream().readAllBytes());
            assertThat(test.waitFor()).as(output).isZero();
            System.out.println(output);
        } finally {
            new PalimpsestProcess(home, Map.of()).run(line -> {}, "down");
            stack.handle((lines, failure) -> lines).get(60, TimeUnit.SECONDS);
        }
    }

    private List<String> up(CountDownLatch ready) {
        try {
            return new PalimpsestProcess(home, Map.of())
                    .run(
                            line -> {
                                if (line.startsWith("The stack is ready")) {
                                    ready.countDown();
                                }
                            },
                            "up");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Process node(JsonNode state, Path chromium) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("node", "--test", "test/console.test.mjs")
                .directory(CONSOLE.toFile())
                .redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "GATEWAY", state.path("gateway").asText(),
                        "TOKEN", state.path("token").asText(),
                        "REPO", REPO.toString(),
                        "CHROMIUM", chromium.toString()));
        return builder.start();
    }

    private static Optional<Path> onPath(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
