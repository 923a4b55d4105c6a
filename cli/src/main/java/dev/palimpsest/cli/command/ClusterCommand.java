package dev.palimpsest.cli.command;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.select.cluster.AverageLinkage;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "cluster",
        description = "Cluster points by exact average linkage at a cosine threshold, in this process.",
        footer = {"", "Example: palimpsest cluster --points points.safetensors --threshold 0.9 --out labels.safetensors"
        })
final class ClusterCommand implements Callable<Integer> {
    @Option(names = "--points", required = true, paramLabel = "FILE", description = "safetensors with points [N, d]")
    Path points;

    @Option(
            names = "--threshold",
            required = true,
            paramLabel = "COS",
            description = "clusters merge while their mean cosine is at least this")
    double threshold;

    @Option(names = "--threads", defaultValue = "1", description = "default: ${DEFAULT-VALUE}")
    int threads;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "safetensors with labels [N] int64")
    Path out;

    @Override
    public Integer call() {
        try (Safetensors file = Safetensors.open(points)) {
            Tensor tensor = file.tensor("points");
            long[] shape = tensor.shape();
            if (shape.length != 2) {
                throw new PalimpsestException(
                        ErrorCode.SHAPE_MISMATCH,
                        points + ": 'points' has shape " + Arrays.toString(shape) + ", expected [N, d]");
            }
            long[] labels = AverageLinkage.cluster(
                    tensor.toFloats(), Math.toIntExact(shape[0]), Math.toIntExact(shape[1]), threshold, threads);
            SafetensorsWriter.write(out, Map.of("labels", Tensor.ofLongs(labels, labels.length)), Map.of());
            System.out.println(
                    labels.length + " points, " + (Arrays.stream(labels).max().orElse(-1) + 1) + " clusters -> " + out);
            return 0;
        }
    }
}
