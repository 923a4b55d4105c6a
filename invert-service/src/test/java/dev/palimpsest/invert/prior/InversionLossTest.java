package dev.palimpsest.invert.prior;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.models.Torch;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InversionLossTest {
    private static final Normaliser NORMALISER = new Normaliser(
            new double[] {0.5, 0.4, 0.6, 0.5, 0.5, 0.3, 0.5, 0.4}, new double[] {.2, .3, .2, .1, .2, .2, .3, .2});

    private TinyBackbone backbone;

    @BeforeEach
    void open() {
        Torch.threads(1);
        backbone = new TinyBackbone();
    }

    @AfterEach
    void close() {
        backbone.close();
    }

    @Test
    void isZeroForThePicturesOwnEmbeddingAndTwoForItsOpposite() {
        NDArray picture = picture();
        double[] own = NORMALISER.apply(embedding(picture));
        double[] opposite = Arrays.stream(own).map(v -> -3 * v).toArray();
        assertThat(loss(own, NORMALISER, picture)).isCloseTo(0, within(1e-5));
        assertThat(loss(opposite, NORMALISER, picture)).isCloseTo(2, within(1e-5));
    }

    @Test
    void isTheCosineInTheSpaceOfTheHead() {
        NDArray picture = picture();
        double[] wanted = {1, -2, 0.5, 0.25, -1, 1.5, 2, -0.5};
        double[] seen = NORMALISER.apply(embedding(picture));
        double dot = 0;
        for (int i = 0; i < seen.length; i++) {
            dot += seen[i] * wanted[i];
        }
        double cosine = dot / SpaceCheck.length(seen) / SpaceCheck.length(wanted);
        assertThat(loss(wanted, NORMALISER, picture)).isCloseTo(1 - cosine, within(1e-5));
    }

    @Test
    void ofSeveralPicturesEachIsComparedWithItsOwnEmbedding() {
        NDArray picture = picture();
        NDArray darker = picture.div(2f);
        double[] own = NORMALISER.apply(embedding(picture));
        double[] wanted = {1, -2, 0.5, 0.25, -1, 1.5, 2, -0.5};
        InversionLoss both = new InversionLoss(backbone.manager(), backbone, NORMALISER, List.of(wanted, own));
        float[] losses = both.of(new NDList(darker, picture)).toFloatArray();
        assertThat(losses).hasSize(2);
        assertThat((double) losses[0]).isCloseTo(loss(wanted, NORMALISER, darker), within(1e-5));
        assertThat((double) losses[1]).isCloseTo(0, within(1e-5));
    }

    @Test
    void embeddingsThatCannotBeInvertedAreRefused() {
        refused(new double[7], null, ErrorCode.SHAPE_MISMATCH, "has 7 numbers, but backbone tiny makes 8");
        refused(new double[8], null, ErrorCode.BAD_DATA, "zero");
        double[] broken = {1, 2, Double.NaN, 4, 5, 6, 7, 8};
        refused(broken, null, ErrorCode.NOT_FINITE, "Number 2 of the embedding is NaN");
        Normaliser narrow = new Normaliser(new double[] {0}, new double[] {1});
        refused(
                new double[] {1, 2, 3, 4, 5, 6, 7, 8},
                narrow,
                ErrorCode.SHAPE_MISMATCH,
                "normaliser is for 1 features");
    }

    @Test
    void hugeEmbeddingsHaveALength() {
        assertThat(SpaceCheck.length(new double[] {3e200, 4e200})).isCloseTo(5e200, within(1e188));
    }

    @Test
    void aSizeThatTheBackboneDoesNotTakeIsRefused() {
        assertThatThrownBy(() -> DeepImagePrior.start(
                        List.of(new DeepImagePrior.Start(
                                PriorSettings.fast(50, 10, 1), new double[] {1, 2, 3, 4, 5, 6, 7, 8})),
                        backbone,
                        null))
                .hasMessageContaining("tiny does not take pictures of 50 pixels. Use 48");
    }

    private void refused(double[] embedding, Normaliser normaliser, ErrorCode code, String message) {
        assertThatThrownBy(() -> new InversionLoss(backbone.manager(), backbone, normaliser, List.of(embedding)))
                .isInstanceOfSatisfying(
                        PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    private double loss(double[] wanted, Normaliser normaliser, NDArray picture) {
        return new InversionLoss(backbone.manager(), backbone, normaliser, List.of(wanted)).of(picture, 0);
    }

    private NDArray picture() {
        NDManager manager = backbone.manager();
        Torch.seed(2);
        return manager.randomUniform(0f, 1f, new Shape(1, 3, 48, 48));
    }

    private float[] embedding(NDArray picture) {
        return backbone.embed(backbone.preprocessing().normalise(picture)).toFloatArray();
    }
}
