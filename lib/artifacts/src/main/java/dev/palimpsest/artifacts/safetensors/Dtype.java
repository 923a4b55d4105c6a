package dev.palimpsest.artifacts.safetensors;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The element types that are accepted; the names are those of the format. Sub-byte and 8-bit floats are not. */
public enum Dtype {
    BOOL(1),
    U8(1),
    I8(1),
    I16(2),
    U16(2),
    I32(4),
    U32(4),
    I64(8),
    U64(8),
    F16(2),
    BF16(2),
    F32(4),
    F64(8);

    private final int bytes;

    Dtype(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /** The type of that exact name, or nothing when it is not in the list. */
    public static Optional<Dtype> fromName(String name) {
        return Arrays.stream(values()).filter(d -> d.name().equals(name)).findFirst();
    }

    static String accepted() {
        return Arrays.stream(values()).map(Dtype::name).collect(Collectors.joining(", "));
    }
}
