package dev.palimpsest.embed;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.npy.Npy;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.AuditSpec.InvertSpec;
import dev.palimpsest.contracts.AuditSpec.ReconstructSpec;
import dev.palimpsest.contracts.AuditSpec.SelectSpec;
import dev.palimpsest.contracts.AuditSpec.TargetSpec;
import dev.palimpsest.contracts.AuditSpec.TrainSpec;
import dev.palimpsest.contracts.EmbeddedData;
import dev.palimpsest.contracts.ImageManifest;
import dev.palimpsest.contracts.ImagePage;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.AuditRequested;
import dev.palimpsest.contracts.Message.TargetReady;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.contracts.access.Service;
import dev.palimpsest.models.Torch;
import dev.palimpsest.stage.UnitContext;
import dev.palimpsest.testkit.Fixtures;
import dev.palimpsest.testkit.LocalInfra;
import dev.palimpsest.text.MiniLm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stage on real photographs, a real backbone and a real store. */
class EmbedHandlerTest {
    private static final int IMAGES = 36;
    private static final int BROKEN = 3;

    private static LocalInfra infra;
    private static ArtifactStore store;
    /** With the service's own credentials, as it runs. */
    private static ArtifactStore worker;

    @TempDir
    Path cache;

    private final List<String> told = new ArrayList<>();
    private final Map<String, Double> figures = new HashMap<>();
    private @Nullable String eraseDuring;

    @BeforeAll
    static void start() {
        Torch.threads(1);
        infra = LocalInfra.start(List.of());
        store = infra.connect();
        worker = infra.connect(Service.EMBED);
    }

    @AfterAll
    static void stop() throws Exception {
        store.close();
        worker.close();
        infra.close();
    }

    /** Tests that are about embedding begin without what others embedded. */
    @BeforeEach
    void forget() {
        store.delete(EmbeddedData.PREFIX);
    }

    @Test
    void aSecondAuditOfTheSameSamplesEmbedsNothingAndHasTheSameKnowledge() throws Exception {
        EmbedHandler handler = new EmbedHandler(Device::cpu, 16, EmbedHandler.UNIT);
        untilTraining(requested("computes", true), handler);
        assertThat(store.list(EmbeddedData.PREFIX)).hasSize(1);
        EmbedHandler withoutEngine = new EmbedHandler(
                () -> {
                    throw new AssertionError("no network is needed");
                },
                16,
                EmbedHandler.UNIT);

        assertThat(untilTraining(requested("takes", true), withoutEngine)).containsExactly("embed-0", "train-0");

        assertThat(knowledge("takes"))
                .extracting(ArtifactRef::sha256)
                .isEqualTo(knowledge("computes").sha256());
        assertThat(told).last().isEqualTo("36/36 embeddings of an earlier audit of the same samples");
        assertThat(figures).containsExactly(Map.entry("reused", (double) (IMAGES - BROKEN)));
    }

    @Test
    void anAuditThatWasErasedMeanwhileLeavesNothingForOthers() throws Exception {
        EmbedHandler handler = new EmbedHandler(Device::cpu);
        AuditRequested requested = requested("erased", false);
        Message unit = handler.run(requested, new Context()).get(0);
        eraseDuring = requested.request().key();

        handler.run(unit, new Context());

        assertThat(store.list(EmbeddedData.PREFIX)).isEmpty();
    }

    @Test
    void whereUnitsEndChangesNoDigest() throws Exception {
        assertThat(untilTraining(requested("whole", false), new EmbedHandler(Device::cpu)))
                .containsExactly("embed-0", "train-0");
        forget();
        EmbedHandler eight = new EmbedHandler(Device::cpu, 8, EmbedHandler.UNIT);
        assertThat(untilTraining(requested("pieces", false), eight))
                .containsExactly("embed-0", "embed-8", "embed-16", "embed-24", "embed-32", "train-0");

        assertThat(knowledge("pieces").sha256()).isEqualTo(knowledge("whole").sha256());
        Knowledge knowledge = Knowledge.load(store, new AuditId("pieces"));
        assertThat(knowledge.memberLabels()).hasSize(IMAGES / 2 - BROKEN);
        assertThat(knowledge.controlLabels()).hasSize(IMAGES / 2);
        assertThat(knowledge.left()).hasSize(BROKEN).allSatisfy(left -> {
            assertThat(left.file()).endsWith(".jpg");
            assertThat(left.reason()).startsWith(left.file() + ": ");
        });
        assertThat(told).last().asString().startsWith("36/36 embedding; skipped 3: ");
    }

