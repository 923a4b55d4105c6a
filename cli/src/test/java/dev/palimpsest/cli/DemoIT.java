package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code ./palimpsest demo --quick} as a new user does, on the built tree: every service, a real broker and a real store. */
class DemoIT {
    /** A picture is one unit and takes several times this. */
    private static final String SHORT_POLL_INTERVAL =
            "-Dmp.messaging.connector.smallrye-kafka.max.poll.interval.ms=6000"
                    + " -Dmp.messaging.connector.smallrye-kafka.session.timeout.ms=6000"
                    + " -Dmp.messaging.connector.smallrye-kafka.heartbeat.interval.ms=1000";

    @TempDir
    static Path home;

    @TempDir
    Path otherHome;

    private static final Set<String> killed = new HashSet<>();
    private static List<String> lines;
    private static Path report;

    @BeforeAll
    static void runTheDemoWithWorkersKilledInTheMiddleOfLongUnits() throws Exception {
        lines = new PalimpsestProcess(home, Map.of("JAVA_TOOL_OPTIONS", SHORT_POLL_INTERVAL))
                .run(
                        line -> {
                            if (line.matches(".* [3-8]\\d{3}/10000 epochs .*")) {
                                kill("embed");
                            } else if (line.matches(".* (75|100|125|150)/200 steps .*")) {
                                kill("invert-1");
                                kill("invert-2");
                            }
                        },
                        "demo",
                        "--quick");
        report = reportOf(lines);
    }

    @Test
    void rebuildsMembersAndASecondRunFindsItDone() throws Exception {
        JsonNode verdict = numbers(report).path("verdict");
        assertThat(verdict.path("members").asInt()).isEqualTo(72);
        assertThat(verdict.path("matched").path("0.75").asInt()).isGreaterThanOrEqualTo(15);
        assertThat(verdict.path("matched").path("0.9").asInt()).isGreaterThanOrEqualTo(12);
        assertThat(verdict.path("matchedControls").path("0.75").asInt()).isZero();
        assertThat(Files.readString(report)).contains("data:image/png;base64,").contains("Animals or landmarks, quick");

        assertThat(numbers(report).path("gallery"))
                .allMatch(entry ->
                        entry.path("measures").path("member").path("ssim").isNumber())
                .filteredOn(entry -> entry.has("upperBound"))
                .singleElement()
                .matches(entry -> entry.path("measures")
                        .path("upperBound")
                        .path("distance")
                        .isNumber());

        List<String> second = new PalimpsestProcess(home, Map.of()).run(line -> {}, "demo", "--quick");
        assertThat(reportOf(second)).isEqualTo(report);
        assertThat(numbers(report).path("verdict")).isEqualTo(verdict);
    }

    @Test
    void workersThatWereKilledAreStartedAgainAndTheirUnitsAreDone() {
        assertThat(killed).contains("embed", "invert-1");
        for (String service : killed) {
            assertThat(lines).anyMatch(line -> line.startsWith(service + " stopped (exit code 137"));
        }
        assertThat(lines).anyMatch(line -> line.contains("picture 3 of 3 is finished"));
    }

    /** {@code ChaosIT} compares digests in every build, of a small study. */
    @Test
    @EnabledIfSystemProperty(
            named = "long",
            matches = "true",
            disabledReason = "takes minutes: ask for it with -Dlong=true")
    void aRunThatNobodyDisturbsEndsTheSame() throws Exception {
        Path undisturbed = reportOf(new PalimpsestProcess(otherHome, Map.of()).run(line -> {}, "demo", "--quick"));
        assertThat(numbers(undisturbed).path("verdict"))
                .isEqualTo(numbers(report).path("verdict"));
        assertThat(pictures(undisturbed)).hasSize(3).isEqualTo(pictures(report));
        assertThat(receipts(otherHome)).isEqualTo(receipts(home));
    }

    /** SIGKILL, once per service. */
    private static void kill(String service) {
        try {
            JsonNode pid = new ObjectMapper()
                    .readTree(home.resolve("stack.json").toFile())
                    .path("processes")
                    .path(service);
            if (!pid.isMissingNode() && killed.add(service)) {
                assertThat(ProcessHandle.of(pid.asLong()).orElseThrow().destroyForcibly())
                        .isTrue();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path reportOf(List<String> lines) {
        Path path = Path.of(lines.get(lines.size() - 1));
        assertThat(path).isRegularFile().hasFileName("report.html");
        return path;
    }

    private static JsonNode numbers(Path report) throws IOException {
        return new ObjectMapper().readTree(report.resolveSibling("report.json").toFile());
    }

    /** Digest of each picture by its name. */
    private static Map<String, String> pictures(Path report) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        numbers(report)
                .path("gallery")
                .forEach(entry -> digests.put(
                        entry.path("item").asText(),
                        entry.path("picture").path("sha256").asText()));
        return digests;
    }

    /** Names of the units that took effect, without the audit's id. */
    private static Set<String> receipts(Path home) throws IOException {
        Path folder = home.resolve("data/s3/palimpsest/receipts");
        try (Stream<Path> files = Files.walk(folder)) {
            Set<String> names = new TreeSet<>();
            files.filter(Files::isRegularFile)
                    .map(folder::relativize)
                    .map(path -> path.subpath(1, path.getNameCount()).toString())
                    .forEach(names::add);
            return names;
        }
    }
}
