package dev.palimpsest.artifacts.safetensors;

import java.util.List;

/** One line of a header: type, shape, and the half-open range of bytes in the data section. */
record TensorInfo(Dtype dtype, List<Long> shape, long begin, long end) {
    TensorInfo {
        shape = List.copyOf(shape);
    }

    long bytes() {
        return end - begin;
    }

    long[] dimensions() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
