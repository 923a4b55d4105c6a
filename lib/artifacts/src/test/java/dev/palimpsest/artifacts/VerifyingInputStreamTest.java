package dev.palimpsest.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerifyingInputStreamTest {
    private static final StoreSettings SETTINGS = StoreSettings.of("http://store:9000", "key", "hush-hush", "bucket");

    private static byte[] tensors() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SafetensorsWriter.write(out, Map.of("a", Tensor.ofFloats(new float[100])), Map.of());
        return out.toByteArray();
    }

    private static VerifyingInputStream verifying(InputStream in, byte[] promised) {
        return new VerifyingInputStream(
                in, new ArtifactRef("audits/a/x", Digests.sha256(promised), promised.length), SETTINGS);
    }

    /** A connection that is reset after so many bytes. */
    private static InputStream breakingAfter(int bytes, byte[] content) {
        return new InputStream() {
            private int at;

            @Override
            public int read() throws IOException {
                if (at == bytes) {
                    throw new IOException("Connection reset");
                }
                return content[at++];
            }
        };
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 12, 40, 200})
    void aConnectionThatBreaksIsRetryableAndNoDamagedFile(int bytes) {
        byte[] content = tensors();

        assertThatThrownBy(() -> Safetensors.read(verifying(breakingAfter(bytes, content), content), "x"))
                .hasMessageContaining("Connection reset")
                .hasMessageContaining("http://store:9000")
                .extracting(e -> ((PalimpsestException) e).code())
                .isEqualTo(ErrorCode.STORE_UNAVAILABLE);
    }

    @Test
    void bytesPassUnchangedOneByOneAndTogether() throws IOException {
        byte[] content = tensors();
        try (VerifyingInputStream in = verifying(new ByteArrayInputStream(content), content)) {
            assertThat(in.read()).isEqualTo(content[0] & 0xff);
            assertThat(in.skip(7)).isEqualTo(7);
            assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, 8, content.length));
            assertThat(in.read()).isEqualTo(-1);
        }
    }
}
