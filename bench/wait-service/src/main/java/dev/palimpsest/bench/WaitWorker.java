package dev.palimpsest.bench;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.CandidatesReady;
import dev.palimpsest.contracts.Message.ReconstructUnit;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.stage.StageWorker;
import dev.palimpsest.stage.UnitContext;
import dev.palimpsest.stage.UnitHandler;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Flow;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** A reconstruct stage that waits instead of computing: it reads its target, tells its progress, stores a checkpoint and announces. */
@ApplicationScoped
class WaitWorker {
    private static final int CHECKPOINT = 1 << 16;

    private final StageWorker worker;
    private final Handler handler;

    WaitWorker(StageWorker worker, @ConfigProperty(name = "wait.millis", defaultValue = "1000") long millis) {
        this.worker = worker;
        this.handler = new Handler(millis);
    }

    @Incoming("reconstruct-units")
    Flow.Subscriber<org.eclipse.microprofile.reactive.messaging.Message<byte[]>> units() {
        return worker.units(handler);
    }

    private record Handler(long millis) implements UnitHandler {
        @Override
        public Stage stage() {
            return Stage.RECONSTRUCT;
        }

        @Override
        public List<Message> run(Message message, UnitContext context) throws InterruptedException {
            ReconstructUnit unit = (ReconstructUnit) message;
            byte[] read = context.store().get(unit.target());
            Thread.sleep(millis);
            context.progress(unit.unit(), 1, 1, "waits", read.length + " bytes read", Map.of("loss", 0.5), null);
            ArtifactRef checkpoint = context.store()
                    .put(
                            // Names the process, so that the bench knows who did it.
                            Keys.result(
                                    unit.audit(),
                                    Stage.RECONSTRUCT,
                                    unit.unit() + "-by-"
                                            + ProcessHandle.current().pid()),
                            new byte[CHECKPOINT],
                            "application/octet-stream");
            return List.of(new CandidatesReady(unit.audit(), unit.target(), List.of(checkpoint), true));
        }
    }
}
