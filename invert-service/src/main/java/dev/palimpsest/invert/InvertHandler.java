package dev.palimpsest.invert;

import ai.djl.Device;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.Message.InvertUnit;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.invert.prior.DeepImagePrior;
import dev.palimpsest.invert.prior.PriorSettings;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.stage.BackboneCache;
import dev.palimpsest.stage.UnitContext;
import dev.palimpsest.stage.UnitHandler;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * The invert stage: a unit is one inversion as far as it comes in {@link #UNIT}, with a preview every {@value #STEPS_A_PREVIEW} steps, then
 * the picture, or a checkpoint and the continuation. Where a unit ends changes no picture. The same backbone stays loaded between units.
 */
final class InvertHandler implements UnitHandler {
    /** Long enough for a small picture in one unit on one core: units of many pictures take turns, and the first would be done last. */
    static final Duration UNIT = Duration.ofMinutes(4);

    static final int STEPS_A_PREVIEW = 100;

    private final Device device;
    private final Duration bound;
    private final UnClipUnits unclip;
    private @Nullable Path loadedFrom;
    private @Nullable Backbone loaded;

    /** @param unclip where the pipeline is that {@code invert.method: unclip} needs, or null */
    InvertHandler(Device device, UnClipUnits.@Nullable Installed unclip) {
        this(device, UNIT, new UnClipUnits(unclip, device, UNIT));
    }

    InvertHandler(Device device, Duration bound, UnClipUnits unclip) {
        this.device = device;
        this.bound = bound;
        this.unclip = unclip;
    }

    @Override
    public Stage stage() {
        return Stage.INVERT;
    }

    @Override
    public List<Message> run(Message message, UnitContext context) throws IOException {
        if (!(message instanceof InvertUnit unit)) {
            throw unexpected(message);
        }
        Target target = Json.mapper().readValue(context.store().get(unit.target()), Target.class);
        Path folder = BackboneCache.folder(context, target.backbone());
        ArtifactRef normaliserRef = target.normaliser();
        Normaliser normaliser = normaliserRef == null
                ? null
                : Normaliser.read(new ByteArrayInputStream(context.store().get(normaliserRef)), normaliserRef.key());
        double[] embedding = embedding(unit, context);
        if (unclip.chosen(target.invert(), folder)) {
            forget();
            return unclip.run(unit, seed(target, unit.item()), folder, normaliser, embedding, context);
        }
        Backbone backbone = backbone(folder);
        PriorSettings settings = settings(target, backbone, unit.item());
        try (DeepImagePrior prior = unit.checkpoint() == null
                ? DeepImagePrior.start(settings, backbone, normaliser, embedding)
                : DeepImagePrior.resume(
                        settings,
                        backbone,
                        normaliser,
                        embedding,
                        new TensorArtifacts(context.store())
                                .get(unit.checkpoint())
                                .tensors())) {
            long until = System.nanoTime() + bound.toNanos();
            do {
                prior.run(DeepImagePrior.REPORT_EVERY, (step, loss) -> report(unit, settings, prior, loss, context));
            } while (!prior.done() && System.nanoTime() < until && !context.cancelled() && !context.paused());
            return context.cancelled() ? List.of() : List.of(publish(unit, settings, prior, context));
        }
    }

    private static void report(
            InvertUnit unit, PriorSettings settings, DeepImagePrior prior, double loss, UnitContext context) {
        boolean preview = prior.step() % STEPS_A_PREVIEW == 0 && !prior.done();
        context.progress(
                unit.item(),
                Math.min(prior.step(), settings.steps() - 1L),
                settings.steps(),
                "steps",
                String.format(Locale.ROOT, "loss %.3f", loss),
                Map.of("loss", loss),
                preview ? picture(unit, prior, context) : null);
    }

    private static ArtifactRef picture(InvertUnit unit, DeepImagePrior prior, UnitContext context) {
        return context.store().put(key(unit, prior, ".png"), png(prior.preview()), "image/png");
    }

    private static String key(InvertUnit unit, DeepImagePrior prior, String ending) {
        return Keys.result(unit.audit(), Stage.INVERT, unit.item() + "-" + prior.step() + ending);
    }

    private static Message publish(InvertUnit unit, PriorSettings settings, DeepImagePrior prior, UnitContext context) {
        AuditId audit = unit.audit();
        int step = Math.toIntExact(prior.step());
        ArtifactRef picture = picture(unit, prior, context);
        double cosine = prior.cosine();
        context.progress(
                unit.item(),
                step,
                settings.steps(),
                "steps",
                String.format(Locale.ROOT, "cosine %.3f", cosine),
                Map.of("cosine", cosine),
                picture);
        if (prior.done()) {
            return new InversionReady(audit, unit.item(), unit.embeddings(), unit.index(), picture, cosine, step);
        }
        ArtifactRef checkpoint = new TensorArtifacts(context.store())
                .put(key(unit, prior, ".safetensors"), new TreeMap<>(prior.checkpoint()), Map.of());
        return new InvertUnit(audit, unit.target(), unit.item(), unit.embeddings(), unit.index(), step, checkpoint);
    }

    private Backbone backbone(Path folder) {
        if (loaded != null && folder.equals(loadedFrom)) {
            return loaded;
        }
        forget();
        Backbone opened = Backbones.open(folder, device);
        loaded = opened;
        loadedFrom = folder;
        return opened;
    }

    private void forget() {
        if (loaded != null) {
            loaded.close();
            loaded = null;
        }
    }

    /** Each picture of an audit has its own. */
    private static long seed(Target target, String item) {
        Long seed = target.invert().seed();
        return 31 * (seed == null ? 1 : seed) + item.hashCode();
    }

    private static PriorSettings settings(Target target, Backbone backbone, String item) {
        AuditSpec.InvertSpec invert = target.invert();
        String preset = Objects.requireNonNullElse(invert.preset(), "fast");
        int fed = target.inputSize() == 0 ? backbone.inputSize() : target.inputSize();
        int size = Objects.requireNonNull(invert.size());
        return PriorSettings.of(
                preset,
                size == 0 ? PriorSettings.size(preset, fed) : size,
                Objects.requireNonNull(invert.steps()),
                seed(target, item));
    }

    private static double[] embedding(InvertUnit unit, UnitContext context) {
        Tensor rows =
                new TensorArtifacts(context.store()).get(unit.embeddings()).tensor("embeddings");
        int d = Math.toIntExact(rows.shape()[1]);
        float[] all = rows.toFloats();
        double[] row = new double[d];
        for (int j = 0; j < d; j++) {
            row[j] = all[unit.index() * d + j];
        }
        return row;
    }

    private static byte[] png(BufferedImage picture) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            ImageIO.write(picture, "png", bytes);
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
