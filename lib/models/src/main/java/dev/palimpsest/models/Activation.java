package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The nonlinearity inside an MLP. Its constants are arrays of the backbone's manager: a number given to DJL becomes an array that is
 * freed before a backward pass could read it.
 */
final class Activation {
    /** The kinds that published vision transformers use. */
    enum Kind {
        /** {@code x/2 (1 + erf(x / sqrt 2))}. */
        GELU("gelu"),
        /** {@code x sigmoid(1.702 x)}. */
        QUICK_GELU("quick_gelu"),
        /** {@code x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}. */
        GELU_TANH("gelu_pytorch_tanh"),
        /** {@code silu(a) b} of an input that stacks {@code a} and {@code b} (Shazeer 2020). */
        SWIGLU("swiglu");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** How many inputs make one output. */
        int inputs() {
            return this == SWIGLU ? 2 : 1;
        }

        /** The kind that {@code hidden_act} names. */
        static Kind read(ModelConfig config, Kind otherwise) {
            String wanted = config.text("hidden_act", otherwise.label);
            for (Kind kind : values()) {
                if (kind.label.equals(wanted) && kind != SWIGLU) {
                    return kind;
                }
            }
            throw config.bad(
                    "hidden_act",
                    Arrays.stream(values())
                            .filter(kind -> kind != SWIGLU)
                            .map(kind -> kind.label)
                            .collect(Collectors.joining(", ")));
        }
    }

    private final Kind kind;
    private final NDArray slope;
    private final NDArray cubic;

    Activation(Kind kind, NDManager manager) {
        this.kind = kind;
        // (1 + tanh u) / 2 = sigmoid(2 u)
        double tanh = 2 * Math.sqrt(2 / Math.PI);
        this.slope = manager.create((float) (kind == Kind.QUICK_GELU ? 1.702 : tanh));
        this.cubic = manager.create((float) (tanh * 0.044715));
    }

    /** @param x {@code [..., inputs * width]} */
    NDArray apply(NDArray x) {
        return switch (kind) {
            case GELU -> x.getNDArrayInternal().gelu();
            case QUICK_GELU -> x.mul(sigmoid(x.mul(slope)));
            case GELU_TANH -> x.mul(sigmoid(x.square().mul(cubic).add(slope).mul(x)));
            case SWIGLU -> {
                long width = x.getShape().get(x.getShape().dimension() - 1) / 2;
                NDArray gate = x.get("..., :" + width);
                yield gate.mul(sigmoid(gate)).mul(x.get("..., " + width + ":"));
            }
        };
    }

    private static NDArray sigmoid(NDArray x) {
        return x.getNDArrayInternal().sigmoid();
    }
}
