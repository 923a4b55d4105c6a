package dev.palimpsest.gateway.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.gateway.access.Caller;
import dev.palimpsest.gateway.access.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsTest {
    private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

    @TempDir
    Path folder;

    @Test
    void whatOthersCanReachIsClosed() {
        Credentials none = new Credentials(Optional.empty(), Optional.empty());
        assertThatCode(() -> none.requireClosed("127.0.0.1")).doesNotThrowAnyException();
        assertThatCode(() -> none.requireClosed("localhost")).doesNotThrowAnyException();
        assertThatThrownBy(() -> none.requireClosed("0.0.0.0")).hasMessageContaining("let everybody in");
        assertThatCode(() -> new Credentials(Optional.of("t"), Optional.empty()).requireClosed("0.0.0.0"))
                .doesNotThrowAnyException();
    }

    @Test
    void aSessionIsItsCallersAndEndsWithTheKey() throws IOException {
        String hash = Digests.sha256("secret".getBytes(StandardCharsets.UTF_8));
        Path file = Files.writeString(folder.resolve("keys"), "ann:viewer:red:" + hash + "\n");
        Credentials credentials = new Credentials(Optional.of("token"), Optional.of(file.toString()));
        Caller ann = credentials.find("secret").orElseThrow();
        String cookie = credentials.issue(ann, "secret", NOW);

        assertThat(ann).isEqualTo(new Caller("ann", Role.VIEWER, "red"));
        assertThat(credentials.session(cookie, NOW)).contains(ann);
        assertThat(credentials.session(credentials.issue(Caller.OPERATOR, "token", NOW), NOW))
                .contains(Caller.OPERATOR);
        assertThat(new Credentials(Optional.of("token"), Optional.empty()).session(cookie, NOW))
                .isEmpty();
    }
}
