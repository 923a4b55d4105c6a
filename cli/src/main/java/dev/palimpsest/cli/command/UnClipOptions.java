package dev.palimpsest.cli.command;

import ai.djl.Device;
import dev.palimpsest.cli.backbone.BackboneLibrary;
import dev.palimpsest.cli.local.Home;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.invert.unclip.EmbeddingScale;
import dev.palimpsest.invert.unclip.Judge;
import dev.palimpsest.invert.unclip.MemoryPlan;
import dev.palimpsest.invert.unclip.Noise;
import dev.palimpsest.invert.unclip.ReEmbedding;
import dev.palimpsest.invert.unclip.RecordedNoise;
import dev.palimpsest.invert.unclip.SeededNoise;
import dev.palimpsest.invert.unclip.UnClip;
import dev.palimpsest.invert.unclip.UnClipFolder;
import dev.palimpsest.invert.unclip.UnClipSettings;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.models.Torch;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What 'invert --method unclip' takes beside the embedding. */
final class UnClipOptions {
    @Option(names = "--unclip", paramLabel = "DIR", description = "unclip: the published pipeline, in diffusers layout")
    @Nullable
    Path folder;

    @Option(
            names = "--decoder-steps",
            defaultValue = "25",
            paramLabel = "N",
            description = "unclip: default: ${DEFAULT-VALUE}")
    int decoderSteps;

    @Option(
            names = "--super-res-steps",
            defaultValue = "7",
            paramLabel = "N",
            description = "unclip: default: ${DEFAULT-VALUE}")
    int superResSteps;

    @Option(
            names = "--guidance",
            defaultValue = "8",
            paramLabel = "G",
            description = "unclip: how far beyond any picture towards the embedding; 1: not at all; default:"
                    + " ${DEFAULT-VALUE}")
    double guidance;

    @Option(
            names = "--norm",
            defaultValue = "keep",
            paramLabel = "keep|public|VALUE",
            description = "unclip: length to give the embedding; public: the mean of public pictures; default:"
                    + " ${DEFAULT-VALUE}")
    String norm;

    @Option(
            names = "--noise",
            paramLabel = "FILE",
            description =
                    "unclip: replay this noise: safetensors with decoder/initial_latents, decoder/step_NN/noise and"
                            + " the same of super_res")
    @Nullable
    Path noise;

    /**
     * Makes the picture and writes it.
     *
     * @param embedding raw, its length not known when it comes from an attack
     * @param index its row in its file
     * @param backbone the network that made it, where it was named
     * @param tries seeds, of which the picture is kept that re-embeds closest
     * @return exit code
     */
    int run(float[] embedding, int index, @Nullable Path backbone, long seed, int tries, Device device, Path out)
            throws IOException {
        long started = System.nanoTime();
        if (folder == null) {
            throw new PalimpsestException(ErrorCode.USAGE, "--method unclip needs --unclip DIR");
        }
        UnClipSettings settings = new UnClipSettings(decoderSteps, superResSteps, guidance);
        UnClipFolder pipeline = UnClipFolder.open(folder);
        EmbeddingScale.check(new float[][] {embedding}, pipeline.width());
        float[] wanted = scaled(embedding, backbone, pipeline, device);
        MemoryPlan.of(pipeline, settings).require(device.toString(), Torch.freeMemory(device));
        Noise draws =
                noise == null ? new SeededNoise(seed) : RecordedNoise.read(noise, pipeline, settings, tries, index);
        Optional<ReEmbedding> judge = pipeline.imageEncoder()
                .map(encoder -> new ReEmbedding(encoder, device, null, EmbeddingScale.wide(wanted)));
        if (tries > 1 && judge.isEmpty()) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND,
                    "--tries " + tries + " needs to look at its pictures, but " + folder
                            + " has no whole image_encoder and feature_extractor");
        }
        float[][] rows = new float[tries][];
        Arrays.fill(rows, wanted);
        try (UnClip run =
                        UnClip.start(pipeline, device, settings, rows, draws, tries > 1 ? judge.orElseThrow() : null);
                ProgressLine progress = new ProgressLine("inverting", settings.steps(), "steps")) {
            while (!run.done()) {
                progress.at(run.step(), run.step() < decoderSteps ? "decoder" : "super resolution");
                run.advance();
            }
            progress.at(run.step(), "");
            BufferedImage picture = run.preview(0);
            ImageIO.write(picture, "png", out.toFile());
            run.close();
            progress.close();
            String seen = judge.map(each -> look(each, picture)).orElse("no image_encoder to look at it with");
            System.out.printf(
                    Locale.ROOT,
                    "%s: %s after %d steps and %.1f s%n",
                    out,
                    seen,
                    run.step(),
                    (System.nanoTime() - started) / 1e9);
        }
        return 0;
    }

    /** The picture is made and stays, whatever becomes of looking at it. */
    private static String look(Judge judge, BufferedImage picture) {
        try {
            return String.format(Locale.ROOT, "cosine %.3f", judge.cosine(picture));
        } catch (PalimpsestException e) {
            return "could not be looked at (" + e.getMessage() + ")";
        }
    }

    /** Whether the length of the embedding means something. */
    boolean keepsLength() {
        return norm.equals("keep");
    }

    private float[] scaled(float[] embedding, @Nullable Path backbone, UnClipFolder pipeline, Device device) {
        if (norm.equals("keep")) {
            return embedding;
        }
        if (norm.equals("public")) {
            return EmbeddingScale.scaled(embedding, publicNorm(backbone, pipeline, device));
        }
        try {
            double length = Double.parseDouble(norm);
            if (length > 0 && Double.isFinite(length)) {
                return EmbeddingScale.scaled(embedding, length);
            }
        } catch (NumberFormatException e) {
            // Reported below, as any other value that is no length.
        }
        throw new PalimpsestException(
                ErrorCode.USAGE, "--norm " + norm + ": expected keep, public or a number above 0");
    }

    /** As it was measured when the backbone was added, else measured now with the pipeline's own encoder. */
    private static double publicNorm(@Nullable Path backbone, UnClipFolder pipeline, Device device) {
        BackboneLibrary library = BackboneLibrary.of(Home.open());
        Double norm = backbone != null && library.holds(backbone)
                ? library.entry(backbone.getFileName().toString()).publicNorm()
                : null;
        if (norm == null) {
            norm = measured(pipeline, device);
        }
        System.err.printf(
                Locale.ROOT, "length %.2f, the mean of %d public photographs%n", norm, PublicPhotographs.COUNT);
        return norm;
    }

    private static double measured(UnClipFolder pipeline, Device device) {
        Path encoder = pipeline.imageEncoder()
                .orElseThrow(() -> new PalimpsestException(
                        ErrorCode.NOT_FOUND,
                        "--norm public embeds public photographs, but " + pipeline
                                + " has no whole image_encoder and feature_extractor; give the length as a number, or a --backbone"
                                + " that was added with 'palimpsest backbone add'"));
        try (Backbone network = Backbones.open(encoder, device)) {
            Double norm = PublicPhotographs.norm(network);
            if (norm == null) {
                throw new PalimpsestException(
                        ErrorCode.NOT_FOUND,
                        "--norm public needs the photographs in examples/photos, which are not here; give the length as a number");
            }
            return norm;
        }
    }
}
