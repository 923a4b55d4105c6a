package dev.palimpsest.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.contracts.Json;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What commands print and end with. */
class CommandOutputTest {
    @ParameterizedTest
    @CsvSource({"A,B,0", "B,B,3", "E,B,3", "A,A,3", "D,E,0", "D,,0", ",C,1", ",,0"})
    void theGateIsTheGradeOrWorse(String found, GradeGate.Grade failOn, int code) throws IOException {
        GradeGate gate = new GradeGate();
        gate.failOn = failOn;
        JsonNode view = Json.mapper()
                .readTree(found == null ? "{\"verdict\":null}" : "{\"verdict\":{\"grade\":\"" + found + "\"}}");
        assertThat(gate.code(view, 0)).isEqualTo(code);
        assertThat(gate.code(view, 1))
                .as("an audit that failed is no clean one")
                .isEqualTo(1);
    }

    @Test
    void aSparklineShowsTheLastSixteenValues() {
        Sparkline line = new Sparkline();
        line.add(3);
        assertThat(line).hasToString("");
        line.add(3);
        line.add(1);
        line.add(Double.NaN);
        line.add(2);
        assertThat(line).hasToString("\u2588\u2581\u2585");
        for (int i = 0; i < 30; i++) {
            line.add(10 + i);
        }
        assertThat(line.toString()).hasSize(16).startsWith("\u2581").endsWith("\u2588");
    }

    @Test
    void coloursAreForTerminalsOnlyAndNeverPartOfTheWidth() {
        assertThat(new Style(false).grade("E", 4)).isEqualTo("E   ");
        assertThat(new Style(true).grade("E", 4)).isEqualTo("\u001b[31mE   \u001b[0m");
        assertThat(new Style(true).state("done", 6)).isEqualTo("\u001b[32mdone  \u001b[0m");
    }
}