    @Test
    void imagesByReferenceInUnitsWithoutTimeGiveTheSameDigest() throws Exception {
        untilTraining(requested("in-the-request", false), new EmbedHandler(Device::cpu));
        forget();
        EmbedHandler hurried = new EmbedHandler(Device::cpu, EmbedHandler.IMAGES_A_UNIT, Duration.ZERO);
        assertThat(untilTraining(requested("by-reference", true), hurried))
                .containsExactly("embed-0", "embed-8", "embed-16", "embed-24", "embed-32", "train-0");

        assertThat(knowledge("by-reference").sha256())
                .isEqualTo(knowledge("in-the-request").sha256());
    }

    @Test
    void aUnitThatIsDeliveredAgainMakesTheSameArtifacts() throws Exception {
        EmbedHandler handler = new EmbedHandler(Device::cpu, 16, EmbedHandler.UNIT);
        Message first = handler.run(requested("again", true), new Context()).get(0);
        List<Message> second = handler.run(first, new Context());
        assertThat(handler.run(first, new Context())).isEqualTo(second);
        Message third = second.get(0);
        assertThat(handler.run(third, new Context())).isEqualTo(handler.run(third, new Context()));
    }

    /** What a release before wrote: documents in the metadata. */
    @Test
    void knowledgeOfAnEarlierReleaseIsRead() throws Exception {
        AuditId audit = new AuditId("earlier");
        String images = "[{\"file\":\"a/1.jpg\",\"label\":\"a\",\"part\":\"member\",\"ref\":"
                + Json.mapper().writeValueAsString(store.put("knowledge/made/1", new byte[1], "image/jpeg")) + "}]";
        new TensorArtifacts(store)
                .put(
                        Keys.knowledge(audit, Knowledge.NAME),
                        Map.of(
                                "members", Tensor.ofFloats(new float[] {1, 2}, 1, 2),
                                "member_labels", Tensor.ofLongs(new long[] {0}, 1)),
                        Map.of("member_images", images, "control_images", "[]", "left_out", "[]"));

        Knowledge knowledge = Knowledge.load(store, audit);
        assertThat(knowledge.memberImages())
                .extracting(AuditRequest.Image::file)
                .containsExactly("a/1.jpg");
        assertThat(knowledge.left()).isEmpty();
    }

    @Test
    void knowledgeHasRoomForTheNamesOfAHundredThousandImages() {
        AuditId audit = new AuditId("many");
        int n = 100_000;
        ArtifactRef ref = new ArtifactRef(Keys.upload(Keys.Area.KNOWLEDGE, "0".repeat(64)), "0".repeat(64), 1);
        List<AuditRequest.Image> images = IntStream.range(0, n)
                .mapToObj(i -> new AuditRequest.Image("class/" + i + ".jpg", "a", "member", ref))
                .toList();
        new Knowledge(1, new float[n], new float[0], new int[n], new int[0], images, List.of(), List.of())
                .save(store, audit);

        assertThat(Knowledge.load(store, audit).memberImages()).isEqualTo(images);
    }

    @Test
    void textsAndRowsTrainAHeadAndAskForNoPicture() throws Exception {
        AuditId audit = new AuditId("texts");
        List<AuditRequest.Image> samples = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String text = i % 2 == 0 ? "a game of chess, number " + i : "the physics of stars, chapter " + i;
            byte[] bytes = i == 4
                    ? new byte[] {(byte) 0xff, (byte) 0xfe, 1}
                    : i == 6 ? Npy.write(new float[MiniLm.DIMENSION]) : text.getBytes(StandardCharsets.UTF_8);
            samples.add(new AuditRequest.Image(
                    "t.csv:" + i,
                    i % 2 == 0 ? "games" : "science",
                    i < 8 ? "member" : "heldout",
                    store.put("knowledge/texts/" + i, bytes, "text/plain")));
        }
        TrainSpec train =
                new TrainSpec("t.csv", null, List.of(), null, null, 16, null, null, 50, null, null, null, null);
        Map<String, ArtifactRef> backbone =
                Map.of("config.json", store.put("backbones/minilm", MiniLm.config(), "application/json"));
        EmbedHandler handler = new EmbedHandler(Device::cpu);
        Message next = requested(audit, "minilm-l6-v2", train, backbone, samples, false);
        while (!(next instanceof TargetReady)) {
            next = handler.run(next, new Context()).get(0);
        }

