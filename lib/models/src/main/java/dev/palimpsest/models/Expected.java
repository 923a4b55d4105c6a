package dev.palimpsest.models;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a network reads from a checkpoint: every tensor with its shape, and the beginnings of names that it leaves unread on purpose. */
public final class Expected {
    private final Map<String, Shape> shapes = new LinkedHashMap<>();
    private final List<String> ignored = new ArrayList<>();

    /** A tensor of this shape. */
    public Expected tensor(String name, long... shape) {
        shapes.put(name, new Shape(shape));
        return this;
    }

    /** {@code name.weight} of the shape and {@code name.bias} as long as its first axis. */
    public Expected dense(String name, long... weight) {
        return tensor(name + ".weight", weight).tensor(name + ".bias", weight[0]);
    }

    /** Gain and offset of a layer norm. */
    public Expected norm(String name, long width) {
        return dense(name, width);
    }

    /** Tensors whose names begin so may be there and are not read. */
    public Expected ignore(String... beginnings) {
        ignored.addAll(List.of(beginnings));
        return this;
    }

    /** Whatever else is there is not read. */
    public Expected ignoreOthers() {
        return ignore("");
    }

    /** What is read, in order. */
    public Map<String, Shape> shapes() {
        return Collections.unmodifiableMap(shapes);
    }

    boolean ignores(String name) {
        return ignored.stream().anyMatch(name::startsWith);
    }
}
