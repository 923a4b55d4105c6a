package dev.palimpsest.embed;

import dev.palimpsest.models.Torch;
import dev.palimpsest.stage.StageConfig;
import dev.palimpsest.stage.StageWorker;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Flow;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Binds the embed stage to its topics. */
@ApplicationScoped
class EmbedWorker {
    private final StageWorker worker;
    private final EmbedHandler handler;

    EmbedWorker(StageWorker worker, StageConfig config) {
        this.worker = worker;
        // Loaded by the first unit and not here: that the engine cannot be unpacked has to reach who waits for the
        // audit.
        this.handler = new EmbedHandler(() -> {
            Torch.threads(config.threads());
            return Torch.device(config.device());
        });
    }

    @Incoming("audit-requested")
    Flow.Subscriber<Message<byte[]>> requested() {
        return worker.units(handler);
    }

    @Incoming("embed-units")
    Flow.Subscriber<Message<byte[]>> unit() {
        return worker.units(handler);
    }
}
