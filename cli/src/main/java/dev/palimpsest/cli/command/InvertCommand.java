package dev.palimpsest.cli.command;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.cli.backbone.BackboneLibrary;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.TextBackbone;
import dev.palimpsest.embed.data.Content;
import dev.palimpsest.embed.data.Encoder;
import dev.palimpsest.embed.data.Encoders;
import dev.palimpsest.invert.measure.Likeness;
import dev.palimpsest.invert.prior.DeepImagePrior;
import dev.palimpsest.invert.prior.PriorSettings;
import dev.palimpsest.invert.unclip.EmbeddingScale;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.models.ImageDecoder;
import dev.palimpsest.models.Normaliser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        abbreviateSynopsis = true,
        name = "invert",
        description = "Find a picture or text with the given embedding, in this process.",
        footer = {
            "",
            "Examples:",
            "  palimpsest invert --backbone DIR --embedding e.safetensors --size 112 --out a.png",
            "  palimpsest invert --backbone DIR --embedding FILE --method retrieval --gallery DIR --out b.png",
            "  palimpsest invert --method unclip --unclip DIR --embedding e.safetensors --norm public --out a.png"
        })
final class InvertCommand implements Callable<Integer> {
    @Option(
            names = "--backbone",
            paramLabel = "NAME|DIR",
            description = "a name of 'backbone list', or a folder in Hugging Face layout; unclip has its own")
    @Nullable
    String backbone;

    @Option(
            names = "--embedding",
            required = true,
            paramLabel = "FILE",
            description = "safetensors with embeddings [k, d]: raw, or as the head saw them when --normaliser is given"
                    + " (what attack writes)")
    Path embedding;

    @Option(names = "--index", defaultValue = "0", paramLabel = "I", description = "row; default: ${DEFAULT-VALUE}")
    int index;

    @Option(
            names = "--normaliser",
            paramLabel = "FILE",
            description = "safetensors with mean and std: compare in the space that the head saw")
    @Nullable
    Path normaliser;

    @Option(
            names = "--raw",
            description = "the embeddings are raw although --normaliser is given: normalise them first")
    boolean raw;

    @Option(
            names = "--method",
            defaultValue = "dip",
            description = "dip (a made picture), unclip (a published decoder's, for CLIP) or retrieval (the nearest of"
                    + " --gallery); default: ${DEFAULT-VALUE}")
    String method;

    @Option(names = "--preset", defaultValue = "fast", description = "fast (pyramid), network or paper")
    String preset;

    @Option(names = "--steps", paramLabel = "N", description = "default: 200, network 600, paper 20000")
    int steps;

    @Option(
            names = "--size",
            paramLabel = "PX",
            description = "side of the picture; default: the backbone's input, paper 224")
    int size;

    @Option(names = "--seed", defaultValue = "1", paramLabel = "K", description = "default: ${DEFAULT-VALUE}")
    long seed;

    @Option(
            names = "--tries",
            defaultValue = "1",
            paramLabel = "N",
            description = "make N pictures, from seed on, and keep the one whose embedding stays closest in other views"
                    + " (dip) or is closest (unclip); default: ${DEFAULT-VALUE}")
    int tries;

    @Mixin
    ComputeOptions compute;

    @Mixin
    RetrievalOptions retrieval;

    @Mixin
    UnClipOptions unclip;

