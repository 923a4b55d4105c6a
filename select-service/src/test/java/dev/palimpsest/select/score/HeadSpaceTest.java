package dev.palimpsest.select.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Normaliser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeadSpaceTest {
    private static final Normaliser NORMALISER = new Normaliser(new double[] {1, 2}, new double[] {2, 4});

    @Test
    void normalisesAsTheHeadsInputWas() {
        assertThat(HeadSpace.read(file(), "members", NORMALISER, 2)).containsExactly(0, 0, 1, -1);
    }

    @Test
    void leavesRawEmbeddingsOfAHeadWithoutNormaliser() {
        assertThat(HeadSpace.read(file(), "members", null, 2)).containsExactly(1, 2, 3, -2);
    }

    @Test
    void refusesEmbeddingsOfAnotherWidth() {
        PalimpsestException refused =
                catchThrowableOfType(PalimpsestException.class, () -> HeadSpace.read(file(), "members", null, 4));

        assertThat(refused.code()).isEqualTo(ErrorCode.SHAPE_MISMATCH);
        assertThat(refused)
                .hasMessage(
                        "'members' of safetensors owner.safetensors (1 tensors) has shape [2, 2], the head takes [n, 4]");
    }

    private static Safetensors file() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SafetensorsWriter.write(bytes, Map.of("members", Tensor.ofFloats(new float[] {1, 2, 3, -2}, 2, 2)), Map.of());
        return Safetensors.read(new ByteArrayInputStream(bytes.toByteArray()), "owner.safetensors");
    }
}
