package dev.palimpsest.artifacts.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RoundTripTest {
    @TempDir
    Path folder;

    private static Map<String, Tensor> sample() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("bytes", Tensor.ofBytes(new byte[] {1, -1, 3}));
        tensors.put("floats", Tensor.ofFloats(new float[] {1.5f, -0f, Float.NaN, 4, 5, 6}, 2, 3));
        tensors.put("doubles", Tensor.ofDoubles(new double[] {Math.PI, Double.MIN_VALUE}, 1, 2));
        tensors.put("longs", Tensor.ofLongs(new long[] {Long.MIN_VALUE, 7}));
        tensors.put("ints", Tensor.ofInts(new int[] {-9}, 1, 1, 1));
        tensors.put("none", Tensor.ofFloats(new float[0], 0, 768));
        tensors.put("größe/ü", Tensor.ofRaw(Dtype.F32, new byte[4]));
        return tensors;
    }

    private static void assertSample(Safetensors read) {
        assertThat(read.names()).containsExactlyInAnyOrderElementsOf(sample().keySet());
        assertThat(read.tensor("bytes").toBytes()).containsExactly(1, -1, 3);
        assertThat(read.tensor("bytes").toLongs()).containsExactly(1, 255, 3);
        assertThat(read.tensor("floats").toFloats()).containsExactly(1.5f, -0f, Float.NaN, 4, 5, 6);
        assertThat(read.tensor("floats").shape()).containsExactly(2, 3);
        assertThat(read.tensor("doubles").toDoubles()).containsExactly(Math.PI, Double.MIN_VALUE);
        assertThat(read.tensor("longs").toLongs()).containsExactly(Long.MIN_VALUE, 7);
        assertThat(read.tensor("ints").toInts()).containsExactly(-9);
        assertThat(read.tensor("none").shape()).containsExactly(0, 768);
        assertThat(read.tensor("none").toFloats()).isEmpty();
        assertThat(read.tensor("größe/ü").shape()).isEmpty();
        assertThat(read.tensor("größe/ü").toFloats()).containsExactly(0f);
        assertThat(read.metadata()).containsExactlyInAnyOrderEntriesOf(Map.of("format", "pt", "seed", "7"));
    }

    @Test
    void whatIsWrittenToAFileIsReadFromTheFileAndFromAStream() throws IOException {
        Path file = folder.resolve("sample.safetensors");

        SafetensorsWriter.write(file, sample(), Map.of("seed", "7", "format", "pt"));

        try (Safetensors read = Safetensors.open(file)) {
            assertSample(read);
        }
        try (var in = Files.newInputStream(file)) {
            assertSample(Safetensors.read(in, "stream"));
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void equalContentGivesEqualBytesWhateverTheOrderOfTheMap() {
        ByteArrayOutputStream one = new ByteArrayOutputStream();
        ByteArrayOutputStream two = new ByteArrayOutputStream();

        SafetensorsWriter.write(one, sample(), Map.of("a", "1", "b", "2"));
        SafetensorsWriter.write(two, new TreeMap<>(sample()), new TreeMap<>(Map.of("b", "2", "a", "1")));

        assertThat(one.toByteArray()).isEqualTo(two.toByteArray());
        Safetensors read = Safetensors.read(new ByteArrayInputStream(one.toByteArray()), "x");
        assertThat(read.names())
                .containsExactly("doubles", "longs", "floats", "größe/ü", "ints", "none", "bytes")
                .containsExactlyElementsOf(read.tensors().keySet());
    }

    @Test
    void theHeaderIsPaddedSoThatTheDataIsAligned() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        SafetensorsWriter.write(out, Map.of("x", Tensor.ofFloats(new float[] {1})), Map.of());

        byte[] bytes = out.toByteArray();
        long length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertThat(length % 8).isZero();
        assertThat(new String(bytes, 8, (int) length, StandardCharsets.UTF_8).stripTrailing())
                .isEqualTo("{\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}");
        assertThat(bytes).hasSize((int) (8 + length + 4)).endsWith(0, 0, 0x80, 0x3f);
    }

    @ParameterizedTest
    @EnumSource(Dtype.class)
    void everyTypeKeepsItsBytes(Dtype dtype) {
        byte[] bytes = new byte[3 * dtype.bytes()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i % 2);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        SafetensorsWriter.write(out, Map.of("t", Tensor.ofRaw(dtype, bytes, 3)), Map.of());

        Tensor read = Safetensors.read(new ByteArrayInputStream(out.toByteArray()), "x")
                .tensor("t");
        assertThat(read.dtype()).isEqualTo(dtype);
        assertThat(read.toBytes()).isEqualTo(bytes);
    }

    @Test
    void aFailedWriteLeavesTheOldFileAndNoOther() throws IOException {
        Path file = Files.writeString(folder.resolve("old.safetensors"), "old");

        assertThatThrownBy(() ->
                        SafetensorsWriter.write(file, Map.of("__metadata__", Tensor.ofBytes(new byte[1])), Map.of()))
                .isInstanceOf(PalimpsestException.class);

        assertThat(file).hasContent("old");
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void tooManyNamesForOneHeaderAreRefusedWhenWriting() {
        Map<String, Tensor> many = new TreeMap<>();
        Tensor one = Tensor.ofBytes(new byte[1]);
        for (int i = 0; i < 20_000; i++) {
            many.put("tensor-" + i, one);
        }

        assertThatThrownBy(() -> SafetensorsWriter.write(new ByteArrayOutputStream(), many, Map.of()))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageContaining("at most 1048576");
    }

    @Test
    void anUnknownNameIsAnsweredWithTheNamesThatThereAre() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SafetensorsWriter.write(out, Map.of("0.weight", Tensor.ofBytes(new byte[1])), Map.of());
        Safetensors read = Safetensors.read(new ByteArrayInputStream(out.toByteArray()), "head");

        assertThatThrownBy(() -> read.tensor("0.bias"))
                .hasMessage("head has no tensor '0.bias'; it has '0.weight'.")
                .extracting(e -> ((PalimpsestException) e).code())
                .isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void aMissingFileIsNotFound() {
        assertThatThrownBy(() -> Safetensors.open(folder.resolve("no.safetensors")))
                .extracting(e -> ((PalimpsestException) e).code())
                .isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void filesAboveTwoGibibytesAreMapped() throws IOException {
        long half = 3L << 29;
        String header = "{%s,%s,%s}"
                .formatted(
                        SafetensorsBytes.tensor("low", "F32", "[" + half / 4 + "]", 0, half),
                        SafetensorsBytes.tensor("high", "U8", "[2," + half / 2 + "]", half, 2 * half),
                        SafetensorsBytes.tensor("last", "F32", "[1]", 2 * half, 2 * half + 4));
        byte[] start = SafetensorsBytes.file(header, 0);
        Path file = folder.resolve("large.safetensors");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.write(start);
            sparse.setLength(start.length + 2 * half + 4);
            sparse.seek(start.length + half - 4);
            sparse.write(new byte[] {0, 0, (byte) 0x80, 0x3f});
            sparse.seek(start.length + 2 * half);
            sparse.write(new byte[] {0, 0, 0, 0x40});
        }

        try (Safetensors read = Safetensors.open(file)) {
            List<ByteBuffer> low = read.tensor("low").segments();
            assertThat(low).extracting(ByteBuffer::remaining).containsExactly(1 << 30, 1 << 29);
            assertThat(low.get(1).getFloat((1 << 29) - 4)).isEqualTo(1f);
            assertThat(read.tensor("high").elements()).isEqualTo(half);
            assertThat(read.tensor("last").toFloats()).containsExactly(2f);
        }
    }
}