        Knowledge knowledge = Knowledge.load(store, audit);
        assertThat(knowledge.width()).isEqualTo(MiniLm.DIMENSION);
        assertThat(knowledge.memberLabels()).containsExactly(0, 1, 0, 1, 1, 0, 1);
        assertThat(Arrays.copyOfRange(knowledge.members(), 5 * 384, 6 * 384)).containsOnly(0);
        assertThat(knowledge.left())
                .containsExactly(new ImageUnits.Left(
                        "t.csv:4", "t.csv:4 is no text in UTF-8, and the backbone minilm-l6-v2 takes texts"));
        Target target = Json.mapper().readValue(store.get(((TargetReady) next).target()), Target.class);
        assertThat(target.invert().top()).isZero();
        assertThat(target.classes()).containsExactly("games", "science");
    }

    private List<String> untilTraining(AuditRequested requested, EmbedHandler handler) throws Exception {
        List<String> units = new ArrayList<>();
        Message next = requested;
        while (!next.unit().startsWith("train")) {
            List<Message> announced = handler.run(next, new Context());
            assertThat(announced).hasSize(1);
            next = announced.get(0);
            units.add(next.unit());
        }
        return units;
    }

    private static ArtifactRef knowledge(String audit) {
        return store.stat(Keys.knowledge(new AuditId(audit), Knowledge.NAME)).orElseThrow();
    }

    /** Photographs in turn a member and held out; three members are no images. */
    private static AuditRequested requested(String audit, boolean byReference) throws Exception {
        Map<String, ArtifactRef> backbone = new HashMap<>();
        Path folder = Fixtures.example("backbones/efficientnet-lite0");
        for (String name : List.of("config.json", "preprocessor_config.json", "model.safetensors")) {
            if (Files.exists(folder.resolve(name))) {
                backbone.put(name, store.put("backbones/" + name, folder.resolve(name), "application/octet-stream"));
            }
        }
        List<AuditRequest.Image> images = new ArrayList<>();
        try (Stream<Path> files = Files.list(Fixtures.example("photos/animals"))) {
            for (Path file : files.sorted().limit(IMAGES).toList()) {
                int place = images.size();
                String name = file.getFileName().toString();
                boolean broken = place == 2 || place == 10 || place == 12;
                ArtifactRef ref = broken
                        ? store.put("knowledge/made/broken", new byte[] {1, 2, 3}, "image/jpeg")
                        : store.put("knowledge/made/" + name, file, "image/jpeg");
                images.add(new AuditRequest.Image(
                        name, place % 4 < 2 ? "a" : "b", place % 2 == 0 ? "member" : "heldout", ref));
            }
        }
        TrainSpec train = new TrainSpec(
                "unused", null, List.of("a", "b"), null, 64, null, null, null, null, null, null, null, null);
        return requested(new AuditId(audit), "unused", train, backbone, images, byReference);
    }

    private static AuditRequested requested(
            AuditId audit,
            String name,
            TrainSpec train,
            Map<String, ArtifactRef> backbone,
            List<AuditRequest.Image> images,
            boolean byReference)
            throws Exception {
        AuditRequest request = new AuditRequest(
                1,
                audit,
                Instant.EPOCH,
                new AuditSpec(
                        AuditSpec.API_VERSION,
                        "made",
                        name,
                        new TargetSpec(null, null, train),
                        null,
                        new ReconstructSpec(null, null, null),
                        new SelectSpec(null, null),
                        new InvertSpec(null, null, null, null, null, null)),
                backbone,
                null,
                null,
                null,
                null,
                byReference ? List.of() : images,
                byReference ? manifest(images) : null);
        return new AuditRequested(
                audit, store.put(Keys.request(audit), Json.mapper().writeValueAsBytes(request), "application/json"));
    }

    /** Pages of ten. */
    private static ImageManifest manifest(List<AuditRequest.Image> images) throws Exception {
        List<ArtifactRef> pages = new ArrayList<>();
        for (int from = 0; from < images.size(); from += 10) {
            ImagePage page = new ImagePage(1, images.subList(from, Math.min(from + 10, images.size())));
            byte[] json = Json.mapper().writeValueAsBytes(page);
            pages.add(store.put(Keys.upload(Keys.Area.KNOWLEDGE, Digests.sha256(json)), json, "application/json"));
        }
        return new ImageManifest(images.size(), 10, List.of("a", "b"), pages);
    }

    private final class Context implements UnitContext {
        @Override
        public ArtifactStore store() {
            return worker;
        }

        @Override
        public Path cache() {
            return cache;
        }

        @Override
        public boolean cancelled() {
            return false;
        }

        @Override
        public void progress(
                String piece,
                long done,
                long total,
                String noun,
                String text,
                Map<String, Double> figures,
                @Nullable ArtifactRef preview) {
            told.add(done + "/" + total + " " + text);
            EmbedHandlerTest.this.figures.putAll(figures);
            if (eraseDuring != null) {
                store.delete(List.of(eraseDuring));
            }
        }
    }
}
