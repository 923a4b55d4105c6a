package dev.palimpsest.invert;

import ai.djl.Device;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.InvertUnit;
import dev.palimpsest.contracts.Message.InvertUnit.Row;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.invert.unclip.EmbeddingScale;
import dev.palimpsest.invert.unclip.Judge;
import dev.palimpsest.invert.unclip.MemoryPlan;
import dev.palimpsest.invert.unclip.ReEmbedding;
import dev.palimpsest.invert.unclip.SeededNoise;
import dev.palimpsest.invert.unclip.UnClip;
import dev.palimpsest.invert.unclip.UnClipFolder;
import dev.palimpsest.invert.unclip.UnClipSettings;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.models.Torch;
import dev.palimpsest.stage.UnitContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Units of {@code invert.method: unclip}. The pipeline is 10 GB that every worker has on a volume of its own, not an artifact of an audit;
 * beside it goes the public length of embeddings, which {@code invert --norm public} measures. A unit is at least one step.
 */
final class UnClipUnits {
    private static final UnClipSettings SETTINGS = UnClipSettings.DEFAULT;

    /**
     * Where a worker has its pipeline.
     *
     * @param norm length that embeddings are given
     */
    record Installed(Path folder, double norm) {
        /** Nothing where neither is configured. */
        static @Nullable Installed of(Optional<String> folder, Optional<Double> norm) {
            if (folder.isEmpty()) {
                return null;
            }
            double length = norm.orElse(0.0);
            if (!(length > 0)) {
                throw new PalimpsestException(
                        ErrorCode.USAGE,
                        "palimpsest.unclip.folder is set; palimpsest.unclip.norm must be the length of public embeddings,"
                                + " as 'palimpsest invert --method unclip --norm public' prints it");
            }
            return new Installed(Path.of(folder.get()), length);
        }
    }

    private final @Nullable Installed installed;
    private final Device device;
    private final Duration bound;
    private final UnClipSettings settings;

    UnClipUnits(@Nullable Installed installed, Device device, Duration bound) {
        this(installed, device, bound, SETTINGS);
    }

    UnClipUnits(@Nullable Installed installed, Device device, Duration bound, UnClipSettings settings) {
        this.installed = installed;
        this.device = device;
        this.bound = bound;
        this.settings = settings;
    }

    /**
     * Whether an audit's pictures are made so.
     *
     * @param backbone folder of the network that the audit is about
     */
    boolean chosen(AuditSpec.InvertSpec spec, Path backbone) {
        String method = spec.method() == null ? "dip" : spec.method();
        return switch (method) {
            case "unclip" -> true;
            case "auto" -> installed != null && Backbones.family(backbone).startsWith("clip");
            default -> false;
        };
    }

    /**
     * As far as the unit goes.
     *
     * @param unit of one picture: a pass of these networks is long enough by itself
     * @param seeds how many pictures the decoder begins; the one whose embedding is closest is enlarged, and no member is looked at
     * @param backbone folder of the network that the audit is about
     * @param embedding {@code [d]} in the space that the head saw
     */
    List<Message> run(
            InvertUnit unit,
            long seed,
            int seeds,
            Path backbone,
            @Nullable Normaliser normaliser,
            double[] embedding,
            UnitContext context)
            throws IOException {
        if (installed == null) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    "invert.method is unclip, but this worker has no pipeline: set palimpsest.unclip.folder and"
                            + " palimpsest.unclip.norm, or use dip");
        }
        UnClipFolder folder = UnClipFolder.open(installed.folder());
        MemoryPlan.of(folder, settings).require(device.toString(), Torch.freeMemory(device));
        long until = System.nanoTime() + bound.toNanos();
        ReEmbedding eyes = new ReEmbedding(backbone, device, normaliser, embedding);
        float[][] rows = new float[seeds][];
        Arrays.fill(rows, raw(embedding, normaliser, installed.norm(), folder));
        try (UnClip run = open(unit, new SeededNoise(seed), folder, rows, seeds > 1 ? eyes : null, context)) {
            do {
                run.advance();
                if (!run.done()) {
                    report(unit, run, context, null);
                }
            } while (!run.done() && System.nanoTime() < until && !context.cancelled() && !context.paused());
            if (context.cancelled()) {
                return List.of();
            }
            InversionArtifacts artifacts = new InversionArtifacts(unit, context.store());
            Row row = unit.rows().get(0);
            ArtifactRef picture = artifacts.picture(row, run.step(), run.preview(0));
            if (!run.done()) {
                report(unit, run, context, picture);
                return List.of(artifacts.next(run.step(), run.checkpoint(), Map.of()));
            }
            run.close();
            float[] seen = eyes.embed(run.preview(0));
            double cosine = eyes.cosine(seen);
            context.progress(unit.item(), run.step(), settings.steps(), "steps", "", Map.of("cosine", cosine), picture);
            return List.of(
                    artifacts.ready(row, run.step(), picture, cosine, artifacts.embedding(row, run.step(), seen)));
        }
    }

    private UnClip open(
            InvertUnit unit,
            SeededNoise noise,
            UnClipFolder folder,
            float[][] embeddings,
            @Nullable Judge judge,
            UnitContext context) {
        ArtifactRef checkpoint = unit.checkpoint();
        if (checkpoint == null) {
            return UnClip.start(folder, device, settings, embeddings, noise, judge);
        }
        return UnClip.resume(
                folder,
                device,
                settings,
                noise,
                judge,
                new TensorArtifacts(context.store()).get(checkpoint).tensors());
    }

    private static float[] raw(double[] embedding, @Nullable Normaliser normaliser, double norm, UnClipFolder folder) {
        float[] raw = new float[embedding.length];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = (float) embedding[i];
        }
        // Before anything is divided by its length.
        EmbeddingScale.check(new float[][] {raw}, folder.width());
        return EmbeddingScale.scaled(normaliser == null ? raw : EmbeddingScale.raw(embedding, normaliser), norm);
    }

    private void report(InvertUnit unit, UnClip run, UnitContext context, @Nullable ArtifactRef picture) {
        String loop = run.step() < settings.decoderSteps() ? "decoder" : "super resolution";
        context.progress(unit.item(), run.step(), settings.steps(), "steps", loop, Map.of(), picture);
    }
}
