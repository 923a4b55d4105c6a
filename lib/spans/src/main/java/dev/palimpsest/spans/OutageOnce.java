package dev.palimpsest.spans;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Says once that the receiver is away, and once that it is back; the exporter itself would say it again and again, with its stack. */
final class OutageOnce implements SpanExporter {
    private static final Logger LOG = Logger.getLogger(OutageOnce.class.getName());
    // Held here: a level is forgotten with its logger.
    private static final Logger EXPORTER = Logger.getLogger("io.opentelemetry.exporter");

    private final SpanExporter exporter;
    private final String address;
    private final AtomicBoolean away = new AtomicBoolean();

    OutageOnce(SpanExporter exporter, String address) {
        EXPORTER.setLevel(Level.OFF);
        this.exporter = exporter;
        this.address = address;
    }

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
        CompletableResultCode result = exporter.export(spans);
        return result.whenComplete(() -> tell(!result.isSuccess()));
    }

    private void tell(boolean failed) {
        if (away.getAndSet(failed) != failed) {
            LOG.log(
                    failed ? Level.WARNING : Level.INFO,
                    failed
                            ? "spans are dropped until {0} takes them: it is away or refuses them"
                            : "{0} takes spans again",
                    address);
        }
    }

    @Override
    public CompletableResultCode flush() {
        return exporter.flush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return exporter.shutdown();
    }
}
