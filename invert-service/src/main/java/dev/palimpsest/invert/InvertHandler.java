package dev.palimpsest.invert;

import ai.djl.Device;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.Message.InvertUnit;
import dev.palimpsest.contracts.PalimpsestException;
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
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * The invert stage: {@value #STEPS_A_UNIT} steps of one inversion, then a checkpoint, a preview and the continuation. The same backbone
 * stays loaded between units.
 */
final class InvertHandler implements UnitHandler {
    static final int STEPS_A_UNIT = 300;

    private final Device device;
    private @Nullable Path loadedFrom;
    private @Nullable Backbone loaded;

    InvertHandler(Device device) {
        this.device = device;
    }

    @Override
    public Stage stage() {
        return Stage.INVERT;
    }

    @Override
    public List<Message> run(Message message, UnitContext context) throws IOException {
        if (!(message instanceof InvertUnit unit)) {
            throw new PalimpsestException(
                    ErrorCode.BAD_MESSAGE,
                    "The invert stage does not handle " + message.topic() + " " + message.unit());
        }
        Target target = Json.mapper().readValue(context.store().get(unit.target()), Target.class);
        Backbone backbone = backbone(BackboneCache.folder(context, target.backbone()));
        PriorSettings settings = settings(target, backbone, unit.item());
        ArtifactRef normaliserRef = target.normaliser();
        Normaliser normaliser = normaliserRef == null
                ? null
                : Normaliser.read(new ByteArrayInputStream(context.store().get(normaliserRef)), normaliserRef.key());
        double[] embedding = embedding(unit, context);
        try (DeepImagePrior prior = unit.checkpoint() == null
                ? DeepImagePrior.start(settings, backbone, normaliser, embedding)
                : DeepImagePrior.resume(
                        settings, backbone, normaliser, embedding, tensors(context, unit.checkpoint()))) {
            long end = Math.min(settings.steps(), (long) unit.step() + STEPS_A_UNIT);
            while (prior.step() < end && !context.cancelled()) {
                prior.run(
                        Math.min(DeepImagePrior.REPORT_EVERY, end - prior.step()),
                        (step, loss) -> context.progress(
                                unit.item(),
                                Math.min(step, settings.steps() - 1L),
                                settings.steps(),
                                "steps",
                                String.format(Locale.ROOT, "loss %.3f", loss),
                                Map.of("loss", loss),
                                null));
            }
            return context.cancelled() ? List.of() : List.of(publish(unit, settings, prior, context));
        }
    }

    private static Message publish(InvertUnit unit, PriorSettings settings, DeepImagePrior prior, UnitContext context)
            throws IOException {
        AuditId audit = unit.audit();
        int step = Math.toIntExact(prior.step());
        String name = unit.item() + "-" + step;
        ArtifactRef picture =
                context.store().put(Keys.result(audit, Stage.INVERT, name + ".png"), png(prior.preview()), "image/png");
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
                .put(
                        Keys.result(audit, Stage.INVERT, name + ".safetensors"),
                        new TreeMap<>(prior.checkpoint()),
                        Map.of());
        return new InvertUnit(audit, unit.target(), unit.item(), unit.embeddings(), unit.index(), step, checkpoint);
    }

    private Backbone backbone(Path folder) {
        if (loaded != null && folder.equals(loadedFrom)) {
            return loaded;
        }
        if (loaded != null) {
            loaded.close();
        }
        Backbone opened = Backbones.open(folder, device);
        loaded = opened;
        loadedFrom = folder;
        return opened;
    }

    private static PriorSettings settings(Target target, Backbone backbone, String item) {
        Integer size = target.invert().size();
        int fed = target.inputSize() == 0 ? backbone.inputSize() : target.inputSize();
        Integer steps = target.invert().steps();
        Long seed = target.invert().seed();
        return PriorSettings.fast(
                size == null || size == 0 ? fed : size,
                steps == null ? 600 : steps,
                31 * (seed == null ? 1 : seed) + item.hashCode());
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

    private static Map<String, Tensor> tensors(UnitContext context, ArtifactRef ref) {
        Safetensors file = new TensorArtifacts(context.store()).get(ref);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        file.names().forEach(name -> tensors.put(name, file.tensor(name)));
        return tensors;
    }

    private static byte[] png(BufferedImage picture) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", bytes);
        return bytes.toByteArray();
    }
}
