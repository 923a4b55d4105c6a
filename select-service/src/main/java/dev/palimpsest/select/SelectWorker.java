package dev.palimpsest.select;

import dev.palimpsest.stage.StageConfig;
import dev.palimpsest.stage.StageRunner;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Binds the select stage to its topic. */
@ApplicationScoped
class SelectWorker {
    private final StageRunner runner;
    private final SelectHandler handler;

    SelectWorker(StageRunner runner, StageConfig config) {
        this.runner = runner;
        this.handler = new SelectHandler(config.threads());
    }

    @Incoming("candidates-ready")
    @Blocking("units")
    void candidates(ConsumerRecord<String, byte[]> record) {
        runner.handle(record, handler);
    }
}
