package dev.palimpsest.artifacts.safetensors;

/** Exact widening of 16-bit floats; Java has it for binary16 from version 20 only, and for bfloat16 never. */
final class HalfFloats {
    private static final float SMALLEST_SUBNORMAL = 0x1p-24f;

    private HalfFloats() {}

    /** IEEE 754 binary16 (1 sign, 5 exponent, 10 fraction bits) to float; NaN payloads are kept. */
    static float fromBinary16(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >>> 10) & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            float magnitude = fraction * SMALLEST_SUBNORMAL;
            return sign == 0 ? magnitude : -magnitude;
        }
        int wide = exponent == 0x1f ? 0xff : exponent - 15 + 127;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }

    /** bfloat16 is the upper half of a float. */
    static float fromBfloat16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
