package dev.palimpsest.reconstruct;

import dev.palimpsest.models.Torch;
import dev.palimpsest.stage.StageConfig;
import dev.palimpsest.stage.StageRunner;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Binds the reconstruct stage to its topics. */
@ApplicationScoped
class ReconstructWorker {
    private final StageRunner runner;
    private final ReconstructHandler handler;

    ReconstructWorker(StageRunner runner, StageConfig config) {
        this.runner = runner;
        Torch.threads(config.threads());
        this.handler = new ReconstructHandler(config.device());
    }

    @Incoming("target-ready")
    @Blocking("units")
    void target(ConsumerRecord<String, byte[]> record) {
        runner.handle(record, handler);
    }

    @Incoming("reconstruct-units")
    @Blocking("units")
    void unit(ConsumerRecord<String, byte[]> record) {
        runner.handle(record, handler);
    }
}
