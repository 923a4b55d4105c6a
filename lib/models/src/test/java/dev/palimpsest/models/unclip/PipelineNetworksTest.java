package dev.palimpsest.models.unclip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.Dtype;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.ClipText;
import dev.palimpsest.models.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The networks of the tiny pipeline, layer by layer at the first step, and fed the recorded input at every step. */
class PipelineNetworksTest {
    /** Of a network's output when it is fed the recorded input. */
    private static final double FED = 1e-4;

    @TempDir
    Path folder;

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    @Test
    void textEncoder() {
        try (ClipText text = ClipText.open(Reference.PIPELINE.resolve("text_encoder"), Device.cpu());
                Reference run = Reference.run("guided")) {
            ClipText.Prompt prompt = text.prompt();
            run.assertClose("text/text_embeds", prompt.embedding());
            run.assertClose("text/last_hidden_state", prompt.tokens());
        }
    }

    /** The end token by its id, as newer files say it, and in float16 among tensors that nobody asked for. */
    @Test
    void textEncoderInOtherFiles() throws IOException {
        copy("text_encoder", text -> text.replace("\"eos_token_id\": 2", "\"eos_token_id\": 95"));
        rewrite("model.safetensors", tensors -> {
            tensors.replaceAll((name, tensor) -> half(tensor));
            tensors.put("text_model.embeddings.position_ids", Tensor.ofLongs(new long[77], 1, 77));
            return tensors;
        });
        try (ClipText text = ClipText.open(folder, Device.cpu());
                Reference run = Reference.run("guided")) {
            run.assertClose("text/text_embeds", text.prompt().embedding().toFloatArray(), 0.01);
        }
        copy("text_encoder", text -> text.replace("\"eos_token_id\": 2", "\"eos_token_id\": 7"));
        assertThatThrownBy(() -> ClipText.open(folder, Device.cpu())).hasMessageContaining("eos_token_id is 7");
    }

    @ParameterizedTest
    @ValueSource(strings = {"guided", "unguided", "batch2"})
    void textProjection(String name) {
        try (ClipText text = ClipText.open(Reference.PIPELINE.resolve("text_encoder"), Device.cpu());
                TextProjection projection = TextProjection.open(Reference.PIPELINE.resolve("text_proj"), Device.cpu());
                Reference run = Reference.run(name)) {
            ClipText.Prompt prompt = text.prompt();
            TextProjection.Condition condition = projection.project(
                    run.array(projection.manager(), "image_embeddings"),
                    prompt.embedding(),
                    prompt.tokens(),
                    !name.equals("unguided"));
            run.assertClose("text_proj/text_encoder_hidden_states", condition.context());
            run.assertClose("text_proj/additive_clip_time_embeddings", condition.additive());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"decoder", "super_res_first"})
    void everyLayerAtTheFirstStep(String network) {
        String trace = "trace/" + network + "/";
        String step = network.equals("decoder") ? "decoder/step_00/" : "super_res/step_00/";
        try (UNet net = UNet.open(Reference.PIPELINE.resolve(network), Device.cpu());
                Reference run = Reference.run("guided");
                NDManager scope = net.manager().newSubManager()) {
            List<String> seen = new ArrayList<>();
            NDArray out = net.trace(
                    run.array(scope, step + "unet_in"),
                    999,
                    network.equals("decoder") ? additive(run, scope) : null,
                    network.equals("decoder") ? context(run, scope) : null,
                    (layer, array) -> {
                        if (run.has(trace + layer)) {
                            run.assertClose(trace + layer, array);
                            seen.add("guided/" + trace + layer);
                        }
                    });
            run.assertClose(step + "unet_out", out);
            assertThat(seen)
                    .containsAll(run.names().stream()
                            .filter(each -> each.startsWith("guided/" + trace))
                            .toList());
        }
    }

    @ParameterizedTest
    @CsvSource({"guided, 4", "unguided, 4", "batch2, 3"})
    void decoderFedTheRecordedInputs(String name, int steps) {
        try (UNet net = UNet.open(Reference.PIPELINE.resolve("decoder"), Device.cpu());
                Reference run = Reference.run(name);
                NDManager scope = net.manager().newSubManager()) {
            long[] timesteps = run.tensor("decoder/timesteps").toLongs();
            assertThat(timesteps).hasSize(steps);
            for (int i = 0; i < steps; i++) {
                String step = "decoder/step_0" + i + "/";
                NDArray out = net.predict(
                        run.array(scope, step + "unet_in"),
                        (int) timesteps[i],
                        additive(run, scope),
                        context(run, scope));
                run.assertClose(step + "unet_out", out.toFloatArray(), FED);
            }
        }
    }

    @Test
    void superResolutionFedTheRecordedInputs() {
        try (UNet first = UNet.open(Reference.PIPELINE.resolve("super_res_first"), Device.cpu());
                UNet last = UNet.open(Reference.PIPELINE.resolve("super_res_last"), Device.cpu());
                Reference run = Reference.run("guided")) {
            long[] timesteps = run.tensor("super_res/timesteps").toLongs();
            for (int i = 0; i < timesteps.length; i++) {
                UNet net = i == timesteps.length - 1 ? last : first;
                String step = "super_res/step_0" + i + "/";
                try (NDManager scope = net.manager().newSubManager()) {
                    NDArray out = net.predict(run.array(scope, step + "unet_in"), (int) timesteps[i], null, null);
                    run.assertClose(step + "unet_out", out.toFloatArray(), FED);
                }
            }
        }
    }

