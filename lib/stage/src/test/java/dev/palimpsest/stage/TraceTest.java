package dev.palimpsest.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.AuditRequested;
import dev.palimpsest.contracts.Message.TargetReady;
import dev.palimpsest.contracts.Stage;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TraceTest {
    private static final AuditId AUDIT = new AuditId("a-study");
    private static final ArtifactRef REF = new ArtifactRef("targets/a-study/target.json", "0".repeat(64), 1);
    private static final Message REQUESTED = new AuditRequested(AUDIT, REF);
    private static final Message READY = new TargetReady(AUDIT, REF);

    @Test
    void stagesShareTheTraceAndHaveSpansOfTheirOwn() {
        String embed = handled(new RecordHeaders(), Stage.EMBED, REQUESTED);
        String reconstruct = handled(headers(embed), Stage.RECONSTRUCT, READY);
        assertThat(embed).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
        assertThat(reconstruct.substring(0, 36)).isEqualTo(embed.substring(0, 36));
        assertThat(reconstruct).isNotEqualTo(embed);
        assertThat(handled(headers(embed), Stage.RECONSTRUCT, READY)).isEqualTo(reconstruct);
    }

    @Test
    void aTraceThatBeganElsewhereGoesOn() {
        String outside = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assertThat(handled(headers(outside), Stage.EMBED, REQUESTED))
                .startsWith("00-4bf92f3577b34da6a3ce929d0e0e4736-");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "00-xyz", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "${jndi:ldap://x}"})
    void whatIsNoTraceIsNotPassedOn(String header) {
        assertThat(handled(headers(header), Stage.EMBED, REQUESTED))
                .isEqualTo(handled(new RecordHeaders(), Stage.EMBED, REQUESTED));
    }

    @Test
    void aUnitThatFailedAndIsTriedAgainIsAnotherSpan() {
        RecordHeaders again = new RecordHeaders();
        again.add("attempt", "2".getBytes(StandardCharsets.UTF_8));
        assertThat(handled(again, Stage.EMBED, REQUESTED))
                .isNotEqualTo(handled(new RecordHeaders(), Stage.EMBED, REQUESTED))
                .startsWith(handled(new RecordHeaders(), Stage.EMBED, REQUESTED).substring(0, 36));
    }

    @ParameterizedTest
    @CsvSource({"4, 4", "100, 100", "101, 100", "1,", "0,", "-3,", "4.5,", "${jndi:ldap://x},"})
    void aShareIsHandedOnIfItIsOne(String header, @Nullable String expected) {
        Headers headers = new RecordHeaders();
        headers.add("share", header.getBytes(StandardCharsets.UTF_8));
        try (Trace trace = Trace.enter(headers, Stage.EMBED, REQUESTED)) {
            assertThat(Trace.share()).isEqualTo(Optional.ofNullable(expected));
        }
        assertThat(Trace.share()).isEmpty();
    }

    @Test
    void linesOfTheLogNameTheUnitWhileItIsHandled() {
        try (Trace trace = Trace.enter(new RecordHeaders(), Stage.RECONSTRUCT, READY)) {
            assertThat(MDC.get("audit")).isEqualTo("a-study");
            assertThat(MDC.get("stage")).isEqualTo("reconstruct");
            assertThat(MDC.get("unit")).isEqualTo("target");
        }
        assertThat(MDC.get("audit")).isNull();
        assertThat(Trace.current()).isEmpty();
    }

    private static String handled(Headers headers, Stage stage, Message message) {
        try (Trace trace = Trace.enter(headers, stage, message)) {
            return Trace.current().orElseThrow();
        }
    }

    private static RecordHeaders headers(String traceparent) {
        RecordHeaders headers = new RecordHeaders();
        headers.add(Trace.HEADER, traceparent.getBytes(StandardCharsets.UTF_8));
        return headers;
    }
}
