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
        Torch.threads(config.threads());
        this.handler = new EmbedHandler(Torch.device(config.device()));
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
