package dev.palimpsest.artifacts.safetensors;

import static dev.palimpsest.artifacts.safetensors.SafetensorsBytes.claiming;
import static dev.palimpsest.artifacts.safetensors.SafetensorsBytes.file;
import static dev.palimpsest.artifacts.safetensors.SafetensorsBytes.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MalformedFilesTest {
    @TempDir
    Path folder;

    static Stream<Arguments> malformed() {
        String four = tensor("a", "F32", "[1]", 0, 4);
        return Stream.of(
                arguments("empty", new byte[0], "only 0 bytes"),
                arguments("seven bytes", new byte[7], "only 7 bytes"),
                arguments("header of no length", claiming(0, "{}"), "claims 0 bytes"),
                arguments("header of 2^63", claiming(Long.MIN_VALUE, "{}"), "claims 9223372036854775808 bytes"),
                arguments("header above 1 MiB", claiming((1 << 20) + 1, "{}"), "claims 1048577 bytes"),
                arguments("header longer than the file", claiming(1000, "{}"), "header"),
                arguments("header is a list", file("[1]", 0), "does not begin with '{'"),
                arguments("header begins with a space", file(" {}", 0), "does not begin with '{'"),
                arguments("truncated JSON", file("{\"a\":", 0), "malformed"),
                arguments("something behind the object", file("{}{}", 0), "follows the JSON object"),
                arguments("invalid UTF-8", file(new byte[] {'{', '"', (byte) 0xff, '"', '}'}, 0), "UTF-8"),
                arguments("UTF-16", file("{}".getBytes(StandardCharsets.UTF_16LE), 0), "malformed"),
                arguments("lone surrogate", file("{\"\\ud800\":{}}", 0), "not valid text"),
                arguments("empty name", file("{" + tensor("", "F32", "[1]", 0, 4) + "}", 4), "a key is empty"),
                arguments("same tensor twice", file("{" + four + "," + four + "}", 4), "Duplicate field 'a'"),
                arguments(
                        "same key twice in a tensor",
                        file("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4),
                        "Duplicate field 'dtype'"),
                arguments("unknown key", file("{\"a\":{\"dtype\":\"F32\",\"code\":1}}", 0), "unknown key 'code'"),
                arguments("no shape", file("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", 4), "needs dtype"),
                arguments("tensor is a number", file("{\"a\":1}", 0), "tensor 'a' should be START_OBJECT"),
                arguments("metadata is no text", file("{\"__metadata__\":{\"a\":1}}", 0), "__metadata__"),
                arguments("unknown dtype", file("{" + tensor("a", "F8_E4M3", "[4]", 0, 4) + "}", 4), "'F8_E4M3'"),
                arguments("lower-case dtype", file("{" + tensor("a", "f32", "[1]", 0, 4) + "}", 4), "'f32'"),
                arguments("rank 9", file("{" + tensor("a", "U8", "[1,1,1,1,1,1,1,1,1]", 0, 1) + "}", 1), "more than 8"),
                arguments("negative dimension", file("{" + tensor("a", "U8", "[-1]", 0, 1) + "}", 1), "negative"),
                arguments(
                        "dimension is a fraction", file("{" + tensor("a", "U8", "[1.0]", 0, 1) + "}", 1), "NUMBER_INT"),
                arguments("dimension is text", file("{" + tensor("a", "U8", "[\"1\"]", 0, 1) + "}", 1), "NUMBER_INT"),
                arguments(
                        "dimension above long",
                        file("{" + tensor("a", "U8", "[9223372036854775808]", 0, 1) + "}", 1),
                        "out of range"),
                arguments(
                        "product overflows to zero",
                        file("{" + tensor("a", "U8", "[4294967296,4294967296]", 0, 0) + "}", 0),
                        "more elements than can be counted"),
                arguments(
                        "product times width overflows to zero",
                        file("{" + tensor("a", "F64", "[2305843009213693952]", 0, 0) + "}", 0),
                        "more elements than can be counted"),
                arguments("extent too small", file("{" + tensor("a", "F32", "[2]", 0, 4) + "}", 4), "needs 8 bytes"),
                arguments("end before begin", file("{" + tensor("a", "F32", "[0]", 0, -4) + "}", 0), "negative number"),
                arguments(
                        "one offset",
                        file("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0]}}", 0),
                        "needs"),
                arguments(
                        "three offsets",
                        file("{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0,0]}}", 0),
                        "more than 2"),
                arguments("gap at the start", file("{" + tensor("a", "U8", "[1]", 1, 2) + "}", 2), "neither gaps"),
                arguments(
                        "gap between",
                        file("{" + tensor("a", "U8", "[1]", 0, 1) + "," + tensor("b", "U8", "[1]", 2, 3) + "}", 3),
                        "neither gaps"),
                arguments(
                        "overlap",
                        file("{" + tensor("a", "U8", "[2]", 0, 2) + "," + tensor("b", "U8", "[2]", 1, 3) + "}", 3),
                        "neither gaps"),
                arguments(
                        "same bytes twice", file("{" + four + "," + tensor("b", "F32", "[1]", 0, 4) + "}", 4), "gaps"),
                arguments("data missing", file("{" + four + "}", 3), ""),
                arguments(
                        "data of a terabyte missing",
                        file("{" + tensor("a", "U8", "[1099511627776]", 0, 1099511627776L) + "}", 16),
                        ""),
                arguments("data left over", file("{" + four + "}", 5), ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void everyMalformedFileIsRefusedFromAFile(String what, byte[] bytes, String message) throws IOException {
        Path file = Files.write(folder.resolve("bad.safetensors"), bytes);

        assertThatThrownBy(() -> Safetensors.open(file)).satisfies(e -> badFile(e, message, "bad.safetensors"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void everyMalformedFileIsRefusedFromAStream(String what, byte[] bytes, String message) {
        assertThatThrownBy(() -> Safetensors.read(new ByteArrayInputStream(bytes), "upload 7"))
                .satisfies(e -> badFile(e, message, "upload 7"));
    }

    static Stream<Arguments> foreign() {
        return Stream.of(
                arguments("zip", "PK\u0003\u0004rest of a checkpoint", "torch.load('FILE', weights_only=True)"),
                arguments("pickle protocol 2", "\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j", "Python pickle"),
                arguments(
                        "pickle protocol 4",
                        "\u0080\u0004\u0095\u0010\u0000\u0000\u0000\u0000\u0000\u0000\u0000",
                        "pickle"),
                arguments("HDF5", "\u0089HDF\r\n\u001a\n0000", "h5py"),
                arguments("npy", "\u0093NUMPY\u0001\u0000v\u0000{", "numpy.load"),
                arguments("GGUF", "GGUF\u0003\u0000\u0000\u0000....", "GGUF"),
                arguments("gzip", "\u001f\u008b\u0008\u0000........", "decompress"),
                arguments("LFS pointer", "version https://git-lfs", "git lfs pull"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("foreign")
    void otherFormatsAreKnownByTheirFirstBytesAndTheMessageSaysWhatToDo(String what, String content, String remedy)
            throws IOException {
        Path file = Files.write(folder.resolve("renamed.safetensors"), content.getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> Safetensors.open(file)).satisfies(e -> badFile(e, remedy, "renamed.safetensors"));
    }

    @Test
    void aHeaderLengthThatLooksLikeAPickleIsNoPickle() throws IOException {
        String header = "{" + tensor("a", "F32", "[1]", 0, 4) + "}";
        byte[] bytes = file(header + " ".repeat(0x280 - header.length()), 4);
        assertThat(bytes).startsWith(0x80, 0x02);

        try (Safetensors tensors = Safetensors.open(Files.write(folder.resolve("a.safetensors"), bytes))) {
            assertThat(tensors.tensor("a").toFloats()).containsExactly(0f);
        }
    }

    @Test
    void aHeaderOfExactlyOneMebibyteIsRead() throws IOException {
        byte[] bytes = file("{}" + " ".repeat((1 << 20) - 2), 0);

        assertThat(Safetensors.read(new ByteArrayInputStream(bytes), "x").names())
                .isEmpty();
    }

    @Test
    void namesInMessagesAreShortAndWithoutControlCharacters() {
        byte[] bytes = file("{" + tensor("\\u001b[31m" + "x".repeat(500), "U8", "[1]", 5, 6) + "}", 6);

        assertThatThrownBy(() -> Safetensors.read(new ByteArrayInputStream(bytes), "x"))
                .satisfies(e -> {
                    assertThat(e.getMessage()).contains("'?[31mxxx").doesNotContain("\u001b");
                    assertThat(e.getMessage().length()).isLessThan(500);
                });
    }

    private static void badFile(Throwable thrown, String message, String origin) {
        assertThat(thrown).isInstanceOf(PalimpsestException.class).hasMessageContaining(message);
        assertThat(thrown).hasMessageContaining(origin);
        assertThat(((PalimpsestException) thrown).code()).isEqualTo(ErrorCode.BAD_FILE);
    }
}
