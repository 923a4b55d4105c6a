package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@code ./palimpsest demo --quick} as a new user does, on the built tree: every service, a real broker and a real store. */
class DemoIT {
    private static final long MINUTES = 12;

    @TempDir
    Path home;

    @Test
    void theQuickDemoRebuildsMembersAndASecondRunFindsItDone() throws Exception {
        List<String> first = palimpsest("demo", "--quick");

        Path report = Path.of(first.get(first.size() - 1));
        assertThat(report).isRegularFile().hasFileName("report.html");
        JsonNode numbers =
                new ObjectMapper().readTree(report.resolveSibling("report.json").toFile());
        JsonNode verdict = numbers.findValue("verdict");
        assertThat(verdict.path("members").asInt()).isEqualTo(72);
        assertThat(verdict.path("matched").path("0.75").asInt()).isGreaterThanOrEqualTo(15);
        assertThat(verdict.path("matched").path("0.9").asInt()).isGreaterThanOrEqualTo(12);
        assertThat(verdict.path("matchedControls").path("0.75").asInt()).isZero();
        assertThat(Files.readString(report)).contains("data:image/png;base64,").contains("Animals or landmarks, quick");
        assertThat(first).anyMatch(line -> line.contains("picture 3 of 3 is finished"));

        List<String> second = palimpsest("demo", "--quick");
        assertThat(second.get(second.size() - 1)).isEqualTo(report.toString());
        JsonNode again =
                new ObjectMapper().readTree(report.resolveSibling("report.json").toFile());
        assertThat(again.findValue("verdict")).isEqualTo(verdict);
    }

    private List<String> palimpsest(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("palimpsest.repo"), "palimpsest").toString());
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile("demo", ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("PALIMPSEST_HOME", home.toString());
        builder.environment().put("PALIMPSEST_NO_BUILD", "1");
        Process process = builder.start();
        try {
            assertThat(process.waitFor(MINUTES, TimeUnit.MINUTES))
                    .as("finished within %d minutes:%n%s", MINUTES, Files.readString(output))
                    .isTrue();
        } finally {
            process.destroy();
        }
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Files.readAllLines(output);
    }
}
