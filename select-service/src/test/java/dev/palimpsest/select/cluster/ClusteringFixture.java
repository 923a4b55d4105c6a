package dev.palimpsest.select.cluster;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Points and scikit-learn's labels by distance threshold, from a folder of the parity fixtures. */
record ClusteringFixture(int n, int d, float[] points, Map<String, long[]> labels) {
    static ClusteringFixture read(Path folder) {
        Map<String, long[]> labels = new TreeMap<>();
        try (Safetensors file = Safetensors.open(folder.resolve("labels.safetensors"))) {
            for (String name : file.names()) {
                if (name.startsWith("t_")) {
                    labels.put(name.substring(2), file.tensor(name).toLongs());
                }
            }
        }
        try (Safetensors file = Safetensors.open(folder.resolve("points.safetensors"))) {
            Tensor points = file.tensor("points");
            return new ClusteringFixture((int) points.shape()[0], (int) points.shape()[1], points.toFloats(), labels);
        }
    }
}
