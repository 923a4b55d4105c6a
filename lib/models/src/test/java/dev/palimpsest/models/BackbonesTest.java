package dev.palimpsest.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
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

    /** A vit folder whose config.json is changed by one text. */
    private static Path vit(Path folder, String from, String to) throws Exception {
        for (String file : new String[] {"config.json", "model.safetensors", "preprocessor_config.json"}) {
            Files.copy(Fixtures.backbone("vit").resolve(file), folder.resolve(file));
        }
        Path config = folder.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace(from, to));
        return folder;
    }

    @Test
    void whatIsWrongInSeveralBlocksIsOneLine(@TempDir Path folder) throws Exception {
        vit(folder, "\"intermediate_size\": 96", "\"intermediate_size\": 100");
        assertThatThrownBy(() -> Backbones.open(folder, Device.cpu()))
                .hasMessageContaining(
                        "encoder.layer.{0,1,2}.intermediate.dense.weight has shape [96, 48], expected [100, 48]\n")
                .hasMessageContaining("encoder.layer.{0,1,2}.intermediate.dense.bias has shape [96], expected [100]\n")
                .hasMessageContaining(
                        "encoder.layer.{0,1,2}.output.dense.weight has shape [48, 96], expected [48, 100]\n")
                .hasMessageNotContaining("layernorm");
    }

    @Test
    void missingAndUnknownBlocksAreListed(@TempDir Path folder) throws Exception {
        vit(folder, "\"num_hidden_layers\": 3", "\"num_hidden_layers\": 2");
        assertThatThrownBy(() -> Backbones.open(folder, Device.cpu()))
                .hasMessageContaining("unknown encoder.layer.2.attention.attention.key.bias [48]")
                .hasMessageContaining("unknown encoder.layer.2.output.dense.weight [48, 96]");
        Path config = folder.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("_layers\": 2", "_layers\": 5"));
        assertThatThrownBy(() -> Backbones.open(folder, Device.cpu()))
                .hasMessageContaining("missing encoder.layer.{3,4}.output.dense.weight [48, 96]");
    }

    @Test
    void aTruncatedFileAndAPickleAreNamedAsWhatTheyAre(@TempDir Path folder) throws Exception {
        vit(folder, "", "");
        Path weights = folder.resolve("model.safetensors");
        byte[] whole = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(whole, whole.length - 1000));
        assertThatThrownBy(() -> Backbones.open(folder, Device.cpu()))
                .hasMessageContaining("model.safetensors")
                .hasMessageContaining("cut short");
        Files.write(weights, new byte[] {(byte) 0x80, 4, (byte) 0x95, 10, 0, 0, 0, 0, 0, 0});
        assertThatThrownBy(() -> Backbones.open(folder, Device.cpu())).hasMessageContaining("is a Python pickle");
    }

    @Test
    void everyTensorWithNumbersThatAreNotFiniteIsNamed(@TempDir Path folder) throws Exception {
        vit(folder, "", "");
        Path weights = folder.resolve("model.safetensors");
        Map<String, Tensor> tensors = new TreeMap<>();
        try (Safetensors stored = Safetensors.open(weights)) {
            tensors.putAll(stored.tensors());
            for (String name : new String[] {"layernorm.bias", "embeddings.cls_token"}) {
                float[] values = tensors.get(name).toFloats();
                values[3] = Float.NEGATIVE_INFINITY;
                tensors.put(name, Tensor.ofFloats(values, tensors.get(name).shape()));
            }
            tensors.put("layernorm.weight", Tensor.ofInts(new int[48], 48));
            SafetensorsWriter.write(folder.resolve("new"), tensors, Map.of());
        }
        Files.move(folder.resolve("new"), weights, StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> Backbones.open(folder, Device.cpu()))
                .hasMessageContaining("layernorm.weight has type I32, expected F32, F16 or BF16");
        tensors.put("layernorm.weight", Tensor.ofFloats(new float[48], 48));
        SafetensorsWriter.write(weights, tensors, Map.of());
        assertThatThrownBy(() -> Backbones.open(folder, Device.cpu()))
                .hasMessageContaining("NaN or infinite numbers in embeddings.cls_token, layernorm.bias");
    }

    /** As networks are saved that were fine-tuned: inside a larger one, and without model_type in older files. */
    @Test
    void theFamilyMayComeFromTheArchitecture(@TempDir Path folder) throws Exception {
        vit(folder, "\"model_type\": \"vit\",", "");
        try (Backbone backbone = Backbones.open(folder, Device.cpu())) {
            assertThat(backbone.dimension()).isEqualTo(48);
        }
    }

    /** As of SigLIP with patches of 14 pixels at 384: the last pixels make no patch. */
    @Test
    void aRestThatMakesNoPatchIsLeftOutAtTheTrainedSizeOnly(@TempDir Path folder) throws Exception {
        vit(folder, "\"image_size\": 64", "\"image_size\": 69");
        float[] large = new float[3 * 69 * 69];
        float[] small = new float[3 * 64 * 64];
        for (int i = 0; i < large.length; i++) {
            large[i] = i * 31 % 97 / 50f - 1;
            int x = i % 69;
            int y = i / 69 % 69;
            if (x < 64 && y < 64) {
                small[(i / (69 * 69) * 64 + y) * 64 + x] = large[i];
            }
        }
        try (Backbone odd = Backbones.open(folder, Device.cpu());
                Backbone even = Backbones.open(Fixtures.backbone("vit"), Device.cpu());
                NDManager scope = odd.manager().newSubManager()) {
            assertThat(odd.accepts(69)).isTrue();
            assertThat(odd.accepts(70)).isFalse();
            assertThat(odd.embed(scope.create(large, new Shape(1, 3, 69, 69))).toFloatArray())
                    .isEqualTo(even.embed(scope.create(small, new Shape(1, 3, 64, 64)))
                            .toFloatArray());
        }
    }
}
