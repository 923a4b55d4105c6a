package dev.palimpsest.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.testkit.Fixtures;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MiniLmTest {
    private static MiniLm network;

    @BeforeAll
    static void open() {
        network = MiniLm.open(1);
    }

    @AfterAll
    static void close() {
        network.close();
    }

    /** The names of this head case's samples are the texts; their embeddings are the reference's, in 16 bits. */
    @ParameterizedTest
    @ValueSource(strings = {"members", "controls"})
    void agreesWithTheReference(String part) throws IOException {
        try (Safetensors file = Safetensors.open(Fixtures.fixture("heads/text2/" + part + ".safetensors"))) {
            float[] reference = file.tensor("embeddings").toFloats();
            List<String> texts = new ArrayList<>();
            for (JsonNode text : Json.mapper().readTree(file.metadata().get("sources"))) {
                texts.add(text.asText());
            }
            assertThat(texts).hasSize(100);
            double worst = 1;
            for (int from = 0; from < 100; from += 10) {
                float[] rows = network.embed(texts.subList(from, from + 10));
                for (int i = 0; i < 10; i++) {
                    worst = Math.min(worst, cosine(rows, i, reference, from + i));
                }
            }
            assertThat(worst).isGreaterThan(0.9999);
        }
    }

    @Test
    void aTextIsTheSameInAnyCompanyAndHasLengthOne() {
        List<String> texts =
                List.of("chess", "a much longer text about the rules of chess, and how they came to be", "");
        float[] together = network.embed(texts);
        for (int i = 0; i < texts.size(); i++) {
            assertThat(cosine(together, i, network.embed(List.of(texts.get(i))), 0))
                    .isCloseTo(1, within(1e-5));
            assertThat(cosine(together, i, together, i)).isCloseTo(1, within(1e-9));
        }
        assertThat(cosine(together, 0, together, 1)).isBetween(0.4, 0.95);
        assertThat(network.embed(texts)).containsExactly(together);
    }

    @Test
    void whatComesAfterTheLimitCountsForNothing() {
        String long1 = "chess ".repeat(MiniLm.LONGEST);
        float[] rows = network.embed(List.of(long1 + "elephant", long1 + "physics"));
        assertThat(Arrays.copyOf(rows, MiniLm.DIMENSION))
                .containsExactly(Arrays.copyOfRange(rows, MiniLm.DIMENSION, 2 * MiniLm.DIMENSION));
        float[] shorter = network.embed(List.of("chess ".repeat(200) + "elephant", "chess ".repeat(200) + "physics"));
        assertThat(cosine(shorter, 0, shorter, 1)).isLessThan(0.9999);
    }

    @Test
    void itsConfigSaysWhatItIs() throws IOException {
        JsonNode config = Json.mapper().readTree(MiniLm.config());
        assertThat(config.path("model_type").asText()).isEqualTo("minilm-l6-v2");
        assertThat(config.path("weights_sha256").asText()).hasSize(64);
        assertThat(MiniLm.config()).isEqualTo(MiniLm.config());
    }

    private static double cosine(float[] a, int i, float[] b, int j) {
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int k = 0; k < MiniLm.DIMENSION; k++) {
            double x = a[i * MiniLm.DIMENSION + k];
            double y = b[j * MiniLm.DIMENSION + k];
            dot += x * y;
            aa += x * x;
            bb += y * y;
        }
        return dot / Math.sqrt(aa * bb);
    }
}
