package dev.palimpsest.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.CandidatesReady;
import dev.palimpsest.contracts.Message.ReconstructUnit;
import dev.palimpsest.contracts.Message.TargetReady;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.contracts.access.Service;
import dev.palimpsest.models.Torch;
import dev.palimpsest.stage.UnitContext;
import dev.palimpsest.testkit.LocalInfra;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The published attack through the stage's units, on the real embedded store. */
class ReconstructHandlerTest {
    private static final int INPUTS = 12;
    private static final int HIDDEN = 24;
    private static final int MEMBERS = 5;
    /** Two pieces of eight seconds' worth of work, which a head this small needs a part of. */
    private static final int SECONDS = 16;

    private static LocalInfra infra;
    private static ArtifactStore store;
    /** With the service's own credentials, as it runs. */
    private static ArtifactStore worker;

    private final ReconstructHandler handler = new ReconstructHandler("cpu");

    @BeforeAll
    static void start() {
        Torch.threads(1);
        infra = LocalInfra.start(List.of());
        store = infra.connect();
        worker = infra.connect(Service.RECONSTRUCT);
    }

    @AfterAll
    static void stop() {
        store.close();
        worker.close();
        infra.close();
    }

    @Test
    void aLongUnitIsAChainAndTheCandidatesSayHowFarItCame() throws Exception {
        List<Message> handled = runAllTwice("chain", "paper", "auto");

        assertThat(handled.subList(0, handled.size() - 1))
                .extracting(Message::unit)
                .containsExactly("target", "search-0-0", "search-0-1", "finish-0-0");
        assertThat(handled.get(handled.size() - 1)).isInstanceOfSatisfying(CandidatesReady.class, ready -> {
            assertThat(ready.last()).isTrue();
            assertThat(ready.candidates()).hasSize(1);
            Safetensors file = new TensorArtifacts(store).get(ready.candidates().get(0));
            assertThat(file.tensor("embeddings").shape()).containsExactly(2 * MEMBERS, INPUTS);
            assertThat(file.metadata()).containsEntry("planned", "5000000");
            assertThat(Integer.parseInt(file.metadata().get("iterations"))).isBetween(10_000, 16_000);
        });
    }

    @Test
    void aPhaseStartsWhenTheOneBeforeIsDone() throws Exception {
        List<Message> handled = runAllTwice("phases", "fast", "pursuit");

        assertThat(handled.subList(0, handled.size() - 1))
                .extracting(Message::unit)
                .startsWith("target", "search-0-0", "pool-0-0")
                .containsSubsequence("pool-0-0", "trials-0-0", "trials-1-0")
                .endsWith("trials-29-0", "finish-0-0");
        assertThat(handled.get(handled.size() - 1)).isInstanceOf(CandidatesReady.class);
    }

    /** Random weights are no stationary point. */
    @Test
    void whereThereIsNothingToFindTheStageIsDoneAtOnceAndSaysWhy() throws Exception {
        List<Message> handled = runAllTwice("nothing", "fast", "auto");

        assertThat(handled).extracting(Message::unit).startsWith("target", "finish-0-0");
        assertThat(handled.get(2)).isInstanceOfSatisfying(CandidatesReady.class, ready -> {
            assertThat(ready.last()).isTrue();
            Safetensors file = new TensorArtifacts(store).get(ready.candidates().get(0));
            assertThat(file.tensor("embeddings").shape()).containsExactly(0, INPUTS);
            assertThat(file.metadata().get("notes")).contains("no stationary point");
        });
    }

    @Test
    void aCancelledUnitStoresAndAnnouncesNothing() throws Exception {
        ArtifactRef target = target("cancelled", "paper", "auto");

        assertThat(handler.run(
                        new ReconstructUnit(new AuditId("cancelled"), target, "search", 0, 1, 0, List.of()),
                        new Context(true)))
                .isEmpty();

        assertThat(store.list("audits/cancelled/")).isEmpty();
    }

    /**
     * Every message of an audit in order; the last is what the stage tells the next one. Each unit is run twice, as when a worker died
     * before its receipt: the store would refuse other bytes under the same key.
     */
    private List<Message> runAllTwice(String audit, String preset, String method) throws Exception {
        List<Message> seen = new ArrayList<>();
        Deque<Message> waiting =
                new ArrayDeque<>(List.of(new TargetReady(new AuditId(audit), target(audit, preset, method))));
        while (!waiting.isEmpty()) {
            Message message = waiting.remove();
            seen.add(message);
            if (!(message instanceof CandidatesReady)) {
                List<Message> announced = handler.run(message, new Context(false));
                assertThat(handler.run(message, new Context(false))).isEqualTo(announced);
                waiting.addAll(announced);
            }
        }
        return seen;
    }

    private static ArtifactRef target(String name, String preset, String method) throws IOException {
        AuditId audit = new AuditId(name);
        SplittableRandom random = new SplittableRandom(1);
        ArtifactRef head = new TensorArtifacts(store)
                .put(
                        Keys.target(audit, "head.safetensors"),
                        Map.of(
                                "0.weight", random(random, HIDDEN, INPUTS),
                                "0.bias", random(random, HIDDEN),
                                "2.weight", random(random, 1, HIDDEN)),
                        Map.of());
        Target target = new Target(
                CloudEvent.SCHEMA_VERSION,
                audit,
                head,
                null,
                Map.of(),
                0,
                List.of("a", "b"),
                MEMBERS,
                0,
                new AuditSpec.ReconstructSpec(preset, SECONDS, 3L, method),
                new AuditSpec.SelectSpec(null, null),
                new AuditSpec.InvertSpec(null, null, null, null, null, null),
                Map.of());
        return store.put(
                Keys.target(audit, "target.json"), Json.mapper().writeValueAsBytes(target), "application/json");
    }

    private static Tensor random(SplittableRandom random, long... shape) {
        int n = (int) (shape.length == 1 ? shape[0] : shape[0] * shape[1]);
        return Tensor.ofDoubles(random.doubles(n, -.5, .5).toArray(), shape);
    }

    private record Context(boolean cancelled) implements UnitContext {
        @Override
        public ArtifactStore store() {
            return worker;
        }

        @Override
        public Path cache() {
            throw new UnsupportedOperationException("reconstruct keeps no copies");
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
            assertThat(done).isLessThanOrEqualTo(total);
        }
    }
}
