package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Head;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** A start of the published attack and where 100 steps lead from there; see the README beside the files. */
record PaperReference(Safetensors file, Head head, Hyperparameters setting) {

    static PaperReference read(String name) {
        String resource = "/paper-trial/" + name + ".safetensors";
        try (InputStream in = Objects.requireNonNull(PaperReference.class.getResourceAsStream(resource), resource)) {
            Safetensors file = Safetensors.read(in, resource);
            double[] numbers = file.tensor("setting").toDoubles();
            Head head = Head.of(
                    (int) file.tensor("0.weight").shape()[1],
                    file.tensor("0.weight").toDoubles(),
                    file.tensor("0.bias").toDoubles(),
                    file.tensor("2.weight").toDoubles(),
                    file.contains("2.bias") ? file.tensor("2.bias").toDoubles() : null);
            return new PaperReference(
                    file, head, new Hyperparameters(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    double[] numbers(String name) {
        return file.tensor(name).toDoubles();
    }

    /** The state that {@link PaperTrial} goes on from, at step 0 with no velocity. */
    Map<String, Tensor> start() {
        Tensor x = file.tensor("start.x");
        Tensor l = file.tensor("start.l");
        Map<String, Tensor> state = new HashMap<>();
        state.put("x", x);
        state.put("l", l);
        state.put("velocityX", Tensor.ofDoubles(new double[(int) x.elements()], x.shape()));
        state.put("velocityL", Tensor.ofDoubles(new double[(int) l.elements()], l.shape()));
        state.put("step", Tensor.ofLongs(new long[1], 1));
        return state;
    }
}
