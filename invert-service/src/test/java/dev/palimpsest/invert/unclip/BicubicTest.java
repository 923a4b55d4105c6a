package dev.palimpsest.invert.unclip;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BicubicTest {
    @ParameterizedTest
    @CsvSource({"16, 64", "7, 20", "64, 256"})
    void matchesTheReference(int from, int to) {
        String unit = "resize_" + from + "_to_" + to;
        try (Reference reference = new Reference("units", "")) {
            float[] flat = new float[to * from];
            double[][] matrix = Bicubic.matrix(from, to);
            for (int i = 0; i < flat.length; i++) {
                flat[i] = (float) matrix[i / from][i % from];
            }
            reference.assertClose(unit + "/matrix", flat, 1e-5);
            double tolerance = reference
                    .json()
                    .path("outputs")
                    .path(unit + "/out")
                    .path("tolerance")
                    .asDouble();
            reference.assertClose(unit + "/out", Bicubic.enlarge(reference.floats(unit + "/in"), from, to), tolerance);
        }
    }

    @ParameterizedTest
    @CsvSource({"5, 5", "3, 4"})
    void rowsSumToOne(int from, int to) {
        for (double[] row : Bicubic.matrix(from, to)) {
            double sum = 0;
            for (double weight : row) {
                sum += weight;
            }
            assertThat(sum).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-12));
        }
    }
}
