package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What somebody sees who types something without having read the manual. */
class PalimpsestTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "up",
                "down",
                "submit",
                "list",
                "get",
                "watch",
                "report",
                "doctor",
                "embed",
                "attack",
                "cluster",
                "invert",
                "backbone",
                "lint",
                "wait",
                "cancel",
                "pause",
                "resume",
                "retry",
                "compare",
                "study",
                "advise",
                "dlq",
                "completion"
            })
    void everyCommandHasHelp(String command) {
        assertThat(execute(command, "--help")).isZero();
        assertThat(out.toString()).contains("Usage: palimpsest " + command);
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aCommandThatThereIsNotIsUsage() {
        assertThat(execute("demmo")).isEqualTo(2);
        assertThat(err.toString()).contains("demo");
    }

    @Test
    void aFileThatThereIsNotIsOneSentence() {
        String missing = folder.resolve("points.safetensors").toString();
        assertThat(execute("cluster", "--points", missing, "--threshold", "0.9", "--out", missing + ".out"))
                .isEqualTo(1);
        assertThat(err.toString()).startsWith("palimpsest: ").contains(missing).doesNotContain("\tat ");
    }

    private int execute(String... arguments) {
        CommandLine line = Palimpsest.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }
}
