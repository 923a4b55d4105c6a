package dev.palimpsest.embed;

import ai.djl.Device;
import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.npy.Npy;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.AuditRequested;
import dev.palimpsest.contracts.Message.EmbedUnit;
import dev.palimpsest.contracts.Message.TargetReady;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.contracts.TextBackbone;
import dev.palimpsest.embed.data.Encoder;
import dev.palimpsest.embed.data.Encoders;
import dev.palimpsest.embed.train.DpSgd;
import dev.palimpsest.embed.train.HeadCheck;
import dev.palimpsest.embed.train.HeadForm;
import dev.palimpsest.embed.train.HeadTrainer;
import dev.palimpsest.embed.train.TrainDefence;
import dev.palimpsest.embed.train.TrainSettings;
import dev.palimpsest.embed.train.release.ReleaseDefence;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.stage.BackboneCache;
import dev.palimpsest.stage.UnitContext;
import dev.palimpsest.stage.UnitHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The embed stage: a request becomes embeddings (in units of {@value #IMAGES_A_UNIT} images or {@link #UNIT}, what is less), then a trained head (in units of {@value #EPOCHS_A_UNIT} epochs) or a released one, then
 * the target. Members and controls go below {@code knowledge/}, which the attack cannot read.
 */
final class EmbedHandler implements UnitHandler {
    static final int EPOCHS_A_UNIT = 2_500;

    static final int IMAGES_A_UNIT = 256;
    static final Duration UNIT = Duration.ofMinutes(1);

    /** The figure that says how many embeddings an audit took from an earlier one. */
    private static final String REUSED = "reused";

    private static final String EMBED = "embed";
    private static final String TRAIN = "train";

    private final Supplier<Device> engine;
    private final ImageUnits images;

    /** @param engine loads the engine if it is not loaded, and names the device */
    EmbedHandler(Supplier<Device> engine) {
        this(engine, IMAGES_A_UNIT, UNIT);
    }

    EmbedHandler(Supplier<Device> engine, int imagesAUnit, Duration bound) {
        this.engine = engine;
        this.images = new ImageUnits(imagesAUnit, bound);
    }

    @Override
    public Stage stage() {
        return Stage.EMBED;
    }

    @Override
    public List<Message> run(Message message, UnitContext context) throws IOException {
        if (message instanceof AuditRequested requested) {
            AuditRequest request = request(context.store(), requested.request());
            if (request.head() != null) {
                return List.of(released(request, context));
            }
            return List.of(new EmbedUnit(request.audit(), requested.request(), EMBED, 0, null));
        }
        if (message instanceof EmbedUnit unit) {
            AuditRequest request = request(context.store(), unit.request());
            return unit.phase().equals(EMBED) ? embed(unit, request, context) : train(unit, request, context);
        }
        throw unexpected(message);
    }

    private static AuditRequest request(ArtifactStore store, ArtifactRef ref) throws IOException {
        return Json.mapper().readValue(store.get(ref), AuditRequest.class);
    }

    private List<Message> embed(EmbedUnit unit, AuditRequest request, UnitContext context) {
        Integer size = train(request).size();
        Samples listed = new Samples(request, context.store());
        EmbeddedDatasets earlier = new EmbeddedDatasets(context.store());
        if (unit.checkpoint() == null) {
            Optional<ImageUnits.Embedded> made = earlier.find(request);
            if (made.isPresent()) {
                context.progress(
                        "images",
                        listed.size(),
                        listed.size(),
                        "images",
                        "embeddings of an earlier audit of the same samples",
                        Map.of(REUSED, (double) made.get().rows().size()),
                        null);
                return toTraining(made.get(), unit, request, listed, context);
            }
        }
        ImageUnits.Done done;
        Path folder = BackboneCache.folder(context, request.backbone());
        try (Encoder<?> encoder = Encoders.open(folder, orElse(size, 0), engine.get())) {
            done = images.run(unit, listed, encoder, context);
        }
        if (context.cancelled()) {
            return List.of();
        }
        if (done.end() < listed.size()) {
            return List.of(new EmbedUnit(request.audit(), unit.request(), EMBED, done.end(), done.rows()));
        }
        ImageUnits.Embedded embedded = images.embedded(done.rows(), context);
        earlier.keep(request, unit.request().key(), embedded);
        return toTraining(embedded, unit, request, listed, context);
    }

    /** Stores what is known of the embedded samples; the training is next. */
    private static List<Message> toTraining(
            ImageUnits.Embedded embedded, EmbedUnit unit, AuditRequest request, Samples listed, UnitContext context) {
        List<String> labels = labels(request, listed);
        List<Knowledge.Sample> samples = embedded.rows().stream()
                .map(row -> {
                    AuditRequest.Image image = listed.get(row.place());
                    return new Knowledge.Sample(image, labels.indexOf(image.label()), row.embedding());
                })
                .toList();
        Knowledge.of(samples, embedded.left()).save(context.store(), request.audit());
        return List.of(new EmbedUnit(request.audit(), unit.request(), TRAIN, 0, null));
    }

    private List<Message> train(EmbedUnit unit, AuditRequest request, UnitContext context) throws IOException {
        AuditSpec.TrainSpec spec = train(request);
        Knowledge knowledge = Knowledge.load(context.store(), request.audit());
        List<String> classes = labels(request, new Samples(request, context.store()));
        TrainSettings settings = TrainSettings.of(
                        classes.size(),
                        orElse(spec.hidden(), 500),
                        orElse(spec.learningRate(), 0.01),
                        orElse(spec.weightDecay(), 0.08),
                        orElse(spec.epochs(), 10_000),
                        orElse(spec.seed(), 0L),
                        HeadForm.of(spec.depth(), spec.activation(), spec.loss(), spec.biases()))
                .with(TrainDefence.of(spec.defence()));
        knowledge.requireTrainable(classes);
        Normaliser normaliser = Normaliser.fit(knowledge.members(), knowledge.width());
        double[] inputs = normaliser.apply(knowledge.members());
        int[] labels = knowledge.memberLabels();
        Map<String, Tensor> checkpoint = unit.checkpoint() == null
                ? null
                : new TensorArtifacts(context.store()).get(unit.checkpoint()).tensors();
        try (HeadTrainer trainer = new HeadTrainer(settings, inputs, labels, engine.get(), checkpoint)) {
            trainer.run(
                    EPOCHS_A_UNIT,
                    epoch -> context.progress("head", epoch, settings.epochs(), "epochs", "training", Map.of(), null));
            if (!trainer.done()) {
                ArtifactRef saved = new TensorArtifacts(context.store())
                        .put(
                                Keys.knowledge(request.audit(), "training-" + trainer.epoch() + ".safetensors"),
                                trainer.checkpoint(),
                                Map.of());
                return List.of(new EmbedUnit(request.audit(), unit.request(), TRAIN, trainer.epoch(), saved));
            }
            Head head = trainer.head();
            for (ReleaseDefence release : ReleaseDefence.of(spec.defence(), settings.seed())) {
                head = release.apply(head);
            }
            HeadCheck.Result onMembers =
                    HeadCheck.check(head, settings.form().loss(), inputs, labels, settings.weightDecay());
            Map<String, Double> facts = new LinkedHashMap<>();
            facts.put("trainAccuracy", onMembers.accuracy());
            facts.put("trainLoss", onMembers.loss());
            if (!Double.isNaN(onMembers.residual())) {
                facts.put("stationarityResidual", onMembers.residual());
            }
            DpSgd dp = settings.defence().dp();
            if (dp != null) {
                facts.put("dpEpsilon", dp.epsilon(settings.defence().rate(labels.length), settings.epochs()));
                facts.put("dpDelta", dp.delta());
            }
            int skipped = request.imagesInAll() - labels.length - knowledge.controlLabels().length;
            if (skipped > 0) {
                facts.put("imagesSkipped", (double) skipped);
            }
            if (knowledge.controlLabels().length > 0) {
                facts.put(
                        "heldOutAccuracy",
                        HeadCheck.check(head, normaliser.apply(knowledge.controls()), knowledge.controlLabels(), 0)
                                .accuracy());
            }
            context.progress(
                    "head",
                    settings.epochs(),
                    settings.epochs(),
                    "epochs",
                    String.format(
                            Locale.ROOT,
                            "accuracy on held-out images %.3f, stationarity residual %.3f",
                            facts.getOrDefault("heldOutAccuracy", Double.NaN),
                            onMembers.residual()),
                    facts,
                    null);
            return List.of(publish(request, context, head, normaliser, classes, labels.length, settings, facts));
        }
    }

    private static Message publish(
            AuditRequest request,
            UnitContext context,
            Head head,
            Normaliser normaliser,
            List<String> classes,
            int members,
            TrainSettings settings,
            Map<String, Double> facts)
            throws IOException {
        AuditId audit = request.audit();
        ByteArrayOutputStream headBytes = new ByteArrayOutputStream();
        head.save(headBytes);
        ByteArrayOutputStream normaliserBytes = new ByteArrayOutputStream();
        normaliser.save(normaliserBytes);
        ArtifactStore store = context.store();
        ArtifactRef headRef =
                store.put(Keys.target(audit, "head.safetensors"), headBytes.toByteArray(), "application/octet-stream");
        ArtifactRef normaliserRef = store.put(
                Keys.target(audit, "normaliser.safetensors"),
                normaliserBytes.toByteArray(),
                "application/octet-stream");
        AuditSpec.TrainSpec train = train(request);
        return announce(
                store,
                target(
                        request,
                        headRef,
                        normaliserRef,
                        train.size() == null ? 0 : train.size(),
                        classes,
                        members,
                        settings.weightDecay(),
                        facts));
    }

    private Message released(AuditRequest request, UnitContext context) throws IOException {
        ArtifactStore store = context.store();
        ArtifactRef headRef = Objects.requireNonNull(request.head());
        Head head = Head.read(new ByteArrayInputStream(store.get(headRef)), "head");
        Path folder = BackboneCache.folder(context, request.backbone());
        try (Encoder<?> encoder = Encoders.open(folder, 0, engine.get())) {
            head.requireInputs(encoder.dimension(), "the backbone " + encoder.name());
        }
        ArtifactRef members = request.members();
        if (members != null) {
            ArtifactRef controls = request.controls();
            Knowledge.released(
                            embeddings(store, members),
                            controls == null ? null : embeddings(store, controls),
                            head.inputs())
                    .save(store, request.audit());
        }
        List<String> classes = new ArrayList<>();
        for (int k = 0; k < Math.max(2, head.outputs()); k++) {
            classes.add("class " + k);
        }
        AuditSpec.TargetSpec told = request.spec().target();
        return announce(
                store,
                target(
                        request,
                        headRef,
                        request.normaliser(),
                        0,
                        classes,
                        orElse(told.samples(), 0),
                        orElse(told.weightDecay(), 0.),
                        Map.of()));
    }

    private static Target target(
            AuditRequest request,
            ArtifactRef head,
            @Nullable ArtifactRef normaliser,
            int size,
            List<String> classes,
            int members,
            double weightDecay,
            Map<String, Double> facts) {
        AuditSpec spec = request.spec();
        return new Target(
                CloudEvent.SCHEMA_VERSION,
                request.audit(),
                head,
                normaliser,
                request.backbone(),
                size,
                classes,
                members,
                weightDecay,
                spec.reconstruct(),
                spec.select(),
                inversion(spec),
                facts,
                spec.target().activation(),
                loss(spec.target()),
                spec.target().train() == null ? null : spec.target().train().defence());
    }

    /** What the attack is told of the loss: cross entropy is attacked in its published form unless the owner of a released head says otherwise. */
    private static @Nullable String loss(AuditSpec.TargetSpec target) {
        AuditSpec.TrainSpec train = target.train();
        return train == null || "cross-entropy".equals(train.loss()) ? target.loss() : train.loss();
    }

    /** No picture is asked for where samples are texts: then the stages after this one make none. */
    private static AuditSpec.InvertSpec inversion(AuditSpec spec) {
        AuditSpec.InvertSpec asked = spec.invert();
        return TextBackbone.is(spec.backbone())
                ? new AuditSpec.InvertSpec(asked.method(), 0, asked.steps(), asked.size(), asked.seed(), asked.preset())
                : asked;
    }

    private static Message announce(ArtifactStore store, Target target) throws JsonProcessingException {
        ArtifactRef ref = store.put(
                Keys.target(target.audit(), "target.json"),
                Json.mapper().writeValueAsBytes(target),
                "application/json");
        return new TargetReady(target.audit(), ref);
    }

    private static Tensor embeddings(ArtifactStore store, ArtifactRef ref) {
        byte[] bytes = store.get(ref);
        return Npy.is(bytes)
                ? Npy.read(bytes, ref.key())
                : Safetensors.read(new ByteArrayInputStream(bytes), ref.key()).tensor("embeddings");
    }

    private static AuditSpec.TrainSpec train(AuditRequest request) {
        AuditSpec.TrainSpec train = request.spec().target().train();
        if (train == null) {
            throw new PalimpsestException(ErrorCode.BAD_SPEC, "target: neither a head nor train");
        }
        return train;
    }

    private static List<String> labels(AuditRequest request, Samples listed) {
        List<String> asked = train(request).labels();
        return asked.isEmpty() ? listed.labels() : asked;
    }

    private static <T> T orElse(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }
}
