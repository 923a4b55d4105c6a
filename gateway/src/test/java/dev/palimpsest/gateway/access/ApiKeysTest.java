package dev.palimpsest.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeysTest {
    private static final String HASH = Digests.sha256("secret".getBytes(StandardCharsets.UTF_8));

    @TempDir
    Path folder;

    @Test
    void aKeyIsFoundByItsDigest() throws IOException {
        ApiKeys keys = read("# of this gateway\n\nci:submitter:red:" + HASH + "\n");
        assertThat(keys.find("secret")).contains(new Caller("ci", Role.SUBMITTER, "red"));
        assertThat(keys.find("Secret")).isEmpty();
        assertThat(keys.find(HASH)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ci:submitter:red",
                "ci:submitter::HASH",
                "ops:operator:red:HASH",
                "ci:owner:red:HASH",
                "ci:viewer:../red:HASH",
                "CI:viewer:red:HASH",
                "ci:viewer:red:secret",
                "ci:viewer:red:HASH\nci:viewer:blue:HASH"
            })
    void aWrongLineIsNamedAndNotShown(String lines) {
        assertThatThrownBy(() -> read(lines.replace("HASH", HASH)))
                .isInstanceOf(PalimpsestException.class)
                .hasMessageMatching("Line [12] of the keys .*")
                .hasMessageNotContaining(HASH)
                .hasMessageNotContaining("secret");
    }

    private ApiKeys read(String lines) throws IOException {
        return ApiKeys.read(Files.writeString(folder.resolve("keys"), lines));
    }
}
