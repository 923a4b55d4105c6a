package dev.palimpsest.embed;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.npy.Npy;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.AuditSpec.InvertSpec;
import dev.palimpsest.contracts.AuditSpec.ReconstructSpec;
import dev.palimpsest.contracts.AuditSpec.SelectSpec;
import dev.palimpsest.contracts.AuditSpec.TargetSpec;
import dev.palimpsest.contracts.AuditSpec.TrainSpec;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.AuditRequested;
import dev.palimpsest.contracts.Message.EmbedUnit;
import dev.palimpsest.contracts.Message.TargetReady;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.models.Torch;
import dev.palimpsest.stage.UnitContext;
import dev.palimpsest.testkit.Fixtures;
import dev.palimpsest.testkit.LocalInfra;
import dev.palimpsest.text.MiniLm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stage on real photographs, a real backbone and a real store. */
class EmbedHandlerTest {
    private static final int IMAGES = 36;
    private static final int BROKEN = 3;

    private static LocalInfra infra;
    private static ArtifactStore store;

    @TempDir
    Path cache;

    private final List<String> told = new ArrayList<>();

    @BeforeAll
    static void start() {
        Torch.threads(1);
        infra = LocalInfra.start(List.of());
        store = infra.connect();
    }

    @AfterAll
    static void stop() throws Exception {
        store.close();
        infra.close();
    }

    @Test
    void whereUnitsEndChangesNoDigest() throws Exception {
        assertThat(untilTraining(new AuditId("whole"), EmbedHandler.IMAGES_A_UNIT))
                .extracting(EmbedUnit::unit)
                .containsExactly("embed-0", "train-0");
        assertThat(untilTraining(new AuditId("pieces"), 8))
                .extracting(EmbedUnit::unit)
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
    void aUnitThatIsDeliveredAgainMakesTheSameArtifacts() throws Exception {
        EmbedHandler handler = new EmbedHandler(Device::cpu, 16);
        Message first =
                handler.run(requested(new AuditId("again")), new Context()).get(0);
        List<Message> second = handler.run(first, new Context());
        assertThat(handler.run(first, new Context())).isEqualTo(second);
        Message third = second.get(0);
        assertThat(handler.run(third, new Context())).isEqualTo(handler.run(third, new Context()));
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
        Message next = requested(audit, "minilm-l6-v2", train, backbone, samples);
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

    private List<EmbedUnit> untilTraining(AuditId audit, int imagesAUnit) throws Exception {
        EmbedHandler handler = new EmbedHandler(Device::cpu, imagesAUnit);
        List<EmbedUnit> units = new ArrayList<>();
        Message next = requested(audit);
        while (units.isEmpty() || units.get(units.size() - 1).phase().equals("embed")) {
            List<Message> announced = handler.run(next, new Context());
            assertThat(announced).hasSize(1);
            next = announced.get(0);
            units.add((EmbedUnit) next);
        }
        return units;
    }

    private static ArtifactRef knowledge(String audit) {
        return store.stat(Keys.knowledge(new AuditId(audit), Knowledge.NAME)).orElseThrow();
    }

    /** Photographs in turn a member and held out; three members are no images. */
    private static AuditRequested requested(AuditId audit) throws Exception {
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
        return requested(audit, "unused", train, backbone, images);
    }

    private static AuditRequested requested(
            AuditId audit,
            String name,
            TrainSpec train,
            Map<String, ArtifactRef> backbone,
            List<AuditRequest.Image> images)
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
                        new InvertSpec(null, null, null, null, null)),
                backbone,
                null,
                null,
                null,
                null,
                images);
        return new AuditRequested(
                audit, store.put(Keys.request(audit), Json.mapper().writeValueAsBytes(request), "application/json"));
    }

    private final class Context implements UnitContext {
        @Override
        public ArtifactStore store() {
            return store;
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
        }
    }
}
