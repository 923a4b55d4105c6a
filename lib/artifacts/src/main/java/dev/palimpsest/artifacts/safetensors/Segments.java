package dev.palimpsest.artifacts.safetensors;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The bytes of one tensor as buffers of {@link #SIZE} bytes and a shorter last one, since one buffer ends at 2 GiB. The
 * size is a multiple of every element's size, so no element lies across two buffers.
 */
final class Segments {
    static final int SIZE = 1 << 30;

    private final List<ByteBuffer> buffers;
    private final long length;

    private Segments(List<ByteBuffer> buffers) {
        this.buffers = List.copyOf(buffers);
        this.length = buffers.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    static Segments of(ByteBuffer bytes) {
        return new Segments(List.of(bytes));
    }

    static Segments of(List<ByteBuffer> buffers) {
        for (int i = 0; i + 1 < buffers.size(); i++) {
            if (buffers.get(i).remaining() != SIZE) {
                throw new IllegalArgumentException("segment " + i + " is not full");
            }
        }
        return new Segments(buffers);
    }

    long length() {
        return length;
    }

    /** Fresh read-only views, so that readers on several threads do not share positions. */
    List<ByteBuffer> views() {
        return buffers.stream()
                .map(b -> b.asReadOnlyBuffer().slice().order(ByteOrder.LITTLE_ENDIAN))
                .toList();
    }
}
