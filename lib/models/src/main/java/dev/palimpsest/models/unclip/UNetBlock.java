package dev.palimpsest.models.unclip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.palimpsest.models.Weights;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Layers that work at one size of the picture, on the way down, in the middle, or on the way up. */
final class UNetBlock {
    private final String name;
    private final List<ResidualLayer> residuals;
    private final List<ContextAttention> attentions;
    private final @Nullable ResidualLayer sampler;

    UNetBlock(BlockPlan plan, Weights weights, NDManager manager, UNetSizes sizes) {
        name = plan.name();
        residuals = plan.residuals().stream()
                .map(layer -> new ResidualLayer(layer, weights, manager, sizes))
                .toList();
        attentions = plan.attentions().stream()
                .map(layer -> new ContextAttention(layer, weights, manager, sizes))
                .toList();
        sampler = plan.sampler() == null ? null : new ResidualLayer(plan.sampler(), weights, manager, sizes);
    }

    /**
     * The way down: residual and attention in turn, then the sampler; every output becomes a skip.
     *
     * @param x {@code [n, c, h, w]}; stays as it is
     * @param skips the outputs are pushed here and stay open
     * @return the last of them
     */
    NDArray down(NDArray x, Signals signals, Deque<NDArray> skips) {
        NDArray h = x;
        for (int i = 0; i < residuals.size(); i++) {
            h = layers(h, i, i, signals);
            skips.push(h);
        }
        if (sampler != null) {
            h = sampler.apply(h, signals.activeTime());
            skips.push(h);
        }
        signals.observer().accept(name, h);
        return h;
    }

    /**
     * The middle: a residual layer, then attention (if any) and residual in turn.
     *
     * @param x {@code [n, c, h, w]}; stays as it is
     * @return a new array
     */
    NDArray middle(NDArray x, Signals signals) {
        NDArray h = residual(x, 0, signals);
        for (int i = 1; i < residuals.size(); i++) {
            if (!attentions.isEmpty()) {
                try (NDArray before = h) {
                    h = attention(before, i - 1, signals);
                }
            }
            try (NDArray before = h) {
                h = residual(before, i, signals);
            }
        }
        signals.observer().accept(name, h);
        return h;
    }

    /**
     * The way up: each residual layer sees the newest skip beside what came before.
     *
     * @param x {@code [n, c, h, w]}; closed
     * @param skips those that are used are taken and closed
     * @return a new array
     */
    NDArray up(NDArray x, Signals signals, Deque<NDArray> skips) {
        NDArray h = x;
        for (int i = 0; i < residuals.size(); i++) {
            NDArray joined;
            try (NDArray before = h;
                    NDArray skip = skips.pop()) {
                joined = before.concat(skip, 1);
            }
            try (joined) {
                h = layers(joined, i, i, signals);
            }
        }
        if (sampler != null) {
            try (NDArray before = h) {
                h = sampler.apply(before, signals.activeTime());
            }
        }
        signals.observer().accept(name, h);
        return h;
    }

    private NDArray layers(NDArray x, int residual, int attention, Signals signals) {
        NDArray h = residual(x, residual, signals);
        if (attentions.isEmpty()) {
            return h;
        }
        try (h) {
            return attention(h, attention, signals);
        }
    }

    private NDArray residual(NDArray x, int i, Signals signals) {
        NDArray h = residuals.get(i).apply(x, signals.activeTime());
        signals.observer().accept(name + ".resnets." + i, h);
        return h;
    }

    private NDArray attention(NDArray x, int i, Signals signals) {
        NDArray h = attentions.get(i).apply(x, signals.requireContext());
        signals.observer().accept(name + ".attentions." + i, h);
        return h;
    }
}
