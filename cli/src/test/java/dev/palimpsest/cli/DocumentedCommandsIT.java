package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.cli.DocumentedCommandsTest.Documented;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs every command of the documentation in the order of its pages, by the shell, against a local stack that the documented {@code up}
 * starts. Minutes long, hence only on request: {@code mvn verify -Dpalimpsest.documented=true -Dit.test=DocumentedCommandsIT}. Shortened are
 * numbers of seconds, minutes and steps, and the study's cells; {@code demo} is run by {@link DemoIT}, unCLIP, which needs its published
 * weights, on small ones by {@link InvertUnClipTest}.
 */
@EnabledIfSystemProperty(named = "palimpsest.documented", matches = "true")
class DocumentedCommandsIT {
    private static final Path REPO = Path.of(System.getProperty("palimpsest.repo"));
    private static final long MINUTES = 8;

    private static final String STUDY = """
        apiVersion: palimpsest/v1
        name: A study for the test of the documentation
        backbone: examples/backbones/efficientnet-lite0
        target: { train: { dataset: examples/photos, perClass: 8, size: 128, hidden: 200, epochs: 6000 } }
        reconstruct: { seconds: 10 }
        invert: { top: 1, steps: 25, size: 64 }
        """;

    /** Two of the cells of examples/study-defences.yaml, on a smaller head. */
    private static final String DEFENCES = """
        apiVersion: palimpsest/v1
        name: Defences for the test of the documentation
        audit:
          backbone: examples/backbones/efficientnet-lite0
          target: { train: { dataset: examples/photos, perClass: 8, size: 128, hidden: 64, epochs: 1000 } }
          reconstruct: { seconds: 5 }
          invert: { top: 0 }
        variants:
          none: {}
          dropout 0.5: { target.train.defence.dropout: 0.5 }
        """;

    @TempDir
    static Path work;

    private static Process up;
    private static String study;
    private static String failed;

    private String audit = "";

    @BeforeAll
    static void prepare() throws Exception {
        Files.createSymbolicLink(work.resolve("palimpsest"), REPO.resolve("palimpsest"));
        Files.createSymbolicLink(work.resolve("examples"), REPO.resolve("examples"));
        Files.createDirectories(work.resolve("home/models"));
        Files.createSymbolicLink(
                work.resolve("home/models/dino-vitb16"), REPO.resolve("examples/backbones/efficientnet-lite0"));
        copy("animals", "train", 0);
        copy("landmarks", "train", 0);
        copy("animals", "held-out", 8);
        copy("landmarks", "held-out", 8);
        SafetensorsWriter.write(
                work.resolve("points.safetensors"),
                Map.of("points", Tensor.ofFloats(new float[] {1, 0, 0.99f, 0.1f, 0, 1}, 3, 2)),
                Map.of());

        up = start("./palimpsest up", work.resolve("up.log"));
        while (!Files.readString(work.resolve("up.log")).contains("The stack is ready")) {
            assertThat(up.waitFor(200, TimeUnit.MILLISECONDS))
                    .as(Files.readString(work.resolve("up.log")))
                    .isFalse();
        }
        Files.writeString(work.resolve("study.yaml"), STUDY);
        Files.writeString(work.resolve("defences.yaml"), DEFENCES);
        study = lastLine(run("./palimpsest submit study.yaml", 0));
        run("./palimpsest wait " + study, 0);
        Files.createDirectories(work.resolve("my-head"));
        Path targets = work.resolve("stack/data/s3/palimpsest/targets").resolve(study);
        for (String file : List.of("head.safetensors", "normaliser.safetensors")) {
            Files.copy(targets.resolve(file), work.resolve("my-head").resolve(file));
        }
        Files.writeString(work.resolve("token"), state().path("token").asText());
    }

    @AfterAll
    static void stop() throws Exception {
        up.destroy();
        if (!up.waitFor(60, TimeUnit.SECONDS)) {
            up.destroyForcibly();
        }
    }

