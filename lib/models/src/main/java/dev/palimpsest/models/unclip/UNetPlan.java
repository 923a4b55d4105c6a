package dev.palimpsest.models.unclip;

import dev.palimpsest.models.Expected;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All layers of a U-Net by name and size, before any weight is read. */
record UNetPlan(List<BlockPlan> down, BlockPlan middle, List<BlockPlan> up) {
    UNetPlan {
        down = List.copyOf(down);
        up = List.copyOf(up);
    }

    static UNetPlan of(UNetSizes sizes) {
        return new UNetPlan(down(sizes), middle(sizes), up(sizes));
    }

    private static List<BlockPlan> down(UNetSizes sizes) {
        List<BlockPlan> blocks = new ArrayList<>();
        int in = sizes.channels().get(0);
        for (int i = 0; i < sizes.channels().size(); i++) {
            int out = sizes.channels().get(i);
            List<ResidualPlan> residuals = new ArrayList<>();
            for (int k = 0; k < sizes.layers(); k++) {
                residuals.add(residual("down_blocks." + i + ".resnets." + k, k == 0 ? in : out, out));
            }
            boolean last = i == sizes.channels().size() - 1;
            blocks.add(
                    block("down_blocks." + i, residuals, sizes.downAttention().get(i), last ? null : Sampling.HALVE));
            in = out;
        }
        return blocks;
    }

    private static BlockPlan middle(UNetSizes sizes) {
        int width = sizes.channels().get(sizes.channels().size() - 1);
        return new BlockPlan(
                "mid_block",
                List.of(residual("mid_block.resnets.0", width, width), residual("mid_block.resnets.1", width, width)),
                sizes.middleAttention() ? List.of(new AttentionPlan("mid_block.attentions.0", width)) : List.of(),
                null);
    }

    private static List<BlockPlan> up(UNetSizes sizes) {
        List<Integer> channels = sizes.channels();
        int top = channels.size() - 1;
        List<BlockPlan> blocks = new ArrayList<>();
        int in = channels.get(top);
        for (int i = 0; i <= top; i++) {
            int out = channels.get(top - i);
            // The last skip of a block comes from above its sampler on the way down, or from the network's first
            // convolution.
            int oldestSkip = channels.get(Math.max(top - i - 1, 0));
            List<ResidualPlan> residuals = new ArrayList<>();
            for (int k = 0; k <= sizes.layers(); k++) {
                int skip = k == sizes.layers() ? oldestSkip : out;
                residuals.add(residual("up_blocks." + i + ".resnets." + k, (k == 0 ? in : out) + skip, out));
            }
            blocks.add(
                    block("up_blocks." + i, residuals, sizes.upAttention().get(i), i == top ? null : Sampling.DOUBLE));
            in = out;
        }
        return blocks;
    }

    private static ResidualPlan residual(String name, int in, int out) {
        return new ResidualPlan(name, in, out, Sampling.KEEP);
    }

    private static BlockPlan block(
            String name, List<ResidualPlan> residuals, boolean attends, @Nullable Sampling sampling) {
        int width = residuals.get(0).out();
        List<AttentionPlan> attentions = new ArrayList<>();
        for (int k = 0; attends && k < residuals.size(); k++) {
            attentions.add(new AttentionPlan(name + ".attentions." + k, width));
        }
        String sampler = sampling == Sampling.HALVE ? ".downsamplers.0" : ".upsamplers.0";
        return new BlockPlan(
                name,
                residuals,
                attentions,
                sampling == null ? null : new ResidualPlan(name + sampler, width, width, sampling));
    }

    /** The tensors of all layers. */
    Expected expect(UNetSizes sizes) {
        Expected expected = new Expected();
        int first = sizes.channels().get(0);
        TimeEmbedding.expect(expected, "time_embedding", first, sizes.timeWidth());
        expected.dense("conv_in", first, sizes.inputs(), 3, 3)
                .norm("conv_norm_out", first)
                .dense("conv_out", sizes.outputs(), first, 3, 3);
        down.forEach(block -> block.expect(expected, sizes));
        middle.expect(expected, sizes);
        up.forEach(block -> block.expect(expected, sizes));
        return expected;
    }
}
