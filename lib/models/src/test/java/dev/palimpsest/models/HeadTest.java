package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A head of 3 inputs, 2 neurons and 2 classes, and what can be wrong with it. */
class HeadTest {
    @TempDir
    private Path folder;

    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    @BeforeEach
    void wellFormed() {
        tensors.put("0.weight", Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        tensors.put("0.bias", Tensor.ofFloats(new float[] {7, 8}, 2));
        tensors.put("2.weight", Tensor.ofFloats(new float[] {9, 10, 11, 12}, 2, 2));
    }

    @Test
    void readsWeightsRowByRow() {
        Head head = read();
        assertThat(head.inputs()).isEqualTo(3);
        assertThat(head.hidden()).isEqualTo(2);
        assertThat(head.outputs()).isEqualTo(2);
        assertThat(head.linear()).isFalse();
        assertThat(head.w()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(head.b()).containsExactly(7, 8);
        assertThat(head.v()).containsExactly(9, 10, 11, 12);
        assertThat(head.c()).isNull();
        assertThat(head.requireHidden()).isSameAs(head);
        assertThat(head.requireInputs(3, "the backbone")).isSameAs(head);
    }

    @Test
    void whatIsSavedIsReadAgain() {
        Head head = Head.of(
                3, new double[] {1, 2, 3, 4, 5, 6}, new double[] {.5, .25}, new double[] {1, -1}, new double[] {3});
        head.save(folder.resolve("saved.safetensors"));
        Head file = Head.read(folder.resolve("saved.safetensors"));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        head.save(bytes);
        Head stream = Head.read(new ByteArrayInputStream(bytes.toByteArray()), "stream");
        for (Head back : new Head[] {file, stream}) {
            assertThat(back.w()).containsExactly(head.w());
            assertThat(back.b()).containsExactly(.5, .25);
            assertThat(back.v()).containsExactly(1, -1);
            assertThat(back.c()).containsExactly(3);
            assertThat(back.outputs()).isEqualTo(1);
        }
    }

    @Test
    void aLinearProbeIsRecognisedAndExplained() {
        tensors.remove("2.weight");
        Head head = read();
        assertThat(head.linear()).isTrue();
        assertThat(head.hidden()).isZero();
        assertThat(head.outputs()).isEqualTo(2);
        assertThatThrownBy(head::requireHidden)
                .hasMessageContaining("linear (2 x 3)")
                .hasMessageContaining("nothing to reconstruct per sample")
                .satisfies(code(ErrorCode.NOT_ATTACKABLE));
    }

    @Test
    void listsAllTensorsThatAreNoLinearLayer() {
        tensors.put("1.weight", Tensor.ofFloats(new float[2], 2));
        tensors.put("1.bias", Tensor.ofFloats(new float[2], 2));
        tensors.put("3.bias", Tensor.ofFloats(new float[2], 2));
        tensors.put("fc.weight", Tensor.ofFloats(new float[4], 2, 2));
        assertThatThrownBy(this::read)
                .hasMessageContaining("head.safetensors")
                .hasMessageContaining("unknown: 1.bias [2], 1.weight [2], 3.bias [2], fc.weight [2, 2]")
                .hasMessageContaining("normalisation layers")
                .satisfies(code(ErrorCode.BAD_FILE));
    }

    @Test
    void readsDeeperHeadsWithAndWithoutBiases() {
        tensors.remove("0.bias");
        tensors.put("3.weight", Tensor.ofFloats(new float[] {1, 2}, 1, 2));
        tensors.put("3.bias", Tensor.ofFloats(new float[] {5}, 1));
        Head head = read();
        assertThat(head.depth()).isEqualTo(2);
        assertThat(head.outputs()).isEqualTo(1);
        assertThat(head.biased()).isFalse();
        assertThat(head.plain()).isFalse();
        assertThat(head.b()).containsExactly(0, 0);
        assertThat(head.layers().get(2).bias()).containsExactly(5);
        assertThat(head.squaredLength()).isEqualTo(91 + 446 + 5 + 25);
        assertThat(head).hasToString("3-2-2-1, relu");
        assertThatThrownBy(head::v).hasMessageContaining("2 hidden layers");
    }

    @Test
    void theActivationTravelsWithTheFile() {
        Head head = read().with(HeadActivation.GELU);
        head.save(folder.resolve("gelu.safetensors"));
        assertThat(Head.read(folder.resolve("gelu.safetensors")).activation()).isEqualTo(HeadActivation.GELU);
        assertThat(read().activation()).isEqualTo(HeadActivation.RELU);
        assertThat(HeadActivation.named(" Tanh")).isEqualTo(HeadActivation.TANH);
        assertThatThrownBy(() -> HeadActivation.named("swish"))
                .hasMessageContaining("'swish'")
                .hasMessageContaining("relu, gelu, tanh")
                .satisfies(code(ErrorCode.BAD_SPEC));
    }

    @Test
    void namesTheShapeThatDoesNotFit() {
        tensors.put("2.weight", Tensor.ofFloats(new float[6], 2, 3));
        assertThatThrownBy(this::read)
                .hasMessageContaining("2.weight has shape [2, 3], expected [outputs, 2]")
                .satisfies(code(ErrorCode.SHAPE_MISMATCH));
    }

    @Test
    void countsNumbersThatAreNotFinite() {
        tensors.put("0.bias", Tensor.ofFloats(new float[] {Float.NaN, Float.POSITIVE_INFINITY}, 2));
        assertThatThrownBy(this::read)
                .hasMessageContaining("0.bias holds 2 of 2 numbers that are NaN or infinite")
                .satisfies(code(ErrorCode.NOT_FINITE));
    }

    @Test
    void saysWhenTheHeadIsOfAnotherBackbone() {
        assertThatThrownBy(() -> read().requireInputs(384, "dinov2-small-saliency"))
                .hasMessageContaining("takes 3 numbers, but dinov2-small-saliency has 384")
                .satisfies(code(ErrorCode.SHAPE_MISMATCH));
    }

    private Head read() {
        Path file = folder.resolve("head.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());
        return Head.read(file);
    }

    private static Consumer<Throwable> code(ErrorCode code) {
        return e -> assertThat(((PalimpsestException) e).code()).isEqualTo(code);
    }
}
