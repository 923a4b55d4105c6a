package dev.palimpsest.embed;

import dev.palimpsest.models.Torch;
import dev.palimpsest.stage.StageConfig;
import dev.palimpsest.stage.StageRunner;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Binds the embed stage to its topics. */
@ApplicationScoped
class EmbedWorker {
    private final StageRunner runner;
    private final EmbedHandler handler;

    EmbedWorker(StageRunner runner, StageConfig config) {
        this.runner = runner;
        // Loaded by the first unit and not here: that the engine cannot be unpacked has to reach who waits for the
        // audit.
        this.handler = new EmbedHandler(() -> {
            Torch.threads(config.threads());
            return Torch.device(config.device());
        });
    }

    @Incoming("audit-requested")
    @Blocking("units")
    void requested(ConsumerRecord<String, byte[]> record) {
        runner.handle(record, handler);
    }

    @Incoming("embed-units")
    @Blocking("units")
    void unit(ConsumerRecord<String, byte[]> record) {
        runner.handle(record, handler);
    }
}
