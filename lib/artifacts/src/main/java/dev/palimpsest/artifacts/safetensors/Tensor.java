package dev.palimpsest.artifacts.safetensors;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * An immutable view of numbers in row-major order: type, shape and little-endian bytes. The bytes may be a mapped file;
 * nothing is copied before a {@code to...} method is called, and each call gives a new array.
 */
public final class Tensor {
    /** Dimensions that are accepted, here and in files. */
    public static final int MAX_RANK = 8;

    private final Dtype dtype;
    private final long[] shape;
    private final long elements;
    private final Segments data;

    Tensor(Dtype dtype, long[] shape, Segments data) {
        this.dtype = dtype;
        this.shape = shape.clone();
        this.elements = Shapes.elements(shape);
        this.data = data;
        if (data.length() != Math.multiplyExact(elements, (long) dtype.bytes())) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    "A tensor %s%s needs %d bytes, but %d were given."
                            .formatted(dtype, Arrays.toString(shape), elements * dtype.bytes(), data.length()));
        }
    }

    /** F32; without a shape the tensor is a vector. */
    public static Tensor ofFloats(float[] data, long... shape) {
        ByteBuffer bytes = buffer(data.length, Dtype.F32);
        bytes.asFloatBuffer().put(data);
        return of(Dtype.F32, bytes, data.length, shape);
    }

    /** F64; without a shape the tensor is a vector. */
    public static Tensor ofDoubles(double[] data, long... shape) {
        ByteBuffer bytes = buffer(data.length, Dtype.F64);
        bytes.asDoubleBuffer().put(data);
        return of(Dtype.F64, bytes, data.length, shape);
    }

    /** I64; without a shape the tensor is a vector. */
    public static Tensor ofLongs(long[] data, long... shape) {
        ByteBuffer bytes = buffer(data.length, Dtype.I64);
        bytes.asLongBuffer().put(data);
        return of(Dtype.I64, bytes, data.length, shape);
    }

    /** I32; without a shape the tensor is a vector. */
    public static Tensor ofInts(int[] data, long... shape) {
        ByteBuffer bytes = buffer(data.length, Dtype.I32);
        bytes.asIntBuffer().put(data);
        return of(Dtype.I32, bytes, data.length, shape);
    }

    /** U8; without a shape the tensor is a vector. */
    public static Tensor ofBytes(byte[] data, long... shape) {
        return of(Dtype.U8, ByteBuffer.wrap(data.clone()), data.length, shape);
    }

    /** Any type from its little-endian bytes; here the shape is always needed (none: a scalar). */
    public static Tensor ofRaw(Dtype dtype, byte[] littleEndian, long... shape) {
        return new Tensor(dtype, shape, Segments.of(ByteBuffer.wrap(littleEndian.clone())));
    }

    /** Any type from buffers of little-endian bytes that are not copied: all but the last have 2<sup>30</sup> bytes. */
    public static Tensor ofSegments(Dtype dtype, List<ByteBuffer> littleEndian, long... shape) {
        return new Tensor(dtype, shape, Segments.of(littleEndian));
    }

    private static ByteBuffer buffer(int elements, Dtype dtype) {
        long bytes = (long) elements * dtype.bytes();
        if (bytes > Segments.SIZE) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "An array of %d %s elements has more than %d bytes; split it into several tensors."
                            .formatted(elements, dtype, Segments.SIZE));
        }
        return ByteBuffer.allocate((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static Tensor of(Dtype dtype, ByteBuffer bytes, int elements, long[] shape) {
        return new Tensor(dtype, shape.length == 0 ? new long[] {elements} : shape, Segments.of(bytes));
    }

    public Dtype dtype() {
        return dtype;
    }

    /** A copy; empty for a scalar. */
    public long[] shape() {
        return shape.clone();
    }

    /** Product of the shape; 1 for a scalar. */
    public long elements() {
        return elements;
    }

    /** From F16, BF16 and F32 exactly; from F64 rounded to the nearest float. Other types are refused. */
    public float[] toFloats() {
        float[] out = new float[count()];
        int at = 0;
        for (ByteBuffer segment : data.views()) {
            int n = segment.remaining() / dtype.bytes();
            switch (dtype) {
                case F32 -> segment.asFloatBuffer().get(out, at, n);
                case F16 -> {
                    for (int i = 0; i < n; i++) {
                        out[at + i] = HalfFloats.fromBinary16(segment.getShort(2 * i));
                    }
                }
                case BF16 -> {
                    for (int i = 0; i < n; i++) {
                        out[at + i] = HalfFloats.fromBfloat16(segment.getShort(2 * i));
                    }
                }
                case F64 -> {
                    for (int i = 0; i < n; i++) {
                        out[at + i] = (float) segment.getDouble(8 * i);
                    }
                }
                default -> throw notConvertible("floats");
            }
            at += n;
        }
        return out;
    }

    /**
     * One row of a matrix {@code [n, d]} as {@link #toFloats} would give it, without touching the others.
     *
     * @param i from 0 to n - 1
     */
    public float[] row(long i) {
        if (shape.length != 2 || i < 0 || i >= shape[0]) {
            throw new PalimpsestException(ErrorCode.SHAPE_MISMATCH, this + " has no row " + i + ".");
        }
        int width = Math.toIntExact(shape[1]);
        byte[] bytes = new byte[Math.multiplyExact(width, dtype.bytes())];
        List<ByteBuffer> views = data.views();
        long begin = Math.multiplyExact(i, (long) bytes.length);
        for (int at = 0; at < bytes.length; ) {
            ByteBuffer segment = views.get((int) ((begin + at) / Segments.SIZE));
            int from = (int) ((begin + at) % Segments.SIZE);
            int n = Math.min(bytes.length - at, segment.limit() - from);
            segment.get(from, bytes, at, n);
            at += n;
        }
        return new Tensor(dtype, new long[] {width}, Segments.of(ByteBuffer.wrap(bytes))).toFloats();
    }

    /** From any float type, exactly. Other types are refused. */
    public double[] toDoubles() {
        double[] out = new double[count()];
        if (dtype == Dtype.F64) {
            int at = 0;
            for (ByteBuffer segment : data.views()) {
                int n = segment.remaining() / dtype.bytes();
                segment.asDoubleBuffer().get(out, at, n);
                at += n;
            }
            return out;
        }
        float[] floats = toFloats();
        for (int i = 0; i < out.length; i++) {
            out[i] = floats[i];
        }
        return out;
    }

    /** From any integer type or BOOL (0, 1). U64 above 2<sup>63</sup> - 1 is refused, as are floats. */
    public long[] toLongs() {
        long[] out = new long[count()];
        int at = 0;
        for (ByteBuffer segment : data.views()) {
            int n = segment.remaining() / dtype.bytes();
            for (int i = 0; i < n; i++) {
                out[at + i] = integer(segment, i);
            }
            at += n;
        }
        return out;
    }

    /** As {@link #toLongs()}, refused when a number does not fit an int. */
    public int[] toInts() {
        long[] longs = toLongs();
        int[] out = new int[longs.length];
        for (int i = 0; i < out.length; i++) {
            if (longs[i] != (int) longs[i]) {
                throw new PalimpsestException(
                        ErrorCode.BAD_FILE,
                        "Element %d of %s is %d, too large for an int.".formatted(i, this, longs[i]));
            }
            out[i] = (int) longs[i];
        }
        return out;
    }

    /** The little-endian bytes of any type: the values themselves for U8. Refused above 2 GiB. */
    public byte[] toBytes() {
        if (data.length() > Integer.MAX_VALUE - 8) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, this + " has " + data.length() + " bytes, more than one array holds.");
        }
        byte[] out = new byte[(int) data.length()];
        int at = 0;
        for (ByteBuffer segment : data.views()) {
            int n = segment.remaining();
            segment.get(out, at, n);
            at += n;
        }
        return out;
    }

    /** Read-only little-endian views that together are the data; all but the last have the same size. */
    public List<ByteBuffer> segments() {
        return data.views();
    }

    long byteLength() {
        return data.length();
    }

    private long integer(ByteBuffer segment, int i) {
        return switch (dtype) {
            case I64 -> segment.getLong(8 * i);
            case I32 -> segment.getInt(4 * i);
            case U32 -> Integer.toUnsignedLong(segment.getInt(4 * i));
            case I16 -> segment.getShort(2 * i);
            case U16 -> Short.toUnsignedLong(segment.getShort(2 * i));
            case I8 -> segment.get(i);
            case U8, BOOL -> Byte.toUnsignedLong(segment.get(i));
            case U64 -> {
                long value = segment.getLong(8 * i);
                if (value < 0) {
                    throw new PalimpsestException(
                            ErrorCode.BAD_FILE,
                            this + " holds " + Long.toUnsignedString(value) + ", too large for a signed long.");
                }
                yield value;
            }
            case F16, BF16, F32, F64 -> throw notConvertible("longs");
        };
    }

    private int count() {
        if (elements > Integer.MAX_VALUE - 8) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, this + " has " + elements + " elements, more than one array holds.");
        }
        return (int) elements;
    }

    private PalimpsestException notConvertible(String to) {
        return new PalimpsestException(ErrorCode.BAD_FILE, this + " cannot be read as " + to + ".");
    }

    @Override
    public String toString() {
        return "tensor " + dtype + Arrays.toString(shape);
    }
}
