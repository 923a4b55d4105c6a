package dev.palimpsest.models.unclip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.palimpsest.models.Dense;
import dev.palimpsest.models.Weights;
import org.jspecify.annotations.Nullable;

/**
 * Two convolutions beside a shortcut, told the time in between (Dhariwal and Nichol 2021, section 3):
 *
 * <pre>
 * h = conv1(sample(silu(norm1(x))))
 * e = time(silu(s))
 * h = norm2(h) (1 + scale) + shift, scale and shift the halves of e;  or norm2(h + e)
 * conv2(silu(h)) + shortcut(sample(x))
 * </pre>
 */
final class ResidualLayer {
    private final Sampling sampling;
    private final boolean scaleShift;
    private final GroupNorm norm1;
    private final Convolution conv1;
    private final Dense time;
    private final GroupNorm norm2;
    private final Convolution conv2;
    private final @Nullable Convolution shortcut;

    ResidualLayer(ResidualPlan plan, Weights weights, NDManager manager, UNetSizes sizes) {
        String name = plan.name();
        sampling = plan.sampling();
        scaleShift = sizes.scaleShift();
        norm1 = GroupNorm.read(weights, manager, name + ".norm1", sizes.groups(), sizes.epsilon());
        conv1 = Convolution.read(weights, manager, name + ".conv1");
        time = Dense.read(weights, manager, name + ".time_emb_proj");
        norm2 = GroupNorm.read(weights, manager, name + ".norm2", sizes.groups(), sizes.epsilon());
        conv2 = Convolution.read(weights, manager, name + ".conv2");
        shortcut = plan.in() == plan.out() ? null : Convolution.read(weights, manager, name + ".conv_shortcut");
    }

    /**
     * Arrays are given up as soon as they were used: at 256 pixels each takes 80 MB.
     *
     * @param x {@code [n, in, h, w]}; stays as it is
     * @param activeTime {@code [n, time width]}, after SiLU
     * @return a new array {@code [n, out, h', w']} of x's manager
     */
    NDArray apply(NDArray x, NDArray activeTime) {
        NDManager owner = x.getManager();
        try (NDManager scope = owner.newSubManager()) {
            x.tempAttach(scope);
            NDArray first = first(x);
            NDArray told = told(first, activeTime, scope);
            NDArray out;
            try (told) {
                out = conv2.apply(told);
            }
            NDArray sampled = sampling.apply(x);
            out.addi(shortcut == null ? sampled : shortcut.apply(sampled));
            out.attach(owner);
            return out;
        }
    }

    private NDArray first(NDArray x) {
        try (NDArray active = Silu.inPlace(norm1.apply(x));
                NDArray sampled = sampling.apply(active)) {
            return conv1.apply(sampled);
        }
    }

    private NDArray told(NDArray h, NDArray activeTime, NDManager scope) {
        long channels = h.getShape().get(1);
        NDArray e = time.apply(activeTime).expandDims(-1).expandDims(-1);
        e.attach(scope);
        if (!scaleShift) {
            try (h) {
                return Silu.inPlace(norm2.apply(h.addi(e)));
            }
        }
        NDArray scale = e.get(new NDIndex(":, :" + channels)).add(1);
        NDArray shift = e.get(new NDIndex(":, " + channels + ":"));
        // Both scalings and both shifts in one pass over the picture.
        NDArray gain = scale.mul(norm2.gain());
        NDArray offset = scale.mul(norm2.offset()).add(shift);
        try (h) {
            return Silu.inPlace(norm2.standardise(h).muli(gain).addi(offset));
        }
    }
}
