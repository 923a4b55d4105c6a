package dev.palimpsest.invert;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.Message.InvertUnit;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.contracts.access.Service;
import dev.palimpsest.models.Torch;
import dev.palimpsest.stage.UnitContext;
import dev.palimpsest.testkit.Fixtures;
import dev.palimpsest.testkit.LocalInfra;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The stage on a real backbone and a real store. */
class InvertHandlerTest {
    private static final int STEPS = 50;
    private static final int SIZE = 72;
    private static final int WIDTH = 1280;
    private static final UnClipUnits NONE = new UnClipUnits(null, Device.cpu(), Duration.ZERO);

    private static LocalInfra infra;
    private static ArtifactStore store;
    /** With the service's own credentials, as it runs. */
    private static ArtifactStore worker;

    @TempDir
    Path cache;

    @BeforeAll
    static void start() {
        Torch.threads(1);
        infra = LocalInfra.start(List.of());
        store = infra.connect();
        worker = infra.connect(Service.INVERT);
    }

    @AfterAll
    static void stop() throws Exception {
        store.close();
        worker.close();
        infra.close();
    }

    @ParameterizedTest
    @CsvSource({"fast, 2", "paper, 1"})
    void whereUnitsEndChangesNoDigest(String preset, int seeds) throws Exception {
        String name = preset + "-" + seeds;
        List<Message> whole =
                untilDone(unit(new AuditId("whole-" + name), preset, seeds), new InvertHandler(Device.cpu(), null));
        List<Message> pieces = untilDone(
                unit(new AuditId("pieces-" + name), preset, seeds),
                new InvertHandler(Device.cpu(), Duration.ZERO, NONE));

        assertThat(whole).hasSize(1);
        assertThat(pieces).hasSize(seeds * STEPS / 25);
        InversionReady one = (InversionReady) whole.get(0);
        InversionReady two = (InversionReady) pieces.get(pieces.size() - 1);
        assertThat(two.picture().sha256()).isEqualTo(one.picture().sha256());
        assertThat(two.cosine()).isEqualTo(one.cosine());
        assertThat(two.embedding().sha256()).isEqualTo(one.embedding().sha256());
        assertThat(two.steps()).isEqualTo(seeds * STEPS);
    }

    @Test
    void aBatchAnnouncesEveryPictureWhereverUnitsEnd() throws Exception {
        List<InvertUnit.Row> beside = List.of(new InvertUnit.Row("picture-02", 1));
        List<Message> whole = untilDone(
                unit(new AuditId("batch-whole"), "fast", 2, beside, "dip"), new InvertHandler(Device.cpu(), null));
        List<Message> pieces = untilDone(
                unit(new AuditId("batch-pieces"), "fast", 2, beside, "dip"),
                new InvertHandler(Device.cpu(), Duration.ZERO, NONE));

        assertThat(whole)
                .extracting(message -> ((InversionReady) message).item())
                .containsExactly("picture-01", "picture-02");
        assertThat(whole)
                .extracting(message -> ((InversionReady) message).index())
                .containsExactly(0, 1);
        List<Message> ready = pieces.subList(pieces.size() - 2, pieces.size());
        assertThat(ready)
                .extracting(message -> ((InversionReady) message).picture().sha256())
                .isEqualTo(whole.stream()
                        .map(message -> ((InversionReady) message).picture().sha256())
                        .toList())
                .doesNotHaveDuplicates();
        assertThat(pieces).hasSize(2 * STEPS / 25 - 1 + 2);
    }

    @Test
    void whereUnClipMakesThePicturesABatchComesApart() throws Exception {
        UnClipUnits unclip =
                new UnClipUnits(new UnClipUnits.Installed(Path.of("a-pipeline"), 1), Device.cpu(), Duration.ZERO);
        InvertUnit unit = unit(new AuditId("apart"), "fast", 1, List.of(new InvertUnit.Row("picture-02", 1)), "unclip");

        assertThat(new InvertHandler(Device.cpu(), Duration.ZERO, unclip).run(unit, new Context()))
                .containsExactly(
                        new InvertUnit(unit.audit(), unit.target(), "picture-01", unit.embeddings(), 0, 0, null),
                        new InvertUnit(unit.audit(), unit.target(), "picture-02", unit.embeddings(), 1, 0, null));
    }

