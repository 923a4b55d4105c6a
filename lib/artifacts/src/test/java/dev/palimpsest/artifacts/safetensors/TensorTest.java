package dev.palimpsest.artifacts.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class TensorTest {
    private static byte[] all16BitPatterns() {
        ByteBuffer bytes = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 1 << 16; i++) {
            bytes.putShort((short) i);
        }
        return bytes.array();
    }

    @Test
    void everyBinary16IsWidenedExactly() {
        float[] floats = Tensor.ofRaw(Dtype.F16, all16BitPatterns(), 1 << 16).toFloats();

        for (int i = 0; i < 1 << 16; i++) {
            double sign = i < 1 << 15 ? 1 : -1;
            int exponent = i >> 10 & 31;
            double fraction = i & 1023;
            double expected = exponent == 31
                    ? (fraction == 0 ? sign / 0.0 : Double.NaN)
                    : exponent == 0
                            ? sign * fraction * Math.pow(2, -24)
                            : sign * (1 + fraction / 1024) * Math.pow(2, exponent - 15);
            if (Float.compare(floats[i], (float) expected) != 0) {
                fail("bits %x: %s instead of %s", i, floats[i], expected);
            }
        }
        assertThat(floats[0x7bff]).isEqualTo(65504f);
        assertThat(Float.floatToRawIntBits(floats[0x8000])).isEqualTo(0x80000000);
    }

    @Test
    void everyBfloat16IsTheUpperHalfOfAFloat() {
        float[] floats = Tensor.ofRaw(Dtype.BF16, all16BitPatterns(), 1 << 16).toFloats();

        assertThat(floats[0x3f80]).isEqualTo(1f);
        assertThat(floats[0xc049]).isEqualTo(-3.140625f);
        assertThat(floats[0x0001]).isEqualTo(0x1p-133f);
        assertThat(floats[0x7f80]).isInfinite();
    }

    @Test
    void integersOfEveryWidthKeepTheirValue() {
        byte[] ones = {-1, -1, -1, -1, -1, -1, -1, -1};

        assertThat(Tensor.ofRaw(Dtype.I8, ones, 8).toLongs()).containsOnly(-1);
        assertThat(Tensor.ofRaw(Dtype.U8, ones, 8).toLongs()).containsOnly(255);
        assertThat(Tensor.ofRaw(Dtype.I16, ones, 4).toLongs()).containsOnly(-1);
        assertThat(Tensor.ofRaw(Dtype.U16, ones, 4).toLongs()).containsOnly(65535);
        assertThat(Tensor.ofRaw(Dtype.I32, ones, 2).toLongs()).containsOnly(-1);
        assertThat(Tensor.ofRaw(Dtype.U32, ones, 2).toLongs()).containsOnly(4294967295L);
        assertThat(Tensor.ofRaw(Dtype.I64, ones).toLongs()).containsOnly(-1);
        assertThatThrownBy(() -> Tensor.ofRaw(Dtype.U64, ones).toLongs()).hasMessageContaining("18446744073709551615");
        assertThatThrownBy(() -> Tensor.ofRaw(Dtype.U32, ones, 2).toInts()).hasMessageContaining("4294967295");
    }

    @Test
    void doublesNarrowToTheNearestFloatAndFloatsWidenExactly() {
        assertThat(Tensor.ofDoubles(new double[] {0.1, 1e300}).toFloats())
                .containsExactly(0.1f, Float.POSITIVE_INFINITY);
        assertThat(Tensor.ofFloats(new float[] {0.1f}).toDoubles()).containsExactly((double) 0.1f);
    }

    @Test
    void kindsOfNumbersAreNotMixedSilently() {
        assertThatThrownBy(() -> Tensor.ofInts(new int[] {1}).toFloats()).hasMessageContaining("tensor I32[1]");
        assertThatThrownBy(() -> Tensor.ofFloats(new float[] {1}).toLongs()).hasMessageContaining("tensor F32[1]");
    }

    @Test
    void aShapeThatDoesNotFitTheDataIsRefused() {
        assertThatThrownBy(() -> Tensor.ofFloats(new float[5], 2, 3))
                .hasMessage("A tensor F32[2, 3] needs 24 bytes, but 20 were given.")
                .extracting(e -> ((PalimpsestException) e).code())
                .isEqualTo(ErrorCode.SHAPE_MISMATCH);
        assertThatThrownBy(() -> Tensor.ofBytes(new byte[1], 1, 1, 1, 1, 1, 1, 1, 1, 1))
                .hasMessageContaining("9 dimensions");
    }

    @Test
    void laterChangesOfTheGivenArraysDoNotShow() {
        float[] data = {1, 2};
        long[] shape = {2, 1};
        Tensor tensor = Tensor.ofFloats(data, shape);

        data[0] = 9;
        shape[0] = 9;
        tensor.shape()[1] = 9;

        assertThat(tensor.toFloats()).containsExactly(1, 2);
        assertThat(tensor.shape()).containsExactly(2, 1);
    }
}
