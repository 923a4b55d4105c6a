package dev.palimpsest.reconstruct.attack;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.HeadActivation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A start of the published attack and where 100 steps lead from there; see the README beside the files. */
record PaperReference(Safetensors file, Head head, Hyperparameters setting, TrainingLoss loss) {

    static PaperReference read(String name) {
        String resource = "/paper-trial/" + name + ".safetensors";
        try (InputStream in = Objects.requireNonNull(PaperReference.class.getResourceAsStream(resource), resource)) {
            Safetensors file = Safetensors.read(in, resource);
            double[] numbers = file.tensor("setting").toDoubles();
            return new PaperReference(
                    file,
                    head(file),
                    new Hyperparameters(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]),
                    file.tensor("start.l").shape().length == 2 ? TrainingLoss.MSE : TrainingLoss.MARGIN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Head head(Safetensors file) {
        List<Head.Layer> layers = new ArrayList<>();
        for (int k = 0; file.contains(k + ".weight"); k += 2) {
            long[] shape = file.tensor(k + ".weight").shape();
            layers.add(new Head.Layer(
                    (int) shape[0],
                    (int) shape[1],
                    file.tensor(k + ".weight").toDoubles(),
                    file.contains(k + ".bias") ? file.tensor(k + ".bias").toDoubles() : null));
        }
        return Head.of(HeadActivation.named(file.metadata().get("activation")), layers);
    }

    double[] numbers(String name) {
        return file.tensor(name).toDoubles();
    }

    /** The state that {@link PaperTrials} goes on from, {@code times} over, at step 0 with no velocity. */
    Map<String, Tensor> start(int times) {
        Map<String, Tensor> state = new HashMap<>();
        for (String name : List.of("x", "l")) {
            Tensor one = file.tensor("start." + name);
            long[] shape = new long[one.shape().length + 1];
            shape[0] = times;
            System.arraycopy(one.shape(), 0, shape, 1, one.shape().length);
            double[] all = new double[times * (int) one.elements()];
            for (int i = 0; i < times; i++) {
                System.arraycopy(one.toDoubles(), 0, all, i * (int) one.elements(), (int) one.elements());
            }
            state.put(name, Tensor.ofDoubles(all, shape));
            state.put("velocity" + (name.equals("x") ? "X" : "L"), Tensor.ofDoubles(new double[all.length], shape));
        }
        state.put("step", Tensor.ofLongs(new long[1], 1));
        return state;
    }
}
