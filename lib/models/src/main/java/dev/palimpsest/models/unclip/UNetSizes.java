package dev.palimpsest.models.unclip;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.models.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * What config.json says about a U-Net. A field that it leaves out has the value that the reference library gives it.
 *
 * @param sampleSize side of the picture in pixels
 * @param inputs channels in
 * @param outputs channels out
 * @param channels of the blocks on the way down
 * @param layers residual layers of a block on the way down; one more on the way up
 * @param downAttention which blocks on the way down have attention
 * @param upAttention the same on the way up
 * @param middleAttention whether the middle has it
 * @param headWidth of an attention head
 * @param contextWidth of the context tokens; 0 without attention
 * @param timeWidth of the time embedding
 * @param additive whether something is added to the time embedding
 * @param scaleShift whether residual layers take the time as scale and shift rather than as a sum
 * @param groups of the group norms
 * @param epsilon of the group norms
 * @param time the features of the time
 */
record UNetSizes(
        int sampleSize,
        int inputs,
        int outputs,
        List<Integer> channels,
        int layers,
        List<Boolean> downAttention,
        List<Boolean> upAttention,
        boolean middleAttention,
        int headWidth,
        int contextWidth,
        int timeWidth,
        boolean additive,
        boolean scaleShift,
        int groups,
        float epsilon,
        TimeFeatures time) {
    private static final String CONDITION = "UNet2DConditionModel";

    UNetSizes {
        channels = List.copyOf(channels);
        downAttention = List.copyOf(downAttention);
        upAttention = List.copyOf(upAttention);
    }

    /** @throws dev.palimpsest.contracts.PalimpsestException {@code BAD_FILE} that names the field and what is expected */
    static UNetSizes read(ModelConfig config) {
        boolean conditioned =
                config.choice("_class_name", List.of(CONDITION, "UNet2DModel")).equals(CONDITION);
        List<Integer> channels = counts(config, "block_out_channels");
        List<Boolean> down = attention(config, "down_block_types", "DownBlock2D", "Downsample", channels.size());
        List<Boolean> up = attention(config, "up_block_types", "UpBlock2D", "Upsample", channels.size());
        boolean middle = config.text("mid_block_type", conditioned ? "" : "UNetMidBlock2D")
                .equals("UNetMidBlock2DSimpleCrossAttn");
        boolean attends = middle || down.contains(true) || up.contains(true);
        unsupported(config, conditioned, attends);
        int groups = config.count("norm_num_groups", 32);
        int headWidth = config.count("attention_head_dim", 8);
        for (int width : channels) {
            if (width % groups != 0) {
                throw config.bad("norm_num_groups", "a divisor of all block_out_channels " + channels);
            }
        }
        if (attends) {
            requireHeads(config, channels, down, up, middle, headWidth);
        }
        return new UNetSizes(
                config.count("sample_size"),
                config.count("in_channels"),
                config.count("out_channels"),
                channels,
                config.count("layers_per_block"),
                down,
                up,
                middle,
                headWidth,
                attends ? config.count("cross_attention_dim") : 0,
                config.count("time_embedding_dim", 4 * channels.get(0)),
                conditioned,
                config.choice("resnet_time_scale_shift", List.of("default", "scale_shift"))
                        .equals("scale_shift"),
                groups,
                (float) config.number("norm_eps", 1e-5),
                TimeFeatures.read(config, channels.get(0)));
    }

    /**
     * Bytes that live at once in one pass: all skips, and at the largest size a joined input (twice the channels), its standardised copy, a
     * gate, the convolution's output and its workspace; and twice the scores of the largest attention.
     */
    long workingBytes(int rows) {
        long skips = 0;
        long largest = 0;
        long scores = 0;
        for (int i = 0; i < channels.size(); i++) {
            long area = Math.max(1, (long) sampleSize * sampleSize >> 2 * i);
            long one = channels.get(i) * area;
            skips += (layers + 1) * one;
            largest = Math.max(largest, one);
            if (downAttention.get(i)) {
                scores = Math.max(scores, channels.get(i) / headWidth * area * (area + contextWidth));
            }
        }
        return Float.BYTES * rows * (skips + 8 * largest + 2 * scores);
    }

    /** What other networks of the same classes can do and these never did: refused rather than ignored. */
    private static void unsupported(ModelConfig config, boolean conditioned, boolean attends) {
        config.choice("act_fn", List.of("silu", "swish"));
        config.choice("time_embedding_type", List.of("positional"));
        if (conditioned) {
            config.choice("class_embed_type", List.of("identity"));
            config.choice("mid_block_type", List.of("UNetMidBlock2DSimpleCrossAttn"));
        } else {
            config.choice("mid_block_type", List.of("UNetMidBlock2D"));
            if (attends || config.flag("add_attention", true)) {
                throw config.bad("add_attention", "false: the super-resolution networks have none");
            }
        }
    }

    private static void requireHeads(
            ModelConfig config,
            List<Integer> channels,
            List<Boolean> down,
            List<Boolean> up,
            boolean middle,
            int headWidth) {
        int last = channels.size() - 1;
        for (int i = 0; i <= last; i++) {
            boolean attended = down.get(i) || up.get(last - i) || (middle && i == last);
            if (attended && channels.get(i) % headWidth != 0) {
                throw config.bad(
                        "attention_head_dim", "the width of a head, a divisor of " + channels.get(i) + " channels");
            }
        }
    }

    private static List<Integer> counts(ModelConfig config, String field) {
        List<Integer> counts = new ArrayList<>();
        for (JsonNode each : config.json().path(field)) {
            if (!each.canConvertToInt() || each.intValue() < 1) {
                throw config.bad(field, "whole numbers above 0");
            }
            counts.add(each.intValue());
        }
        if (counts.isEmpty()) {
            throw config.bad(field, "whole numbers above 0");
        }
        return counts;
    }

    private static List<Boolean> attention(
            ModelConfig config, String field, String ending, String sampling, int blocks) {
        String with = "SimpleCrossAttn" + ending;
        String without = "Resnet" + sampling + "Block2D";
        List<Boolean> attention = new ArrayList<>();
        for (JsonNode type : config.json().path(field)) {
            if (!type.asText().equals(with) && !type.asText().equals(without)) {
                throw config.bad(field, with + " or " + without);
            }
            attention.add(type.asText().equals(with));
        }
        if (attention.size() != blocks) {
            throw config.bad(field, "as many types as there are block_out_channels, " + blocks);
        }
        return attention;
    }
}
