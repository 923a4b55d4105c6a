package dev.palimpsest.reconstruct;

import dev.palimpsest.models.Torch;
import dev.palimpsest.stage.StageConfig;
import dev.palimpsest.stage.StageWorker;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Flow;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Binds the reconstruct stage to its topics. */
@ApplicationScoped
class ReconstructWorker {
    private final StageWorker worker;
    private final ReconstructHandler handler;

    ReconstructWorker(StageWorker worker, StageConfig config) {
        this.worker = worker;
        Torch.threads(config.threads());
        this.handler = new ReconstructHandler(config.device());
    }

    @Incoming("target-ready")
    Flow.Subscriber<Message<byte[]>> target() {
        return worker.units(handler);
    }

    @Incoming("reconstruct-units")
    Flow.Subscriber<Message<byte[]>> unit() {
        return worker.units(handler);
    }
}
