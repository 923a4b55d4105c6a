package dev.palimpsest.artifacts.npy;

import dev.palimpsest.artifacts.safetensors.Dtype;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One array of a {@code .npy} file, format versions 1 to 3: magic, version, length of the header, the header (a Python dictionary with
 * {@code descr}, {@code fortran_order} and {@code shape}), the numbers. Read are plain little-endian numbers in C order; the file must be
 * exactly as long as its header says. Refused with {@link ErrorCode#BAD_FILE}, naming the file: objects (which would be a pickle),
 * structures, big-endian numbers, Fortran order of more than one dimension.
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int LONGEST_HEADER = 1 << 16;
    private static final int LARGEST_PIECE = 1 << 30;
    private static final Pattern HEADER = Pattern.compile(
            "\\{\\s*'descr'\\s*:\\s*'([^']*)'\\s*,\\s*'fortran_order'\\s*:\\s*(True|False)\\s*,\\s*'shape'\\s*:\\s*"
                    + "\\(([0-9L,\\s]*)\\)\\s*,?\\s*\\}\\s*");
    private static final Map<String, Dtype> TYPES = Map.ofEntries(
            Map.entry("<f2", Dtype.F16),
            Map.entry("<f4", Dtype.F32),
            Map.entry("<f8", Dtype.F64),
            Map.entry("|i1", Dtype.I8),
            Map.entry("<i2", Dtype.I16),
            Map.entry("<i4", Dtype.I32),
            Map.entry("<i8", Dtype.I64),
            Map.entry("|u1", Dtype.U8),
            Map.entry("<u2", Dtype.U16),
            Map.entry("<u4", Dtype.U32),
            Map.entry("<u8", Dtype.U64),
            Map.entry("|b1", Dtype.BOOL));

    private Npy() {}

    /** What the header says: the numbers are {@code bytes} bytes from {@code start}. */
    private record Layout(Dtype dtype, long[] shape, int start, long bytes) {}

    /** Whether the bytes begin as such a file does. */
    public static boolean is(byte[] bytes) {
        return bytes.length > MAGIC.length && Arrays.equals(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length);
    }

    /** Maps a file; nothing is copied before numbers are asked for. */
    public static Tensor open(Path file) {
        String origin = file.toString();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer head = ByteBuffer.allocate((int) Math.min(channel.size(), 12L + LONGEST_HEADER));
            while (head.hasRemaining() && channel.read(head, head.position()) >= 0) {
                // One read may give less than was asked for.
            }
            Layout layout = layout(Arrays.copyOf(head.array(), head.position()), channel.size(), origin);
            List<ByteBuffer> pieces = new ArrayList<>();
            for (long at = 0; at < layout.bytes(); at += LARGEST_PIECE) {
                long length = Math.min(LARGEST_PIECE, layout.bytes() - at);
                pieces.add(channel.map(FileChannel.MapMode.READ_ONLY, layout.start() + at, length));
            }
            return Tensor.ofSegments(layout.dtype(), pieces, layout.shape());
        } catch (NoSuchFileException e) {
            throw new PalimpsestException(ErrorCode.NOT_FOUND, "There is no file " + origin + ".", e);
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.BAD_FILE, origin + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** @param origin what to call the bytes in messages */
    public static Tensor read(byte[] bytes, String origin) {
        Layout layout = layout(bytes, bytes.length, origin);
        return Tensor.ofRaw(layout.dtype(), Arrays.copyOfRange(bytes, layout.start(), bytes.length), layout.shape());
    }

    /** A vector of float32 as a file of version 1. */
    public static byte[] write(float[] vector) {
        String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + vector.length + ",), }";
        int header = (10 + text.length() + 1 + 63) / 64 * 64 - 10;
        ByteBuffer out = ByteBuffer.allocate(10 + header + 4 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) header);
        out.put((text + " ".repeat(header - text.length() - 1) + "\n").getBytes(StandardCharsets.US_ASCII));
        out.asFloatBuffer().put(vector);
        return out.array();
    }

    private static Layout layout(byte[] head, long size, String origin) {
        if (!is(head) || head.length < 10) {
            throw bad(origin, "it does not begin as NumPy's files do; was it saved with numpy.save?");
        }
        int version = head[6];
        if (version < 1 || version > 3) {
            throw bad(origin, "it is of version " + version + ", and versions 1 to 3 are read");
        }
        int from = version == 1 ? 10 : 12;
        ByteBuffer numbers = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
        long length = version == 1
                ? Short.toUnsignedLong(numbers.getShort(8))
                : head.length < 12 ? Long.MAX_VALUE : Integer.toUnsignedLong(numbers.getInt(8));
        if (length > LONGEST_HEADER || from + length > head.length) {
            throw bad(origin, "it ends within its header");
        }
        int start = from + (int) length;
        String text = new String(head, from, (int) length, StandardCharsets.UTF_8);
        Matcher header = HEADER.matcher(text);
        if (!header.matches()) {
            throw bad(origin, "its header is not that of one plain array: " + shown(text));
        }
        Dtype dtype = TYPES.get(header.group(1));
        if (dtype == null) {
            throw bad(
                    origin,
                    "its numbers are of type '" + header.group(1)
                            + "'; save it with array.astype('<f4'), or '<i8' for labels");
        }
        long[] shape = shape(header.group(3), origin);
        if (header.group(2).equals("True") && shape.length > 1) {
            throw bad(origin, "it is in Fortran order; save numpy.ascontiguousarray(array)");
        }
        long bytes = bytes(shape, dtype, origin);
        if (bytes != size - start) {
            throw bad(
                    origin,
                    "its header promises " + Arrays.toString(shape) + " of " + dtype + ", which are " + bytes
                            + " bytes, but " + (size - start) + " follow");
        }
        return new Layout(dtype, shape, start, bytes);
    }

    private static long[] shape(String text, String origin) {
        try {
            long[] shape = Arrays.stream(text.replace("L", "").split(","))
                    .map(String::strip)
                    .filter(number -> !number.isEmpty())
                    .mapToLong(Long::parseLong)
                    .toArray();
            if (shape.length <= Tensor.MAX_RANK) {
                return shape;
            }
        } catch (NumberFormatException tooLarge) {
            // Said below like a rank that is too high.
        }
        throw bad(origin, "its shape (" + shown(text) + ") is not that of an array");
    }

    private static long bytes(long[] shape, Dtype dtype, String origin) {
        try {
            long bytes = dtype.bytes();
            for (long side : shape) {
                bytes = Math.multiplyExact(bytes, side);
            }
            return bytes;
        } catch (ArithmeticException e) {
            throw bad(origin, "its shape " + Arrays.toString(shape) + " is larger than any file");
        }
    }

    private static String shown(String text) {
        String line = text.strip();
        return line.length() > 120 ? line.substring(0, 120) + "..." : line;
    }

    private static PalimpsestException bad(String origin, String what) {
        return new PalimpsestException(ErrorCode.BAD_FILE, origin + " cannot be read as .npy: " + what + ".");
    }
}
