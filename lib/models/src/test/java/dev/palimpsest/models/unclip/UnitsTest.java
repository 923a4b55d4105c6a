package dev.palimpsest.models.unclip;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.models.Torch;
import dev.palimpsest.models.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each building block with weights of its own, within the tolerance that came with its numbers. */
class UnitsTest {
    private static final String NAME = "unit";

    private final Reference units = Reference.units();
    private NDManager manager;

    @TempDir
    Path folder;

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    @BeforeEach
    void open() {
        manager = Torch.newManager(Device.cpu());
    }

    @AfterEach
    void close() {
        manager.close();
        units.close();
    }

    @ParameterizedTest
    @CsvSource({
        "resnet_scale_shift, KEEP",
        "resnet_scale_shift_down, HALVE",
        "resnet_scale_shift_up, DOUBLE",
        "resnet_default, KEEP"
    })
    void residualLayer(String unit, Sampling sampling) {
        Map<String, Tensor> tensors = units.writeWeights(unit, NAME + ".", folder);
        try (Weights weights = Weights.open(folder, Weights.DIFFUSERS)) {
            ResidualLayer layer = new ResidualLayer(residual(NAME, tensors, sampling), weights, manager, sizes(unit));
            NDArray out = layer.apply(units.array(manager, unit + "/in.0"), activeTime(unit + "/in.1"));
            units.assertClose(unit + "/out", out);
        }
    }

