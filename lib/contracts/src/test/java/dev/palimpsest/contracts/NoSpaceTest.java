package dev.palimpsest.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class NoSpaceTest {
    @Test
    void isFoundBehindWhateverWrapsIt() {
        assertThat(NoSpace.isIn(new ExecutionException(
                        new IllegalStateException("engine", new IOException("x: No space left on device")))))
                .isTrue();
        assertThat(NoSpace.isIn(new IOException("Disk quota exceeded"))).isTrue();
        assertThat(NoSpace.isIn(new IllegalStateException(new PalimpsestException(ErrorCode.NO_SPACE, "full"))))
                .isTrue();
    }

    @Test
    void otherFailuresAreNone() {
        assertThat(NoSpace.isIn(new IOException("Connection reset", new IOException())))
                .isFalse();
        assertThat(NoSpace.isIn(new PalimpsestException(ErrorCode.STORE_UNAVAILABLE, "away")))
                .isFalse();
        assertThat(NoSpace.isIn(null)).isFalse();
    }

    @Test
    void isWhatTheSystemSays() {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.isWritable(full), "this system has no /dev/full");
        Throwable refused = catchThrowable(() -> Files.write(full, new byte[1]));
        assertThat(refused).isInstanceOf(IOException.class);
        assertThat(NoSpace.isIn(refused)).isTrue();
    }
}
