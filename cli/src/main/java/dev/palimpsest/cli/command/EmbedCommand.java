package dev.palimpsest.cli.command;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.cli.backbone.BackboneLibrary;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.models.ImageDecoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "embed",
        description = "Embed images with a backbone, in this process.",
        footer = {"", "Example: palimpsest embed --backbone DIR --out embeddings.safetensors a.jpg b.png"})
final class EmbedCommand implements Callable<Integer> {
    @Option(
            names = "--backbone",
            required = true,
            paramLabel = "NAME|DIR",
            description = "a name of 'backbone list', or a folder in Hugging Face layout")
    String backbone;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "safetensors: embeddings [N, d] float32")
    Path out;

    @Option(
            names = "--pixel-values",
            paramLabel = "FILE",
            description = "also write the preprocessed input: pixel_values [N, 3, S, S] float32")
    @Nullable
    Path pixelValues;

    @Option(names = "--size", paramLabel = "PX", description = "side of the input; default: the backbone's own")
    int size;

    @Mixin
    ComputeOptions compute;

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "image files")
    List<Path> images;

    @Override
    public Integer call() throws IOException {
        Path folder = BackboneLibrary.folder(Path.of(""), backbone);
        Device device = compute.open();
        List<String> skipped = new ArrayList<>();
        List<float[]> embeddings = new ArrayList<>();
        List<float[]> inputs = new ArrayList<>();
        try (Backbone network = Backbones.open(folder, device);
                ProgressLine progress = new ProgressLine("embedding", images.size(), "images")) {
            int side = size == 0 ? network.inputSize() : size;
            int done = 0;
            for (Path image : images) {
                try {
                    float[] pixels = network.preprocessing()
                            .pixelValues(ImageDecoder.decode(read(image), image.toString()), side);
                    embeddings.add(embed(network, pixels, side));
                    inputs.add(pixels);
                } catch (PalimpsestException e) {
                    skipped.add(e.getMessage());
                }
                progress.at(++done, "");
            }
            if (embeddings.isEmpty()) {
                throw new PalimpsestException(
                        ErrorCode.BAD_IMAGE, "None of the images can be used:\n" + String.join("\n", skipped));
            }
            int n = embeddings.size();
            SafetensorsWriter.write(
                    out,
                    Map.of("embeddings", Tensor.ofFloats(flat(embeddings), n, network.dimension())),
                    Map.of("backbone", network.name()));
            if (pixelValues != null) {
                SafetensorsWriter.write(
                        pixelValues, Map.of("pixel_values", Tensor.ofFloats(flat(inputs), n, 3, side, side)), Map.of());
            }
        }
        skipped.forEach(reason -> System.err.println("skipped: " + reason));
        System.out.println(embeddings.size() + " of " + images.size() + " images -> " + out);
        return skipped.isEmpty() ? 0 : 1;
    }

    private static byte[] read(Path image) {
        try (var in = Files.newInputStream(image);
                var bytes = new ByteArrayOutputStream()) {
            bytes.write(in.readNBytes(ImageDecoder.MAX_BYTES + 1));
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND, "Cannot read " + image + " (" + e.getMessage() + "); check the path", e);
        }
    }

    private static float[] embed(Backbone network, float[] pixels, int side) {
        try (NDManager scope = network.manager().newSubManager()) {
            return network.embed(scope.create(pixels, new Shape(1, 3, side, side)))
                    .toFloatArray();
        }
    }

    private static float[] flat(List<float[]> rows) {
        int width = rows.get(0).length;
        float[] all = new float[Math.multiplyExact(width, rows.size())];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, all, i * width, width);
        }
        return all;
    }
}
