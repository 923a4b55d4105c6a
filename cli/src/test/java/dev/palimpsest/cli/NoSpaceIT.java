package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The demo on a disk of its own that is full, fills up and is emptied again; takes minutes, hence only on request: {@code mvn verify
 * -Dlong=true -Dit.test=NoSpaceIT}. How a stage waits is StageRunnerTest's, and what the store answers FullStoreTest's; both always run.
 */
class NoSpaceIT {
    private static final int MIB = 1 << 20;

    @TempDir
    Path mountPoint;

    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        assumeTrue(Boolean.getBoolean("long"), "takes minutes: ask for it with -Dlong=true");
        mounted = command("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", mountPoint.toString()) == 0;
        assumeTrue(mounted, "only root may mount the small disk that this needs");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertThat(command("umount", mountPoint.toString())).isZero();
        }
    }

    @Test
    void theDemoRefusesWaitsStopsAndGoesOn() throws Exception {
        PalimpsestProcess palimpsest = new PalimpsestProcess(mountPoint, Map.of());
        assertThat(palimpsest.run(1, line -> {}, "demo", "--quick"))
                .last()
                .asString()
                .matches("palimpsest: Not enough space: 6\\d MiB are free in " + mountPoint
                        + ", 688 MiB are needed .* Free 62\\d MiB there, or point PALIMPSEST_HOME .*");

        assertThat(command("mount", "-o", "remount,size=900m", mountPoint.toString()))
                .isZero();
        Set<String> done = new HashSet<>();
        List<String> lines = palimpsest.run(
                1,
                line -> {
                    if (line.contains("0/10000 epochs") && done.add("nearly full")) {
                        fill(30);
                    } else if (line.contains("embed waits for space") && done.add("emptied")) {
                        empty();
                    } else if (line.contains("10000/10000 epochs") && done.add("full")) {
                        fill(0);
                    }
                },
                "demo",
                "--quick");
        assertThat(lines)
                .anyMatch(
                        line -> line.matches(".* embed waits for space and then goes on by itself: No space is left for"
                                + " writing knowledge/.* MiB are free in .*"))
                .anyMatch(line -> line.endsWith(" embed goes on"))
                .last()
                .asString()
                .startsWith("palimpsest: No space is left for the local stack, which has stopped: 0 MiB are free in "
                        + mountPoint);

        empty();
        List<String> resumed = palimpsest.run(line -> {}, "demo", "--quick");
        Path report = Path.of(resumed.get(resumed.size() - 1)).resolveSibling("report.json");
        assertThat(new ObjectMapper().readTree(report.toFile()).path("gallery")).hasSize(3);
        assertThat(resumed).noneMatch(line -> line.contains(" 100/10000 epochs"));
    }

    private Path ballast() {
        return mountPoint.resolve("ballast");
    }

    /** Leaves so many MiB free; 0 leaves nothing at all. */
    private void fill(int left) {
        byte[] block = new byte[MIB];
        try (OutputStream out = Files.newOutputStream(ballast())) {
            while (left == 0 || Files.getFileStore(mountPoint).getUsableSpace() > (long) left * MIB) {
                out.write(block);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
            assertThat(left).isZero();
        }
    }

    private void empty() {
        try {
            Files.delete(ballast());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int command(String... command) throws IOException, InterruptedException {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }
}
