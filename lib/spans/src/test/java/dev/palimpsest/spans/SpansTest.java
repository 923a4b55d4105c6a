package dev.palimpsest.spans;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.testkit.SpanReceiver;
import dev.palimpsest.testkit.SpanReceiver.Received;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On a real receiver, which reads what comes by the protocol's own description. */
@Timeout(60)
class SpansTest {
    private static final TraceParent SELF = new TraceParent("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
    private static final Logger ROOT = Logger.getLogger("");
    private static final Logger OUTAGES = Logger.getLogger(OutageOnce.class.getName());

    private final Queue<String> said = new ConcurrentLinkedQueue<>();
    private final Handler listener = new Handler() {
        @Override
        public void publish(LogRecord line) {
            said.add(line.getLevel() + " " + line.getLoggerName());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        ROOT.addHandler(listener);
        OUTAGES.setLevel(Level.ALL);
    }

    @AfterEach
    void listenNoMore() {
        ROOT.removeHandler(listener);
    }

    @Test
    void aSpanArrivesAsItIs() throws Exception {
        try (SpanReceiver receiver = SpanReceiver.start(0)) {
            try (Spans spans = Spans.to(receiver.address(), "invert-service")) {
                spans.add(span("b7ad6b7169203331", "NOT_FINITE"));
                receiver.await(1);
            }
            assertThat(receiver.spans())
                    .containsExactly(new Received(
                            "invert-service",
                            "process invert.units",
                            "CONSUMER",
                            SELF.traceId(),
                            SELF.spanId(),
                            "b7ad6b7169203331",
                            1_500_000_000L,
                            Map.of("palimpsest.audit", "a1", "error.type", "NOT_FINITE"),
                            "NOT_FINITE"));
        }
    }

    @Test
    void theFirstSpanOfATraceHasNoParent() throws Exception {
        try (SpanReceiver receiver = SpanReceiver.start(0)) {
            try (Spans spans = Spans.to(receiver.address() + "/", "palimpsest-gateway")) {
                spans.add(span(null, null));
                receiver.await(1);
            }
            Received span = receiver.spans().get(0);
            assertThat(span.trace()).isEqualTo(SELF.traceId());
            assertThat(span.id()).isEqualTo(SELF.spanId());
            assertThat(span.parent()).isEmpty();
            assertThat(span.error()).isEmpty();
        }
    }

    @Test
    void whileTheReceiverIsAwayNobodyWaitsAndItIsSaidOnce() {
        int port;
        try (SpanReceiver receiver = SpanReceiver.start(0)) {
            port = receiver.port();
        }
        try (Spans spans = Spans.to("http://127.0.0.1:" + port, "invert-service")) {
            long begin = System.nanoTime();
            for (int i = 0; i < 10_000; i++) {
                spans.add(span(null, null));
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(5));
            awaitLines(1);
        }
        assertThat(said).containsExactly("WARNING " + OutageOnce.class.getName());
    }

    @Test
    void whoRefusesIsAskedOnceAndWhoIsBackGetsWhatIsNew() {
        try (SpanReceiver receiver = SpanReceiver.start(0)) {
            receiver.refuse(true);
            try (Spans spans = Spans.to(receiver.address(), "invert-service")) {
                spans.add(span(null, null));
                awaitLines(1);
                receiver.refuse(false);
                spans.add(span("b7ad6b7169203331", null));
                awaitLines(2);
            }
            assertThat(receiver.refused()).isEqualTo(1);
            assertThat(receiver.spans()).extracting(Received::parent).containsExactly("b7ad6b7169203331");
        }
        assertThat(said).containsExactly("WARNING " + OutageOnce.class.getName(), "INFO " + OutageOnce.class.getName());
    }

    private void awaitLines(int count) {
        while (said.size() < count) {
            Thread.onSpinWait();
        }
    }

    @Test
    void withoutAnAddressNothingIsSent() {
        try (Spans spans = Spans.nowhere()) {
            spans.add(span(null, null));
        }
        assertThat(said).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "127.0.0.1:4318", "file:///etc/passwd", "http://a b", "http://collector:4318/v1/traces"})
    void whatIsNoAddressIsSaidAtTheStart(String address) {
        assertThatThrownBy(() -> Spans.to(address, "x"))
                .isInstanceOfSatisfying(
                        PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
                .hasMessageContaining("palimpsest.traces.endpoint");
    }

    private static Span span(@Nullable String parent, @Nullable String error) {
        return new Span(
                SELF,
                parent,
                "process invert.units",
                Span.Kind.CONSUMER,
                Instant.parse("2026-11-30T20:00:00Z"),
                Duration.ofMillis(1500),
                Map.of("palimpsest.audit", "a1"),
                error);
    }
}
