package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class TorchTest {

    @Test
    void isOffline() {
        Torch.engine();
        assertThat(System.getProperty("ai.djl.offline")).isEqualTo("true");
    }

    @Test
    void sameSeedGivesSameNumbers() {
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            Torch.seed(1L << 40);
            float[] first = manager.randomNormal(new Shape(5)).toFloatArray();
            Torch.seed(1L << 40);
            assertThat(manager.randomNormal(new Shape(5)).toFloatArray()).containsExactly(first);
            Torch.seed((1L << 40) + 1);
            assertThat(manager.randomNormal(new Shape(5)).toFloatArray()).isNotEqualTo(first);
        }
    }

    @Test
    void readsDevices() {
        assertThat(Torch.device("CPU")).isEqualTo(Device.cpu());
        assertThatThrownBy(() -> Torch.device("tpu"))
                .hasMessageContaining("'tpu' is not known; expected cpu, cuda or cuda:N");
        assertThatThrownBy(() -> Torch.device("cuda:99")).hasMessageContaining("'cuda:99' is not there");
    }

    @Test
    void refusesNoThreads() {
        assertThatThrownBy(() -> Torch.threads(0)).hasMessageContaining("expected at least 1, found 0");
    }

    @Test
    void knowsTheMemoryThatIsFree() {
        assertThat(Torch.freeMemory(Device.cpu())).isGreaterThan(1L << 20);
    }
}