    @Test
    void everyDocumentedCommandDoesWhatItSays() throws Exception {
        List<Documented> commands = DocumentedCommandsTest.DocumentedCommands.all().stream()
                .sorted((a, b) -> Boolean.compare(
                        b.where().contains("quickstart"), a.where().contains("quickstart")))
                .filter(command ->
                        !List.of("demo", "up", "down").contains(command.words().get(0)))
                .filter(command -> !command.words().contains("unclip"))
                .toList();
        Files.writeString(work.resolve("audit.yaml"), documentedSpec());
        for (Documented command : commands) {
            String line = "./palimpsest " + String.join(" ", command.words());
            if (line.contains("completion")) {
                line += " > palimpsest.bash";
            }
            perform(line);
        }
        run("bash -n palimpsest.bash", 0);
        run("./palimpsest down", 0);
        assertThat(up.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    /** Runs a line with what its placeholders stand for. */
    private void perform(String line) throws Exception {
        if (line.contains(" pause ")) {
            audit = lastLine(run("./palimpsest submit audit.yaml --again", 0));
        }
        if (line.contains(" membership ")) {
            Files.copy(work.resolve("my-head/members.safetensors"), work.resolve("mine.safetensors"));
        }
        String id = line.contains(" retry ") ? failed() : audit;
        String concrete = line.replace(
                        "http://127.0.0.1:8080", state().path("gateway").asText())
                .replace("--seconds 60", "--seconds 20")
                .replace("--baseline", "--seconds 5 --baseline")
                .replace("examples/study-defences.yaml", "defences.yaml")
                .replace("--minutes 30", "--minutes 4")
                .replaceAll("\\bOTHER-LETTER\\b", Matcher.quoteReplacement(line.contains("LETTER") ? letter() : ""))
                .replaceAll("\\bLETTER\\b", Matcher.quoteReplacement(line.contains("LETTER") ? letter() : ""))
                .replaceAll("\\bOTHER\\b", study)
                .replaceAll("\\bAUDIT\\b", study)
                .replaceAll("\\bID\\b", id);
        if (line.startsWith("./palimpsest invert")) {
            concrete += " --steps 25";
        }
        String printed = run(concrete, exitCodes(line));
        if (line.contains(" submit ") && line.contains("--watch")) {
            audit = printed.lines()
                    .filter(text -> text.matches("a[0-9a-f]{15}"))
                    .findFirst()
                    .orElseThrow();
            assertThat(printed).contains("Grade ");
        }
    }

    /** What a command may end with. */
    private static Set<Integer> exitCodes(String line) {
        if (line.contains("--from invert")) {
            // The failed audit has failed before its pictures: there is nothing to do again from that stage on.
            return Set.of(1);
        }
        if (line.contains("--fail-on")) {
            return Set.of(0, 3);
        }
        // In four minutes there may be nothing to advise; the audit that failed left dead letters, which doctor finds
        // wrong.
        return line.contains(" advise ") || line.contains(" doctor") ? Set.of(0, 1) : Set.of(0);
    }

    /** The quickstart's own spec, with less to do. */
    private static String documentedSpec() throws IOException {
        Matcher yaml = Pattern.compile("```yaml\\n(apiVersion.*?)```", Pattern.DOTALL)
                .matcher(Files.readString(REPO.resolve("docs/quickstart.md")));
        assertThat(yaml.find()).isTrue();
        return yaml.group(1)
                .replace("seconds: 60", "seconds: 5")
                .replaceAll("top: 8, steps: \\d+, size: 128", "top: 2, steps: 50, size: 64");
    }

    /** An audit that failed: what its spec calls a head is none. */
    private static String failed() throws Exception {
        if (failed == null) {
            Files.writeString(
                    work.resolve("failing.yaml"),
                    documentedSpec().replace("head: my-head/head.safetensors", "head: my-head/members.safetensors"));
            failed = lastLine(run("./palimpsest submit failing.yaml", 0));
            run("./palimpsest wait " + failed, 1);
        }
        return failed;
    }

    /** An open letter of the audit that failed; one that was replayed comes back as another. */
    private static String letter() throws Exception {
        String id = failed();
        for (int i = 0; i < 60; i++) {
            JsonNode letters = new ObjectMapper()
                    .readTree(run("./palimpsest dlq list --state open --output json --audit " + id, 0));
            if (!letters.isEmpty()) {
                return letters.get(0).path("id").asText();
            }
        }
        throw new AssertionError("no open dead letter of " + id);
    }

    private static JsonNode state() throws IOException {
        return new ObjectMapper().readTree(work.resolve("stack/stack.json").toFile());
    }

    private static void copy(String kind, String to, int from) throws IOException {
        Files.createDirectories(work.resolve(to));
        try (Stream<Path> photos = Files.list(REPO.resolve("examples/photos").resolve(kind))) {
            for (Path photo : photos.filter(path -> path.toString().endsWith(".jpg"))
                    .sorted()
                    .skip(from)
                    .limit(8)
                    .toList()) {
                Files.copy(photo, work.resolve(to).resolve(kind + "-" + photo.getFileName()));
            }
        }
    }

    private static String run(String line, int exitCode) throws Exception {
        return run(line, Set.of(exitCode));
    }

    private static String run(String line, Set<Integer> exitCodes) throws Exception {
        System.out.println(line);
        Path log = Files.createTempFile(work, "run", ".log");
        Process process = start(line, log);
        try {
            assertThat(process.waitFor(MINUTES, TimeUnit.MINUTES)).as(line).isTrue();
        } finally {
            process.destroy();
        }
        String printed = Files.readString(log);
        assertThat(process.exitValue()).as(line + "\n" + printed).isIn(exitCodes);
        return printed;
    }

    private static Process start(String line, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", "exec " + line)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .putAll(Map.of(
                        "PALIMPSEST_HOME", work.resolve("stack").toString(),
                        "PALIMPSEST_NO_BUILD", "1",
                        "HOME", work.resolve("home").toString()));
        return builder.start();
    }

    private static String lastLine(String text) {
        return text.strip().lines().reduce((before, last) -> last).orElse("");
    }
}
