package dev.palimpsest.invert.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.artifacts.npy.Npy;
import dev.palimpsest.artifacts.safetensors.Dtype;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Normaliser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NearestTest {
    private static final int ROWS = 5000;
    private static final int WIDTH = 301;

    @TempDir
    Path folder;

    /** More rows than a block, an odd width, and a normaliser that changes the order. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void findsWhatComparingAllOneByOneFinds(int threads) {
        SplittableRandom random = new SplittableRandom(5);
        float[] rows = gaussian(random, ROWS * WIDTH);
        double[] x = random.doubles(WIDTH, -1, 1).toArray();
        Normaliser normaliser = new Normaliser(
                random.doubles(WIDTH, -1, 1).toArray(),
                random.doubles(WIDTH, 0.1, 3).toArray());
        Path file = folder.resolve("gallery.safetensors");
        SafetensorsWriter.write(
                file,
                Map.of(
                        "embeddings",
                        Tensor.ofFloats(rows, ROWS, WIDTH),
                        "names",
                        Tensor.ofBytes("first\nsecond".getBytes(StandardCharsets.UTF_8))),
                Map.of());

        List<Nearest.Hit> hits = Nearest.find(Gallery.open(file), normaliser, x, 7, threads);

        double[] scores = normaliser.apply(rows);
        List<Integer> expected = IntStream.range(0, ROWS)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -cosine(scores, i, x)))
                .limit(7)
                .toList();
        assertThat(hits).extracting(Nearest.Hit::row).containsExactlyElementsOf(expected);
        hits.forEach(hit -> assertThat(hit.cosine()).isCloseTo(cosine(scores, hit.row(), x), within(1e-12)));
        assertThat(hits.get(0).name()).isEqualTo("#" + hits.get(0).row());
    }

    @Test
    void ofEqualsTheFirstAndNothingThatPointsNowhere() {
        Tensor rows = Tensor.ofFloats(new float[] {0, 0, 1, 1, Float.NaN, 1, 2, 2, 0, 1}, 5, 2);
        Gallery gallery = Gallery.of("made", rows, List.of("zero", "one", "nan", "two", "up"));
        assertThat(Nearest.find(gallery, null, new double[] {3, 3}, 9, 2))
                .extracting(Nearest.Hit::name)
                .containsExactly("one", "two", "up");
        assertThat(Nearest.find(gallery, null, new double[] {3, 3}, 1, 2))
                .extracting(Nearest.Hit::name)
                .containsExactly("one");
    }

    @Test
    void halfPrecisionIsReadToo() {
        // 1, 2 and -1, 0.5 as float16.
        byte[] halves = {0, 0x3c, 0, 0x40, 0, (byte) 0xbc, 0, 0x38};
        Tensor rows = Tensor.ofRaw(Dtype.F16, halves, 2, 2);
        assertThat(Nearest.find(Gallery.of("made", rows, List.of("a", "b")), null, new double[] {-2, 1}, 1, 1))
                .containsExactly(new Nearest.Hit(1, "b", 1.0));
    }

    @Test
    void whatCannotBeComparedIsSaidFirst() throws Exception {
        Gallery gallery = Gallery.of("made", Tensor.ofFloats(new float[] {0, 0}, 1, 2), List.of("zero"));
        assertCode(ErrorCode.SHAPE_MISMATCH, gallery, 1, 2, 3);
        assertCode(ErrorCode.NOT_FINITE, gallery, 1, Double.NaN);
        assertCode(ErrorCode.BAD_DATA, gallery, 0, 0);
        assertCode(ErrorCode.BAD_DATA, gallery, 1, 1);
        Path vector = folder.resolve("vector.npy");
        Files.write(vector, Npy.write(new float[] {1, 2}));
        assertThatThrownBy(() -> Gallery.open(vector)).hasMessageContaining("shape [2], expected [n, d]");
    }

    private static void assertCode(ErrorCode code, Gallery gallery, double... x) {
        assertThatThrownBy(() -> Nearest.find(gallery, null, x, 1, 1))
                .isInstanceOfSatisfying(
                        PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static float[] gaussian(SplittableRandom random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static double cosine(double[] rows, int row, double[] x) {
        double dot = 0;
        double rr = 0;
        double xx = 0;
        for (int j = 0; j < x.length; j++) {
            double r = rows[row * x.length + j];
            dot += r * x[j];
            rr += r * r;
            xx += x[j] * x[j];
        }
        return dot / Math.sqrt(rr * xx);
    }
}
