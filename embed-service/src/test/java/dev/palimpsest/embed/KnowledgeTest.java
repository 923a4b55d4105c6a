package dev.palimpsest.embed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class KnowledgeTest {
    private static final Tensor TWO_OF_THREE = Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);

    @Test
    void membersOfAReleasedHeadNeedNoControls() {
        Knowledge knowledge = Knowledge.released(TWO_OF_THREE, null, 3);

        assertThat(knowledge.members()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(knowledge.memberLabels()).hasSize(2);
        assertThat(knowledge.controls()).isEmpty();
        assertThat(knowledge.controlLabels()).isEmpty();
    }

    @Test
    void takesControlsOfAnyNumber() {
        Knowledge knowledge = Knowledge.released(TWO_OF_THREE, Tensor.ofFloats(new float[] {7, 8, 9}, 1, 3), 3);

        assertThat(knowledge.controls()).containsExactly(7, 8, 9);
        assertThat(knowledge.controlLabels()).hasSize(1);
    }

    @Test
    void embeddingsOfAnotherWidthAreRefusedEvenIfTheirNumbersWouldFit() {
        Tensor threeOfTwo = Tensor.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);

        assertThatThrownBy(() -> Knowledge.released(TWO_OF_THREE, threeOfTwo, 3))
                .hasMessageContaining("controls: 'embeddings' has shape [3, 2], expected [n, 3]")
                .asInstanceOf(InstanceOfAssertFactories.type(PalimpsestException.class))
                .extracting(PalimpsestException::code)
                .isEqualTo(ErrorCode.SHAPE_MISMATCH);
    }
}
