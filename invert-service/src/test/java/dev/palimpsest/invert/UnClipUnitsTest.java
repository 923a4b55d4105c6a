package dev.palimpsest.invert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditSpec.InvertSpec;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.Message.InvertUnit;
import dev.palimpsest.invert.unclip.UnClipSettings;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.models.Torch;
import dev.palimpsest.stage.UnitContext;
import dev.palimpsest.testkit.Fixtures;
import dev.palimpsest.testkit.LocalInfra;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Units of the tiny pipeline, on a real store. */
class UnClipUnitsTest {
    private static final Path PIPELINE = Fixtures.repository().resolve("lib/models/src/test/resources/unclip/pipeline");
    private static final Path ENCODER = PIPELINE.resolve("image_encoder");
    private static final UnClipSettings SETTINGS = new UnClipSettings(2, 2, 8);
    private static final UnClipUnits.Installed INSTALLED = new UnClipUnits.Installed(PIPELINE, 9);

    private static LocalInfra infra;
    private static ArtifactStore store;

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

    @ParameterizedTest(name = "{0} seed(s)")
    @ValueSource(ints = {1, 3})
    void whereUnitsEndChangesNoDigest(int seeds) throws IOException {
        InversionReady whole = untilDone("whole-" + seeds, 5, seeds, Duration.ofMinutes(5), 1);
        InversionReady pieces = untilDone("pieces-" + seeds, 5, seeds, Duration.ZERO, SETTINGS.steps());
        assertThat(pieces.picture().sha256()).isEqualTo(whole.picture().sha256());
        assertThat(pieces.cosine()).isEqualTo(whole.cosine()).isBetween(-1.0, 1.0);
        assertThat(pieces.steps()).isEqualTo(4);
    }

    /** Of one run in four the first seed's picture would be the closest of four; of all of six runs hardly ever. */
    @Test
    void ofSeveralSeedsTheClosestIsEnlarged() throws IOException {
        int others = 0;
        for (int seed = 1; seed <= 6; seed++) {
            String one = untilDone("one-" + seed, seed, 1, Duration.ofMinutes(5), 1)
                    .picture()
                    .sha256();
            String four = untilDone("four-" + seed, seed, 4, Duration.ofMinutes(5), 1)
                    .picture()
                    .sha256();
            others += one.equals(four) ? 0 : 1;
        }
        assertThat(others).isPositive();
    }

    private static InversionReady untilDone(String audit, long seed, int seeds, Duration bound, int units)
            throws IOException {
        UnClipUnits handler = new UnClipUnits(INSTALLED, Device.cpu(), bound, SETTINGS);
        double[] embedding = new double[32];
        Arrays.setAll(embedding, i -> Math.sin(i));
        double[] mean = new double[32];
        double[] std = new double[32];
        Arrays.fill(std, 2);
        Message next = first(new AuditId(audit));
        for (int i = 0; i < units; i++) {
            next = handler.run(
                            (InvertUnit) next,
                            seed,
                            seeds,
                            ENCODER,
                            new Normaliser(mean, std),
                            embedding,
                            new Context())
                    .get(0);
        }
        return (InversionReady) next;
    }

    private static InvertUnit first(AuditId audit) {
        ArtifactRef any = new TensorArtifacts(store)
                .put(
                        "audits/made/any.safetensors",
                        Map.of("embeddings", Tensor.ofFloats(new float[] {1}, 1, 1)),
                        Map.of());
        return new InvertUnit(audit, any, "picture-01", any, 0, 0, null);
    }

    @Test
    void theMethodIsTheSpecsOrTheWorkers() {
        UnClipUnits with = new UnClipUnits(INSTALLED, Device.cpu(), Duration.ZERO);
        UnClipUnits without = new UnClipUnits(null, Device.cpu(), Duration.ZERO);
        Path other = Fixtures.example("backbones/efficientnet-lite0");
        assertThat(with.chosen(method("dip"), ENCODER)).isFalse();
        assertThat(with.chosen(method("auto"), ENCODER)).isTrue();
        assertThat(with.chosen(method("auto"), other)).isFalse();
        assertThat(without.chosen(method("auto"), ENCODER)).isFalse();
        assertThat(without.chosen(method("unclip"), ENCODER)).isTrue();
        assertThatThrownBy(() ->
                        without.run(first(new AuditId("none")), 1, 1, ENCODER, null, new double[32], new Context()))
                .hasMessageContaining("this worker has no pipeline");
        assertThatThrownBy(
                        () -> with.run(first(new AuditId("zero")), 1, 1, ENCODER, null, new double[32], new Context()))
                .hasMessageContaining("points nowhere");
    }

    @Test
    void aPipelineNeedsTheLengthOfItsEmbeddings() {
        assertThat(UnClipUnits.Installed.of(Optional.empty(), Optional.empty())).isNull();
        assertThatThrownBy(() -> UnClipUnits.Installed.of(Optional.of("/models"), Optional.empty()))
                .hasMessageContaining("palimpsest.unclip.norm");
    }

    private static InvertSpec method(String name) {
        return new InvertSpec(name, 1, 1, 1, 1L, null);
    }

    private static final class Context implements UnitContext {
        @Override
        public ArtifactStore store() {
            return store;
        }

        @Override
        public Path cache() {
            return PIPELINE;
        }

        @Override
        public boolean cancelled() {
            return false;
        }

        @Override
        public boolean paused() {
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
            assertThat(done).isBetween(1L, total);
        }
    }
}
