package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
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

    /** Classes are looked for in the data: before anything is sent, and without a gateway. */
    @Test
    void aStudyWithACellThatCannotBeTrainedIsRefusedByLint() throws IOException {
        Files.writeString(folder.resolve("texts.csv"), """
                text,label,part
                one,a,member
                two,a,member
                three,b,member
                four,b,member
                five,lonely,member
                """);
        String study = """
                apiVersion: palimpsest/v1
                name: s
                audit: { backbone: minilm-l6-v2, target: { train: { dataset: texts.csv } } }
                grid: { target.train.classes: [[a, b]%s] }
                """;
        Path good = Files.writeString(folder.resolve("good.yaml"), study.formatted(""));
        Path bad = Files.writeString(folder.resolve("bad.yaml"), study.formatted(", [a, lonely]"));

        assertThat(execute("lint", good.toString())).isZero();
        assertThat(execute("study", "--dry-run", good.toString())).isZero();
        assertThat(execute("lint", bad.toString())).isEqualTo(2);
        assertThat(execute("study", "--dry-run", bad.toString())).isEqualTo(1);
        assertThat(execute("study", "--minutes", "0", good.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("--minutes 0 is too little for a single cell");
    }

    private int execute(String... arguments) {
        CommandLine line = Palimpsest.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }
}
