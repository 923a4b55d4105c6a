package dev.palimpsest.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpaceTest {
    private static final Path HOME = Path.of("/home/me/.palimpsest");

    @Test
    void saysWhatIsFreeWhatIsNeededWhereAndWhatToDo() {
        Space space = new Space(HOME, 100L << 20, false);
        assertThatThrownBy(space::require)
                .hasMessage(
                        "Not enough space: 100 MiB are free in /home/me/.palimpsest, 688 MiB are needed (432 of them once,"
                                + " for the engine's libraries). Free 589 MiB there, or point PALIMPSEST_HOME to a folder on another disk.")
                .extracting(e -> ((PalimpsestException) e).code())
                .isEqualTo(ErrorCode.NO_SPACE);
    }

    @Test
    void theEngineNeedsItsRoomOnce() {
        assertThat(new Space(HOME, 300L << 20, false).enough()).isFalse();
        assertThat(new Space(HOME, 300L << 20, true).enough()).isTrue();
        assertThat(new Space(HOME, 255L << 20, true).enough()).isFalse();
    }

    @Test
    void anEngineThatCouldNotBeUnpackedIsNotThere(@TempDir Path folder) throws IOException {
        Home home = Home.at(folder);
        Path engine = Files.createDirectories(home.cache().resolve("djl/pytorch"));
        assertThat(Space.of(home).unpacked()).isFalse();
        Files.createDirectory(engine.resolve("2.7.1-cpu-linux-x86_64"));
        assertThat(Space.of(home).unpacked()).isTrue();
        assertThat(Space.of(home).free()).isPositive();
    }
}
