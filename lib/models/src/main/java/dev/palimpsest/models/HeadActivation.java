package dev.palimpsest.models;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What stands between the layers of a {@link Head}. Its weights don't tell which one it is. */
public enum HeadActivation {
    /** {@code max(0, z)}. */
    RELU {
        @Override
        public Values at(NDArray z) {
            NDArray slope = z.gt(0).toType(z.getDataType(), false);
            return new Values(Activation.relu(z), slope, z.zerosLike());
        }

        @Override
        public double value(double z) {
            return Math.max(0, z);
        }

        @Override
        public double slope(double z) {
            return z > 0 ? 1 : 0;
        }
    },
    /** {@code z Phi(z)}, Phi the normal distribution (Hendrycks and Gimpel 2016), exact and not its tanh approximation. */
    GELU {
        @Override
        public Values at(NDArray z) {
            NDArray phi = z.square().muli(-.5f).exp().muli(1 / Math.sqrt(2 * Math.PI));
            NDArray below = z.mul(Math.sqrt(.5)).erf().addi(1).muli(.5f);
            return new Values(
                    z.mul(below),
                    z.mul(phi).addi(below),
                    z.square().neg().addi(2).muli(phi));
        }

        @Override
        public double value(double z) {
            return z * below(z);
        }

        @Override
        public double slope(double z) {
            return below(z) + z * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
        }

        /** Phi, by formula 26.2.17 of Abramowitz and Stegun: to 7.5e-8. */
        private static double below(double z) {
            double t = 1 / (1 + .2316419 * Math.abs(z));
            double series =
                    t * (.319381530 + t * (-.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
            double tail = series * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
            return z > 0 ? 1 - tail : tail;
        }
    },
    TANH {
        @Override
        public Values at(NDArray z) {
            NDArray value = z.tanh();
            NDArray slope = value.square().neg().addi(1);
            return new Values(value, slope, value.mul(slope).muli(-2));
        }

        @Override
        public double value(double z) {
            return Math.tanh(z);
        }

        @Override
        public double slope(double z) {
            double value = Math.tanh(z);
            return 1 - value * value;
        }
    };

    /**
     * At the same points, of the same shape.
     *
     * @param slope first derivative
     * @param curvature second derivative
     */
    public record Values(NDArray value, NDArray slope, NDArray curvature) {}

    /** Value and derivatives at z; for ReLU the slope is 1 or 0 and the curvature 0. */
    public abstract Values at(NDArray z);

    /** The value at one number; GELU to 1e-7 of it. */
    public abstract double value(double z);

    /** The first derivative at one number, likewise. */
    public abstract double slope(double z);

    /** The name in specs and files. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All names, for messages. */
    public static String labels() {
        return Arrays.stream(values()).map(HeadActivation::label).collect(Collectors.joining(", "));
    }

    /**
     * The activation of that name.
     *
     * @throws PalimpsestException {@code BAD_SPEC} for a name that is none
     */
    public static HeadActivation named(String name) {
        return Arrays.stream(values())
                .filter(activation -> activation.label().equals(name.strip().toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new PalimpsestException(
                        ErrorCode.BAD_SPEC,
                        "Activation '" + name + "' of the head is not known; expected one of " + labels() + "."));
    }
}
