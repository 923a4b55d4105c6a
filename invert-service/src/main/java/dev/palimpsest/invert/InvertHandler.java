package dev.palimpsest.invert;

import ai.djl.Device;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.InvertUnit;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.stage.BackboneCache;
import dev.palimpsest.stage.UnitContext;
import dev.palimpsest.stage.UnitHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The invert stage: a unit is one inversion, or a batch of them, as far as it comes in {@link #UNIT}, with previews, then the pictures, or a
 * checkpoint and the continuation. Where a unit ends changes no picture. The same backbone stays loaded between units.
 */
final class InvertHandler implements UnitHandler {
    /** Long enough for a small picture in one unit on one core: units of many pictures take turns, and the first would be done last. */
    static final Duration UNIT = Duration.ofMinutes(4);

    private final Device device;
    private final PriorUnits prior;
    private final UnClipUnits unclip;
    private @Nullable Path loadedFrom;
    private @Nullable Backbone loaded;

    /** @param unclip where the pipeline is that {@code invert.method: unclip} needs, or null */
    InvertHandler(Device device, UnClipUnits.@Nullable Installed unclip) {
        this(device, UNIT, new UnClipUnits(unclip, device, UNIT));
    }

    InvertHandler(Device device, Duration bound, UnClipUnits unclip) {
        this.device = device;
        prior = new PriorUnits(bound);
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
        if (unclip.chosen(target.invert(), folder)) {
            forget();
            if (unit.beside() != null) {
                return unit.rows().stream().map(row -> alone(unit, row)).toList();
            }
            int seeds = Objects.requireNonNullElse(target.invert().seeds(), 1);
            double[] embedding = embeddings(unit, context).get(0);
            return unclip.run(unit, seed(target, unit.item()), seeds, folder, normaliser, embedding, context);
        }
        List<Long> seeds =
                unit.rows().stream().map(row -> seed(target, row.item())).toList();
        return prior.run(unit, target, seeds, backbone(folder), normaliser, embeddings(unit, context), context);
    }

    private static Message alone(InvertUnit unit, InvertUnit.Row row) {
        return new InvertUnit(unit.audit(), unit.target(), row.item(), unit.embeddings(), row.index(), 0, null);
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

    /** {@code [d]} of each row. */
    private static List<double[]> embeddings(InvertUnit unit, UnitContext context) {
        Tensor all = new TensorArtifacts(context.store()).get(unit.embeddings()).tensor("embeddings");
        int d = Math.toIntExact(all.shape()[1]);
        float[] values = all.toFloats();
        return unit.rows().stream()
                .map(row -> IntStream.range(0, d)
                        .mapToDouble(j -> values[row.index() * d + j])
                        .toArray())
                .toList();
    }
}
