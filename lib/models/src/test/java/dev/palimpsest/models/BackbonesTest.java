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
                .hasMessageContaining(
                        "model_type is \"bert\"; expected one of clip, clip_vision_model, dinov2, dinov2_with_registers, "
                                + "efficientnet-lite, siglip, siglip_vision_model, vit.");
    }

    @Test
    void refusesVariantsThatItWouldComputeWrongly(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"dinov2\", \"hidden_act\": \"relu\"}");
        assertThatThrownBy(() -> Backbones.open(folder, Device.cpu()))
                .hasMessageContaining("hidden_act is \"relu\"; expected gelu, quick_gelu, gelu_pytorch_tanh");
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"vit\", \"num_channels\": 1}");
        assertThatThrownBy(() -> Backbones.open(folder, Device.cpu())).hasMessageContaining("num_channels is 1");
    }
}
