package dev.palimpsest.artifacts.npy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.palimpsest.artifacts.safetensors.Dtype;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NpyTest {
    private static final String MATRIX = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    private static final float[] NUMBERS = {1, -2, 3.5f, 0, 1e-3f, 6};

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void readsEveryVersionFromAFileAndFromBytes(int version) throws IOException {
        byte[] bytes = file(version, MATRIX, floats(NUMBERS));
        Path file = Files.write(folder.resolve("e.npy"), bytes);

        for (Tensor tensor : new Tensor[] {Npy.open(file), Npy.read(bytes, "e.npy")}) {
            assertThat(tensor.shape()).containsExactly(2, 3);
            assertThat(tensor.toFloats()).containsExactly(NUMBERS);
            assertThat(tensor.row(1)).containsExactly(0, 1e-3f, 6);
        }
    }

    @Test
    void readsHalfFloatsAndLabels() {
        byte[] half = {0, 0x3c, 0, (byte) 0xc0};
        assertThat(Npy.read(file(1, "{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }", half), "h")
                        .toFloats())
                .containsExactly(1, -2);
        byte[] labels = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(7)
                .putLong(-1)
                .array();
        assertThat(Npy.read(file(1, "{'descr': '<i8', 'fortran_order': True, 'shape': (2,), }", labels), "l")
                        .toInts())
                .containsExactly(7, -1);
    }

    @Test
    void readsWhatItWrites() {
        byte[] written = Npy.write(NUMBERS);

        assertThat(written.length).isEqualTo(128 + 24);
        assertThat(Npy.is(written)).isTrue();
        Tensor read = Npy.read(written, "row");
        assertThat(read.dtype()).isEqualTo(Dtype.F32);
        assertThat(read.toFloats()).containsExactly(NUMBERS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), } | numbers are of type '|O'",
                "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), } | numbers are of type '>f4'",
                "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (2, 3), } | not that of one plain array",
                "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), } | in Fortran order; save numpy.ascontiguousarray",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), } | are 32 bytes, but 24 follow",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999), } | larger than any file",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1), } | is not that of an array",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,2,3), } | is not that of an array",
            })
    void saysWhyAFileIsRefused(String row) {
        String header = row.substring(0, row.indexOf(" | "));
        String expected = row.substring(row.indexOf(" | ") + 3);

        refused(file(1, header, floats(NUMBERS)), expected);
    }

    @Test
    void refusesWhatIsCutOffOrSomethingElse() {
        byte[] whole = file(2, MATRIX, floats(NUMBERS));

        refused("PK\3\4 a zip archive".getBytes(StandardCharsets.US_ASCII), "does not begin as NumPy's files do");
        refused(Arrays.copyOf(whole, 8), "does not begin as NumPy's files do");
        refused(Arrays.copyOf(whole, 11), "ends within its header");
        refused(Arrays.copyOf(whole, 40), "ends within its header");
        refused(Arrays.copyOf(whole, whole.length - 1), "but 23 follow");
        byte[] later = whole.clone();
        later[6] = 4;
        refused(later, "of version 4");
        byte[] endless = whole.clone();
        Arrays.fill(endless, 8, 12, (byte) 0xff);
        refused(endless, "ends within its header");
        assertThatThrownBy(() -> Npy.open(folder.resolve("none.npy"))).hasMessageContaining("There is no file");
    }

    private void refused(byte[] bytes, String expected) {
        PalimpsestException thrown =
                catchThrowableOfType(PalimpsestException.class, () -> Npy.read(bytes, "broken.npy"));

        assertThat(thrown.code()).isEqualTo(ErrorCode.BAD_FILE);
        assertThat(thrown)
                .hasMessageStartingWith("broken.npy cannot be read as .npy: ")
                .hasMessageContaining(expected);
    }

    private static byte[] floats(float[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(numbers);
        return bytes.array();
    }

    private static byte[] file(int version, String header, byte[] numbers) {
        byte[] text = (header + "  \n").getBytes(StandardCharsets.US_ASCII);
        ByteBuffer length = ByteBuffer.allocate(version == 1 ? 2 : 4).order(ByteOrder.LITTLE_ENDIAN);
        if (version == 1) {
            length.putShort((short) text.length);
        } else {
            length.putInt(text.length);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        out.writeBytes(length.array());
        out.writeBytes(text);
        out.writeBytes(numbers);
        return out.toByteArray();
    }
}
