package dev.palimpsest.invert;

import dev.palimpsest.models.Torch;
import dev.palimpsest.stage.StageConfig;
import dev.palimpsest.stage.StageWorker;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Flow;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/** Binds the invert stage to its topic. */
@ApplicationScoped
class InvertWorker {
    private final StageWorker worker;
    private final InvertHandler handler;

    InvertWorker(StageWorker worker, StageConfig config, UnClipConfig unclip) {
        this.worker = worker;
        Torch.threads(config.threads());
        this.handler = new InvertHandler(
                Torch.device(config.device()), UnClipUnits.Installed.of(unclip.folder(), unclip.norm()));
    }

    @Incoming("invert-units")
    Flow.Subscriber<Message<byte[]>> unit() {
        return worker.units(handler);
    }
}
