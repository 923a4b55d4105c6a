package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs {@code gateway/src/main/console/test} in a headless Chromium against a local stack of the built tree; needs a browser and minutes, hence
 * only on request: {@code mvn verify -Dlong=true -Dit.test=ConsoleIT}. With {@code -Dpalimpsest.pictures=FOLDER} it takes pictures of every page
 * instead, which takes two audits more.
 */
class ConsoleIT {
    private static final Path REPO = Path.of(System.getProperty("palimpsest.repo"));
    private static final Optional<Path> CHROMIUM = onPath("chromium").or(() -> onPath("chromium-browser"));
    private static final Path CONSOLE = REPO.resolve("gateway/src/main/console");

    private static final @Nullable String PICTURES = System.getProperty("palimpsest.pictures");

    @TempDir
    Path home;

    @TempDir
    Path work;

    /** What is done while the stack runs. */
    private interface Visit {
        void to(JsonNode stack) throws Exception;
    }

    @Test
    void theConsoleWorksInABrowser() throws Exception {
        assumeTrue(Boolean.getBoolean("long"), "takes minutes: ask for it with -Dlong=true");
        assumeTrue(PICTURES == null, "takes pictures instead");
        withStack(stack -> node(stack, Map.of(), "--test", "test/console.test.mjs"));
    }

    /** Fails when a page cannot be reached; whether it looks right is for people to say. */
    @Test
    void everyPageHasItsPicture() throws Exception {
        assumeTrue(PICTURES != null, "takes minutes: ask for it with -Dpalimpsest.pictures=FOLDER");
        Files.createSymbolicLink(work.resolve("backbones"), REPO.resolve("examples/backbones"));
        Files.createSymbolicLink(work.resolve("photos"), REPO.resolve("examples/photos"));
        Files.writeString(work.resolve("head.safetensors"), "no head");
        withStack(stack -> {
            String audit = submit(Files.readString(REPO.resolve("examples/demo-quick.yaml")));
            String other = submit(Files.readString(REPO.resolve("examples/demo.yaml"))
                    .replaceAll("name: .*", "name: Animals or landmarks, DINOv2")
                    .replace("seconds: 60", "seconds: 30")
                    .replace("top: 8", "top: 3"));
            String failed = submit("""
                    apiVersion: palimpsest/v1
                    name: A head that cannot be read
                    backbone: backbones/efficientnet-lite0
                    target: { head: head.safetensors }
                    """);
            palimpsest(1, "wait", failed);
            palimpsest(0, "wait", audit);
            palimpsest(0, "wait", other);
            node(
                    stack,
                    Map.of(
                            "AUDIT",
                            audit,
                            "OTHER",
                            other,
                            "FAILED",
                            failed,
                            "OUT",
                            REPO.resolve(String.valueOf(PICTURES)).toString()),
                    "test/pictures.mjs");
        });
    }

    private void withStack(Visit visit) throws Exception {
        assumeTrue(
                CHROMIUM.isPresent()
                        && onPath("node").isPresent()
                        && Files.isDirectory(CONSOLE.resolve("node_modules/playwright-core")),
                "No browser test: needs chromium, node and 'npm ci' in " + CONSOLE);
        CountDownLatch ready = new CountDownLatch(1);
        CompletableFuture<List<String>> stack = CompletableFuture.supplyAsync(() -> up(ready));
        try {
            assertThat(ready.await(120, TimeUnit.SECONDS))
                    .as("the stack is ready")
                    .isTrue();
            visit.to(new ObjectMapper().readTree(home.resolve("stack.json").toFile()));
        } finally {
            palimpsest(0, "down");
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

    private List<String> palimpsest(int exitCode, String... arguments) throws Exception {
        return new PalimpsestProcess(home, Map.of()).run(exitCode, line -> {}, arguments);
    }

    /** The audit's id. */
    private String submit(String spec) throws Exception {
        Path file = Files.writeString(work.resolve("audit.yaml"), spec);
        List<String> lines = palimpsest(0, "submit", file.toString());
        return lines.get(lines.size() - 1);
    }

    private static void node(JsonNode stack, Map<String, String> environment, String... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        Stream.concat(Stream.of("node"), Stream.of(arguments)).toList())
                .directory(CONSOLE.toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(environment);
        builder.environment()
                .putAll(Map.of(
                        "GATEWAY", stack.path("gateway").asText(),
                        "TOKEN", stack.path("token").asText(),
                        "REPO", REPO.toString(),
                        "CHROMIUM", CHROMIUM.orElseThrow().toString()));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        System.out.println(output);
    }

    private static Optional<Path> onPath(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
