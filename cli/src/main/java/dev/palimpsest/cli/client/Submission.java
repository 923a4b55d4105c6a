package dev.palimpsest.cli.client;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.cli.backbone.BackboneFiles;
import dev.palimpsest.cli.backbone.BackboneLibrary;
import dev.palimpsest.cli.plan.Plan;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.DatasetName;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.TextBackbone;
import dev.palimpsest.contracts.spec.Problem;
import dev.palimpsest.contracts.spec.SpecProblems;
import dev.palimpsest.contracts.spec.SpecReader;
import dev.palimpsest.embed.data.Content;
import dev.palimpsest.embed.data.Datasets;
import dev.palimpsest.embed.data.Entry;
import dev.palimpsest.embed.data.Listing;
import dev.palimpsest.embed.data.Subset;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.text.MiniLm;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A spec together with the files that it names, on their way to a gateway. The same spec with the same files is the same
 * audit, so that sending it again after an interruption finds the audit that was begun.
 */
public final class Submission {
    private final AuditSpec spec;
    private final Path base;
    private final String origin;
    private final String text;

    private Submission(AuditSpec spec, Path base, String origin, String text) {
        this.spec = spec;
        this.base = base;
        this.origin = origin;
        this.text = text;
    }

    /** Reads and checks a spec; relative paths in it are relative to its folder. */
    public static Submission read(Path file) {
        try {
            String text = Files.readString(file);
            return new Submission(SpecReader.read(text, file.toString()), folder(file), file.toString(), text);
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND,
                    "Cannot read the spec " + file
                            + (e instanceof NoSuchFileException ? ": there is no such file" : ": " + e.getMessage())
                            + "; check the path",
                    e);
        }
    }

    /** Of a spec that is checked. */
    public static Submission of(AuditSpec spec, Path base) {
        return new Submission(spec, base, "spec", "");
    }

    /** What relative paths of a spec's file are relative to. */
    public static Path folder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        return folder == null ? Path.of("/") : folder;
    }

    public AuditSpec spec() {
        return spec;
    }

    /**
     * Uploads what is not there yet and submits the audit.
     *
     * @param again whether to run anew although the same audit was submitted before
     * @return the audit's id
     */
    public String send(GatewayClient client, boolean again, Consumer<String> say) {
        return send(client, again, say, new SpecUpload(client, base, say));
    }

    /** As above, without what {@code sent} has sent. */
    String send(GatewayClient client, boolean again, Consumer<String> say, SpecUpload sent) {
        requireFiles();
        ObjectNode body = Json.mapper().createObjectNode();
        body.set("spec", Json.mapper().valueToTree(spec));
        body.set("backbone", sent.once(() -> backbone(client), spec.backbone()));
        AuditSpec.TargetSpec target = spec.target();
        put(body, "head", client, Keys.Area.TARGETS, target.head());
        put(body, "normaliser", client, Keys.Area.TARGETS, target.normaliser());
        AuditSpec.KnowledgeSpec knowledge = spec.knowledge();
        if (knowledge != null) {
            put(body, "members", client, Keys.Area.KNOWLEDGE, knowledge.members());
            put(body, "controls", client, Keys.Area.KNOWLEDGE, knowledge.controls());
        }
        AuditSpec.TrainSpec train = target.train();
        if (train != null) {
            body.set("manifest", sent.once(() -> manifest(train, client, say), data().toArray()));
        }
        return client.submit(
                body,
                again
                        ? UUID.randomUUID().toString()
                        : Digests.sha256(body.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private JsonNode manifest(AuditSpec.TrainSpec train, GatewayClient client, Consumer<String> say) {
        Listing listing = listing(train);
        listing.skipped().forEach(sentence -> say.accept("Left out: " + sentence));
        if (listing.skippedInAll() > listing.skipped().size()) {
            say.accept(
                    "Left out: " + (listing.skippedInAll() - listing.skipped().size()) + " more.");
        }
        requireTaken(listing);
        return Json.mapper().valueToTree(new SampleUpload(client, say).send(listing.entries()));
    }

    /** What decides which samples a spec trains on, and that they fit its backbone. */
    public List<@Nullable Object> data() {
        AuditSpec.TrainSpec train = spec.target().train();
        return train == null
                ? Arrays.asList(spec.backbone())
                : Arrays.asList(
                        spec.backbone(),
                        train.dataset(),
                        train.split(),
                        train.classes(),
                        train.perClass(),
                        train.heldOutPerClass(),
                        train.subsetSeed());
    }

    /** What the audit will know and cost; reads the files that the spec names, and sends nothing. */
    public Plan plan() {
        return Plan.of(spec, inputs());
    }

    /**
     * What the spec's files say.
     *
     * @throws PalimpsestException when they cannot be trained on: BAD_DATA, BAD_SPEC, NOT_FOUND
     */
    public Plan.Inputs inputs() {
        requireFiles();
        AuditSpec.TrainSpec train = spec.target().train();
        List<Entry> entries = List.of();
        if (train != null) {
            Listing listing = listing(train);
            requireTaken(listing);
            entries = listing.entries();
        }
        long members = entries.stream()
                .filter(entry -> entry.part().equals(Entry.MEMBER))
                .count();
        if (TextBackbone.is(spec.backbone())) {
            return new Plan.Inputs(entries.size(), (int) members, 0, 0);
        }
        Path folder = BackboneLibrary.folder(base, spec.backbone());
        try (Backbone network = Backbones.open(folder, Device.cpu())) {
            long bytes = 0;
            for (Path file : BackboneFiles.of(folder)) {
                bytes += Files.size(file);
            }
            return new Plan.Inputs(entries.size(), (int) members, bytes, network.inputSize());
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND, "Cannot read the backbone " + folder + ": " + e.getMessage(), e);
        }
    }

    private void requireFiles() {
        List<Problem> problems = SpecFiles.problems(spec, base, text);
        if (!problems.isEmpty()) {
            throw new SpecProblems(origin, problems).toException();
        }
    }

    private Listing listing(AuditSpec.TrainSpec train) {
        return Datasets.read(
                base,
                DatasetName.of(train.dataset()),
                train.split() == null ? null : base.resolve(train.split()),
                Subset.of(train));
    }

    private ObjectNode backbone(GatewayClient client) {
        if (TextBackbone.is(spec.backbone())) {
            ArtifactRef config = client.upload(Keys.Area.BACKBONES, MiniLm.config());
            return Json.mapper()
                    .createObjectNode()
                    .set("config.json", Json.mapper().valueToTree(config));
        }
        Path folder = BackboneLibrary.folder(base, spec.backbone());
        ObjectNode files = Json.mapper().createObjectNode();
        for (Path file : BackboneFiles.of(folder)) {
            files.set(
                    file.getFileName().toString(), Json.mapper().valueToTree(client.upload(Keys.Area.BACKBONES, file)));
        }
        return files;
    }

    /** Texts need the backbone for texts, images another; embeddings may be of either. */
    private void requireTaken(Listing listing) {
        boolean texts = TextBackbone.is(spec.backbone());
        boolean wrong = listing.entries().stream()
                .map(Entry::content)
                .anyMatch(content -> texts ? content instanceof Content.Image : content instanceof Content.Text);
        if (wrong) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    "backbone: " + spec.backbone() + " takes " + (texts ? "texts" : "images")
                            + ", but the dataset holds "
                            + (texts ? "images" : "texts; the backbone for them is " + TextBackbone.NAME));
        }
    }

    private void put(ObjectNode body, String field, GatewayClient client, Keys.Area area, @Nullable String path) {
        if (path != null) {
            body.set(field, Json.mapper().valueToTree(client.upload(area, base.resolve(path))));
        }
    }
}
