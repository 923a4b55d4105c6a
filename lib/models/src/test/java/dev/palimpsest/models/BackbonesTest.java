package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackbonesTest {

    @Test
    void saysWhatIsMissingOrUnknown(@TempDir Path folder) throws Exception {
        assertThatThrownBy(() -> Backbones.open(folder, Device.cpu()))
                .hasMessageContaining("config.json does not exist")
                .hasMessageContaining("beside its safetensors weights");
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"bert\"}");
        assertThatThrownBy(() -> Backbones.open(folder, Device.cpu()))
                .hasMessageContaining("model_type is \"bert\"; expected dinov2");
    }

    @Test
    void refusesVariantsThatItWouldComputeWrongly(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"dinov2\", \"use_swiglu_ffn\": true}");
        assertThatThrownBy(() -> Backbones.open(folder, Device.cpu())).hasMessageContaining("use_swiglu_ffn is true");
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"dinov2\", \"hidden_act\": \"relu\"}");
        assertThatThrownBy(() -> Backbones.open(folder, Device.cpu())).hasMessageContaining("hidden_act is \"relu\"");
    }
}
