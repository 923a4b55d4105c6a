package dev.palimpsest.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
    private static final byte[] TOKEN = "let-me-in".getBytes(StandardCharsets.UTF_8);

    @Test
    void lastsTwelveHoursForOneToken() {
        String cookie = Session.issue(TOKEN, NOW);

        assertThat(Session.isValid(cookie, TOKEN, NOW)).isTrue();
        assertThat(Session.isValid(cookie, TOKEN, NOW.plus(Session.LIFE).minusSeconds(1)))
                .isTrue();
        assertThat(Session.isValid(cookie, TOKEN, NOW.plus(Session.LIFE))).isFalse();
        assertThat(Session.isValid(cookie, "another".getBytes(StandardCharsets.UTF_8), NOW))
                .isFalse();
    }

    @Test
    void endsWhenItWasIssuedToEnd() {
        String cookie = Session.issue(TOKEN, NOW);

        assertThat(Session.isValid("9" + cookie.substring(1), TOKEN, NOW)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "open", "1e9.00", "-5.00", "99999999999999999999.00", "1795651200.", "\u0661.00"})
    void whatWasNeverIssuedIsRefused(String cookie) {
        assertThat(Session.isValid(cookie, TOKEN, NOW)).isFalse();
    }
}