    @Test
    void ofSeveralSeedsTheSteadiestIsKeptAndTheFirstOfEquals() {
        List<PriorUnits.Best> first = List.of(best(0.5, "first"), best(0.7, "other"));
        List<PriorUnits.Best> second = List.of(best(0.6, "second"), best(0.6, "other second"));

        assertThat(PriorUnits.better(List.of(), first)).isEqualTo(first);
        assertThat(PriorUnits.better(first, second)).containsExactly(second.get(0), first.get(1));
        assertThat(PriorUnits.better(second, first)).containsExactly(second.get(0), first.get(1));
        assertThat(PriorUnits.better(first, List.of(best(0.5, "third"), best(0.7, "other third"))))
                .isEqualTo(first);
    }

    private static PriorUnits.Best best(double steadiness, String name) {
        ArtifactRef ref = new ArtifactRef("audits/a/" + name.replace(' ', '-'), "0".repeat(64), 1);
        return new PriorUnits.Best(steadiness, 1 - steadiness, ref, ref);
    }

    @Test
    void aUnitThatIsDeliveredAgainMakesTheSameArtifacts() throws Exception {
        InvertUnit first = unit(new AuditId("again"), "fast", 1);
        InvertHandler handler = new InvertHandler(Device.cpu(), Duration.ZERO, NONE);
        assertThat(handler.run(first, new Context())).isEqualTo(handler.run(first, new Context()));
    }

    private List<Message> untilDone(InvertUnit first, InvertHandler handler) throws Exception {
        List<Message> announced = new ArrayList<>();
        Message next = first;
        while (next instanceof InvertUnit unit) {
            List<Message> result = handler.run(unit, new Context());
            assertThat(result).isNotEmpty();
            next = result.get(0);
            announced.addAll(result);
        }
        return announced;
    }

    private static InvertUnit unit(AuditId audit, String preset, int seeds) throws Exception {
        return unit(audit, preset, seeds, null, "dip");
    }

    private static InvertUnit unit(
            AuditId audit, String preset, int seeds, @Nullable List<InvertUnit.Row> beside, String method)
            throws Exception {
        Map<String, ArtifactRef> files = new HashMap<>();
        Path folder = Fixtures.example("backbones/efficientnet-lite0");
        for (String name : List.of("config.json", "model.safetensors")) {
            files.put(name, store.put("backbones/" + name, folder.resolve(name), "application/octet-stream"));
        }
        SplittableRandom random = new SplittableRandom(4);
        float[] rows = new float[2 * WIDTH];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = (float) random.nextGaussian();
        }
        ArtifactRef embeddings = new TensorArtifacts(store)
                .put(
                        "audits/made/select/embeddings.safetensors",
                        Map.of("embeddings", Tensor.ofFloats(rows, 2, WIDTH)),
                        Map.of());
        Target target = new Target(
                1,
                audit,
                embeddings,
                null,
                files,
                SIZE,
                List.of("a", "b"),
                0,
                0,
                new AuditSpec.ReconstructSpec(null, null, null),
                new AuditSpec.SelectSpec(null, null),
                new AuditSpec.InvertSpec(method, 1, STEPS, SIZE, 3L, preset, null, seeds, null),
                Map.of());
        ArtifactRef ref = store.put(
                "targets/" + audit + "/target.json", Json.mapper().writeValueAsBytes(target), "application/json");
        return new InvertUnit(audit, ref, "picture-01", embeddings, 0, 0, null, beside);
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
            assertThat(done).isBetween(0L, total);
        }
    }
}
