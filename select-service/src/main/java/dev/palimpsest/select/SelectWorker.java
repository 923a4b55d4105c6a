package dev.palimpsest.select;

import dev.palimpsest.stage.StageConfig;
import dev.palimpsest.stage.StageWorker;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Flow;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Binds the select stage to its topic. */
@ApplicationScoped
class SelectWorker {
    private final StageWorker worker;
    private final SelectHandler handler;

    SelectWorker(StageWorker worker, StageConfig config) {
        this.worker = worker;
        this.handler = new SelectHandler(config.threads());
    }

    @Incoming("candidates-ready")
    Flow.Subscriber<Message<byte[]>> candidates() {
        return worker.units(handler);
    }
}
