package dev.palimpsest.artifacts.safetensors;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A header that was believed only after checking: the tensors lie one after the other, without gaps or overlaps, and
 * each extent is what type and shape need.
 *
 * @param tensors in the order of their data
 */
record Header(Map<String, TensorInfo> tensors, Map<String, String> metadata, long dataLength) {
    /** Most bytes that the header of one file may have. */
    static final int MAX_BYTES = 1 << 20;

    Header {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    static Header checked(Map<String, TensorInfo> tensors, Map<String, String> metadata, String origin) {
        List<Map.Entry<String, TensorInfo>> inOrder = new ArrayList<>(tensors.entrySet());
        inOrder.sort(Comparator.comparingLong(
                        (Map.Entry<String, TensorInfo> e) -> e.getValue().begin())
                .thenComparingLong(e -> e.getValue().end()));
        Map<String, TensorInfo> ordered = new LinkedHashMap<>();
        long expected = 0;
        for (Map.Entry<String, TensorInfo> entry : inOrder) {
            TensorInfo info = entry.getValue();
            if (info.begin() != expected) {
                throw bad(
                        origin,
                        "tensor %s begins at byte %d of the data, but the one before it ends at %d; there may be neither gaps nor overlaps"
                                .formatted(Names.quote(entry.getKey()), info.begin(), expected));
            }
            checkExtent(entry.getKey(), info, origin);
            ordered.put(entry.getKey(), info);
            expected = info.end();
        }
        return new Header(ordered, metadata, expected);
    }

    private static void checkExtent(String name, TensorInfo info, String origin) {
        long needed;
        try {
            needed = Shapes.elements(info.dimensions()) * info.dtype().bytes();
        } catch (PalimpsestException e) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE, "%s: tensor %s: %s".formatted(origin, Names.quote(name), e.getMessage()), e);
        }
        if (info.end() < info.begin() || info.bytes() != needed) {
            throw bad(
                    origin,
                    "tensor %s is %s%s, which needs %d bytes, but its data_offsets are [%d, %d]"
                            .formatted(
                                    Names.quote(name), info.dtype(), info.shape(), needed, info.begin(), info.end()));
        }
    }

    /** The length that the first eight bytes give, or an error that says what the file is instead. */
    static int length(byte[] first, String origin) {
        long length = first.length < 8
                ? -1
                : ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        boolean startsLikeJson = first.length > 8 && first[8] == '{';
        if (length >= 2 && length <= MAX_BYTES && startsLikeJson) {
            return (int) length;
        }
        ForeignFormat.refuse(first, origin);
        if (first.length < 10) {
            throw bad(origin, "it has only " + first.length + " bytes");
        }
        if (length > MAX_BYTES || length < 2) {
            throw bad(
                    origin,
                    "its header claims %s bytes; between 2 and %d are accepted"
                            .formatted(Long.toUnsignedString(length), MAX_BYTES));
        }
        throw bad(origin, "its header does not begin with '{'");
    }

    static PalimpsestException bad(String origin, String what) {
        return new PalimpsestException(
                ErrorCode.BAD_FILE,
                "%s is not a safetensors file that can be read: %s. Write it again with the safetensors library, or fetch it again if it was cut short."
                        .formatted(origin, what));
    }
}