    @Test
    void attentionWithContext() {
        units.writeWeights("attention_added_kv", NAME + ".", folder);
        try (Weights weights = Weights.open(folder, Weights.DIFFUSERS)) {
            ContextAttention layer =
                    new ContextAttention(new AttentionPlan(NAME, 24), weights, manager, sizes("attention"));
            NDArray x = units.array(manager, "attention_added_kv/in.0");
            NDList rows = new NDList();
            for (int row = 0; row < 2; row++) {
                rows.add(layer.apply(row(x, row), context("attention_added_kv", row)));
            }
            units.assertClose("attention_added_kv/out", NDArrays.concat(rows));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple_cross_attn_down_block", "resnet_downsample_block"})
    void blockOnTheWayDown(String unit) {
        UNetBlock block = block(unit, ".downsamplers.0", Sampling.HALVE);
        List<NDList> outputs = new ArrayList<>();
        for (int row = 0; row < 2; row++) {
            Deque<NDArray> skips = new ArrayDeque<>();
            NDArray out = block.down(row(units.array(manager, unit + "/in.0"), row), signals(unit, 1, row), skips);
            NDList all = new NDList(out);
            skips.descendingIterator().forEachRemaining(all::add);
            outputs.add(all);
        }
        units.assertClose(unit + "/out.0", both(outputs, 0));
        for (int i = 0; i < 3; i++) {
            units.assertClose(unit + "/out.1." + i, both(outputs, i + 1));
        }
        assertThat(outputs.get(0)).hasSize(4);
    }

    @Test
    void middle() {
        String unit = "simple_cross_attn_mid_block";
        UNetBlock block = block(unit, "", Sampling.KEEP);
        List<NDList> outputs = new ArrayList<>();
        for (int row = 0; row < 2; row++) {
            outputs.add(new NDList(
                    block.middle(row(units.array(manager, unit + "/in.0"), row), signals(unit, 1, row))));
        }
        units.assertClose(unit + "/out", both(outputs, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"simple_cross_attn_up_block", "resnet_upsample_block"})
    void blockOnTheWayUp(String unit) {
        UNetBlock block = block(unit, ".upsamplers.0", Sampling.DOUBLE);
        List<NDList> outputs = new ArrayList<>();
        for (int row = 0; row < 2; row++) {
            Deque<NDArray> skips = new ArrayDeque<>();
            skips.push(row(units.array(manager, unit + "/in.1.0"), row));
            skips.push(row(units.array(manager, unit + "/in.1.1"), row));
            NDArray x = row(units.array(manager, unit + "/in.0"), row);
            outputs.add(new NDList(block.up(x, signals(unit, 2, row), skips)));
            assertThat(skips).isEmpty();
        }
        units.assertClose(unit + "/out", both(outputs, 0));
    }

    @Test
    void timeEmbedding() {
        units.writeWeights("time_embedding", NAME + ".", folder);
        try (Weights weights = Weights.open(folder, Weights.DIFFUSERS)) {
            NDArray out = TimeEmbedding.read(weights, manager, NAME).apply(units.array(manager, "time_embedding/in.0"));
            units.assertClose("time_embedding/out", out);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 320})
    void timeFeatures(int width) {
        NDList rows = new NDList();
        for (long t : units.tensor("time_sinusoid/timesteps").toLongs()) {
            rows.add(manager.create(new TimeFeatures(width, true, 0).of((int) t)));
        }
        units.assertClose("time_sinusoid/dim_" + width, NDArrays.stack(rows));
    }

    @Test
    void timeFeaturesInTheOtherOrder() {
        float[] cosines = new TimeFeatures(6, true, 0).of(7);
        float[] sines = new TimeFeatures(6, false, 0).of(7);
        IntStream.range(0, 6).forEach(i -> assertThat(sines[i]).isEqualTo(cosines[(i + 3) % 6]));
        // exp(-ln(10000) 2 / (3 - 1)) = 1/10000
        assertThat(new TimeFeatures(6, true, 1).of(1)[5]).isEqualTo(1e-4f, org.assertj.core.data.Offset.offset(1e-9f));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void textProjection(boolean guided) throws IOException {
        String unit = guided ? "text_proj_guided" : "text_proj_unguided";
        units.writeWeights(unit, "", folder);
        Files.writeString(
                folder.resolve("config.json"),
                "{\"clip_embeddings_dim\": 32, \"time_embed_dim\": 64, \"cross_attention_dim\": 24}");
        try (TextProjection projection = TextProjection.open(folder, Device.cpu())) {
            TextProjection.Condition condition = projection.project(
                    units.array(manager, unit + "/in.image_embeddings"),
                    units.array(manager, unit + "/in.prompt_embeds"),
                    units.array(manager, unit + "/in.text_encoder_hidden_states"),
                    guided);
            units.assertClose(unit + "/out.0", condition.context());
            units.assertClose(unit + "/out.1", condition.additive());
        }
    }

    @Test
    void imageEncoder() {
        try (Backbone encoder = Backbones.open(Reference.PIPELINE.resolve("image_encoder"), Device.cpu())) {
            assertThat(encoder.inputSize()).isEqualTo(28);
            units.assertClose(
                    "image_encoder/image_embeds",
                    encoder.embed(units.array(encoder.manager(), "image_encoder/pixel_values")));
        }
    }

    private UNetBlock block(String unit, String sampler, Sampling sampling) {
        Map<String, Tensor> tensors = units.writeWeights(unit, NAME + ".", folder);
        List<ResidualPlan> residuals = new ArrayList<>();
        List<AttentionPlan> attentions = new ArrayList<>();
        for (int i = 0; tensors.containsKey(NAME + ".resnets." + i + ".conv1.weight"); i++) {
            residuals.add(residual(NAME + ".resnets." + i, tensors, Sampling.KEEP));
            if (tensors.containsKey(NAME + ".attentions." + i + ".to_q.weight")) {
                attentions.add(new AttentionPlan(NAME + ".attentions." + i, 24));
            }
        }
        ResidualPlan last = sampling == Sampling.KEEP ? null : residual(NAME + sampler, tensors, sampling);
        try (Weights weights = Weights.open(folder, Weights.DIFFUSERS)) {
            return new UNetBlock(new BlockPlan(NAME, residuals, attentions, last), weights, manager, sizes(unit));
        }
    }

    private static ResidualPlan residual(String name, Map<String, Tensor> tensors, Sampling sampling) {
        long[] kernel = tensors.get(name + ".conv1.weight").shape();
        return new ResidualPlan(name, (int) kernel[1], (int) kernel[0], sampling);
    }

    /** A row's own time and what its mask leaves of its context. */
    private Signals signals(String unit, int time, int row) {
        return new Signals(
                row(activeTime(unit + "/in." + time), row),
                units.has(unit + "/in.encoder_hidden_states") ? context(unit, row) : null,
                (name, array) -> {});
    }

    private NDArray activeTime(String name) {
        return Silu.inPlace(units.array(manager, name));
    }

    private @Nullable NDArray context(String unit, int row) {
        long seen = 0;
        for (float added :
                row(units.array(manager, unit + "/in.attention_mask"), row).toFloatArray()) {
            seen += added == 0 ? 1 : 0;
        }
        assertThat(seen).isEqualTo(row == 0 ? 6 : 4);
        return row(units.array(manager, unit + "/in.encoder_hidden_states"), row)
                .get(new NDIndex(":, :" + seen));
    }

    private static NDArray row(NDArray x, int row) {
        return x.get(new NDIndex("{}:{}", row, row + 1));
    }

    private static NDArray both(List<NDList> rows, int output) {
        return rows.get(0).get(output).concat(rows.get(1).get(output));
    }

    /** The settings that came with the units. */
    private static UNetSizes sizes(String unit) {
        boolean scaleShift = unit.contains("scale_shift") || unit.contains("attn");
        return new UNetSizes(
                8,
                3,
                3,
                List.of(16, 24),
                2,
                List.of(),
                List.of(),
                true,
                8,
                24,
                64,
                true,
                scaleShift,
                8,
                1e-5f,
                new TimeFeatures(16, true, 0));
    }
}