    @Option(
            names = "--member",
            paramLabel = "IMAGE",
            description = "a photograph: say how like it the finished picture is")
    @Nullable
    Path member;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "PNG to write; of retrieval also a .txt: cosine and name of the nearest samples, a line each")
    Path out;

    @Override
    public Integer call() throws IOException {
        if (tries < 1) {
            throw new PalimpsestException(ErrorCode.USAGE, "--tries " + tries + ": expected at least 1");
        }
        return switch (method) {
            case "dip" -> picture();
            case "unclip" -> unclip.run(raw(row()), index, named(), seed, tries, compute.open(), out);
            case "retrieval" -> retrieval.run(this::encoder, space(), wanted(space()), compute.threads, out);
            default ->
                throw new PalimpsestException(
                        ErrorCode.USAGE, "--method " + method + " is not known; use dip, unclip or retrieval");
        };
    }

    /** An embedding as the backbone gives it; of what the head saw, the head's normaliser is undone. */
    private float[] raw(float[] given) {
        Normaliser space = space();
        if (space == null || raw) {
            return given;
        }
        return unclip.keepsLength() ? space.invert(widen(given)) : EmbeddingScale.raw(widen(given), space);
    }

    private @Nullable Path named() {
        return backbone == null ? null : BackboneLibrary.folder(Path.of(""), backbone);
    }

    private String requireBackbone() {
        if (backbone == null) {
            throw new PalimpsestException(ErrorCode.USAGE, "--method " + method + " needs --backbone");
        }
        return backbone;
    }

    private int picture() throws IOException {
        long started = System.nanoTime();
        Path folder = BackboneLibrary.folder(Path.of(""), requireBackbone());
        Device device = compute.open();
        Normaliser space = space();
        double[] wanted = wanted(space);
        try (Backbone network = Backbones.open(folder, device)) {
            int own = PriorSettings.size(preset, network.inputSize());
            int count = steps == 0 ? PriorSettings.steps(preset) : steps;
            PriorSettings settings = PriorSettings.of(preset, size == 0 ? own : size, count, seed);
            Made made = null;
            try (ProgressLine progress = new ProgressLine("inverting", (long) tries * count, "steps")) {
                for (int i = 0; i < tries; i++) {
                    Made next = made(settings.withSeed(seed + i), network, space, wanted, (long) i * count, progress);
                    made = made == null || next.steadiness() > made.steadiness() ? next : made;
                }
            }
            Objects.requireNonNull(made);
            ImageIO.write(made.picture(), "png", out.toFile());
            System.out.printf(
                    Locale.ROOT,
                    "%s: cosine %.3f after %d steps and %.1f s%s%n",
                    out,
                    made.cosine(),
                    count,
                    (System.nanoTime() - started) / 1e9,
                    tries == 1 ? "" : ", the steadiest of " + tries + ": seed " + made.seed());
            if (member != null) {
                Likeness likeness = Likeness.of(
                        made.picture(),
                        ImageDecoder.decode(new Content.Image(member).bytes(), member.toString()),
                        network);
                System.out.printf(
                        Locale.ROOT,
                        "to %s: SSIM %.3f, distance in the features of %s %.3f%n",
                        member,
                        likeness.ssim(),
                        network.name(),
                        likeness.distance());
            }
        }
        retrieval.baseline(this::encoder, space, wanted, compute.threads);
        return 0;
    }

    /** A picture; {@code steadiness} decides between seeds. */
    private record Made(long seed, BufferedImage picture, double cosine, double steadiness) {}

    private Made made(
            PriorSettings settings,
            Backbone network,
            @Nullable Normaliser space,
            double[] wanted,
            long before,
            ProgressLine progress) {
        try (DeepImagePrior prior =
                DeepImagePrior.start(List.of(new DeepImagePrior.Start(settings, wanted)), network, space)) {
            prior.run(
                    settings.steps(),
                    (step, losses) -> progress.at(before + step, String.format(Locale.ROOT, "loss %.3f", losses[0])));
            return new Made(settings.seed(), prior.preview(0), prior.cosine(0), tries == 1 ? 0 : prior.steadiness(0));
        }
    }

    private Encoder<?> encoder() {
        return TextBackbone.is(requireBackbone())
                ? Encoders.texts(compute.threads)
                : Encoders.open(BackboneLibrary.folder(Path.of(""), requireBackbone()), size, compute.open());
    }

    private @Nullable Normaliser space() {
        return normaliser == null ? null : Normaliser.read(normaliser);
    }

    private double[] wanted(@Nullable Normaliser space) {
        float[] given = row();
        return raw && space != null ? space.apply(given) : widen(given);
    }

    private float[] row() {
        try (Safetensors file = Safetensors.open(embedding)) {
            Tensor tensor = file.tensor("embeddings");
            long[] shape = tensor.shape();
            if (shape.length == 2 && shape[0] == 0) {
                throw new PalimpsestException(
                        ErrorCode.NOT_FOUND,
                        embedding + " holds no embedding: the attack found nothing that it would call one. There is"
                                + " nothing to make a picture of.");
            }
            if (shape.length != 2 || index < 0 || index >= shape[0]) {
                throw new PalimpsestException(
                        ErrorCode.SHAPE_MISMATCH,
                        embedding + ": 'embeddings' has shape " + Arrays.toString(shape)
                                + ", expected [k, d] with k above " + index);
            }
            int width = Math.toIntExact(shape[1]);
            return Arrays.copyOfRange(tensor.toFloats(), index * width, (index + 1) * width);
        }
    }

    private static double[] widen(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }
}
