package dev.palimpsest.invert;

import dev.palimpsest.models.Torch;
import dev.palimpsest.stage.StageConfig;
import dev.palimpsest.stage.StageRunner;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Binds the invert stage to its topic. */
@ApplicationScoped
class InvertWorker {
    private final StageRunner runner;
    private final InvertHandler handler;

    InvertWorker(StageRunner runner, StageConfig config, UnClipConfig unclip) {
        this.runner = runner;
        Torch.threads(config.threads());
        this.handler = new InvertHandler(
                Torch.device(config.device()), UnClipUnits.Installed.of(unclip.folder(), unclip.norm()));
    }

    @Incoming("invert-units")
    @Blocking("units")
    void unit(ConsumerRecord<String, byte[]> record) {
        runner.handle(record, handler);
    }
}