    /** Keys that older files lack are the defaults; sizes are the file's. */
    @Test
    void olderConfiguration() throws IOException {
        copy(
                "super_res_first",
                text -> Pattern.compile(
                                "\"(norm_eps|flip_sin_to_cos|freq_shift|resnet_time_scale_shift|time_embedding_type)\": [^,]*,\\s*")
                        .matcher(text)
                        .replaceAll(""));
        try (UNet net = UNet.open(folder, Device.cpu());
                Reference run = Reference.run("guided");
                NDManager scope = net.manager().newSubManager()) {
            NDArray out = net.predict(run.array(scope, "super_res/step_00/unet_in"), 999, null, null);
            run.assertClose("super_res/step_00/unet_out", out.toFloatArray(), FED);
        }
    }

    /** The published configuration has the published numbers of parameters. */
    @ParameterizedTest
    @CsvSource({"decoder, 3, 6, 885439686", "super_res_first, 6, 3, 691579523"})
    void publishedSizes(String network, int in, int out, long parameters) throws IOException {
        copy(
                network,
                text -> text.replaceAll(
                                "(?s)\"block_out_channels\": \\[.*?]", "\"block_out_channels\": [320, 640, 960, 1280]")
                        .replace("\"layers_per_block\": 2", "\"layers_per_block\": 3")
                        .replace("\"cross_attention_dim\": 24", "\"cross_attention_dim\": 1536")
                        .replace("\"attention_head_dim\": 8", "\"attention_head_dim\": 64")
                        .replace("\"norm_num_groups\": 8", "\"norm_num_groups\": 32"));
        assertThat(UNet.tensors(folder).values().stream().mapToLong(Shape::size).sum())
                .isEqualTo(parameters);
        assertThat(UNet.tensors(folder).get("conv_in.weight")).isEqualTo(new Shape(320, in, 3, 3));
        assertThat(UNet.tensors(folder).get("conv_out.weight")).isEqualTo(new Shape(out, 320, 3, 3));
    }

    @Test
    void everythingThatIsMissingIsListedAtOnce() throws IOException {
        copy("decoder", text -> text);
        rewrite("diffusion_pytorch_model.safetensors", tensors -> {
            tensors.remove("conv_in.bias");
            tensors.remove("up_blocks.3.resnets.2.conv_shortcut.weight");
            tensors.put("conv_norm_out.bias", Tensor.ofFloats(new float[3]));
            return tensors;
        });
        assertThatThrownBy(() -> UNet.open(folder, Device.cpu()))
                .hasMessageContainingAll(
                        "missing conv_in.bias [16]",
                        "missing up_blocks.3.resnets.2.conv_shortcut.weight",
                        "conv_norm_out.bias has shape [3], expected [16]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"act_fn\": \"silu\"|\"act_fn\": \"gelu\"|act_fn is \"gelu\"; expected silu",
                "\"attention_head_dim\": 8|\"attention_head_dim\": 7|a divisor of 24 channels",
                "\"norm_num_groups\": 8|\"norm_num_groups\": 7|a divisor of all block_out_channels",
                "\"ResnetUpsampleBlock2D\"|\"UpBlock2D\"|SimpleCrossAttnUpBlock2D or ResnetUpsampleBlock2D",
                "\"class_embed_type\": \"identity\"|\"class_embed_type\": \"timestep\"|class_embed_type"
            })
    void whatTheNetworkCannotDoIsRefused(String from, String to, String message) throws IOException {
        copy("decoder", text -> text.replace(from, to));
        assertThatThrownBy(() -> UNet.open(folder, Device.cpu())).hasMessageContaining(message);
    }

    private static NDArray additive(Reference run, NDManager scope) {
        return run.array(scope, "text_proj/additive_clip_time_embeddings");
    }

    /** The recorded context without the tokens that the recorded mask hides. */
    private static NDArray context(Reference run, NDManager scope) {
        long[] mask = run.tensor("decoder/attention_mask").toLongs();
        long rows = run.tensor("decoder/attention_mask").shape()[0];
        int seen = 0;
        while (mask[seen] == 1) {
            seen++;
        }
        for (int i = 0; i < mask.length; i++) {
            assertThat(mask[i]).isEqualTo(i % (mask.length / rows) < seen ? 1 : 0);
        }
        return run.array(scope, "text_proj/text_encoder_hidden_states").get(new NDIndex(":, :" + seen));
    }

    private void copy(String part, UnaryOperator<String> config) throws IOException {
        Path from = Reference.PIPELINE.resolve(part);
        String text = Files.readString(from.resolve("config.json"));
        Files.writeString(folder.resolve("config.json"), config.apply(text));
        for (String name : List.of("model.safetensors", "diffusion_pytorch_model.safetensors")) {
            if (Files.exists(from.resolve(name)) && !Files.exists(folder.resolve(name))) {
                Files.copy(from.resolve(name), folder.resolve(name));
            }
        }
    }

    private void rewrite(String name, UnaryOperator<Map<String, Tensor>> change) {
        Map<String, Tensor> changed;
        try (Safetensors file = Safetensors.open(folder.resolve(name))) {
            changed = change.apply(new TreeMap<>(file.tensors()));
        }
        SafetensorsWriter.write(folder.resolve(name), changed, Map.of());
    }

    private static Tensor half(Tensor tensor) {
        float[] values = tensor.toFloats();
        byte[] bytes = new byte[2 * values.length];
        for (int i = 0; i < values.length; i++) {
            // Enough of a conversion for numbers of ordinary size.
            int bits = Float.floatToRawIntBits(values[i]);
            int exponent = (bits >> 23 & 0xff) - 112;
            int halved = exponent <= 0 ? 0 : (bits >> 16 & 0x8000) | exponent << 10 | bits >> 13 & 0x3ff;
            bytes[2 * i] = (byte) halved;
            bytes[2 * i + 1] = (byte) (halved >> 8);
        }
        return Tensor.ofRaw(Dtype.F16, bytes, tensor.shape());
    }
}
