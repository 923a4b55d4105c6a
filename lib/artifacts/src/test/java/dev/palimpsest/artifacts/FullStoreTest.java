package dev.palimpsest.artifacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.infra.EmbeddedStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded store on a disk that fills up. */
class FullStoreTest {
    private static final long ROOM = 1L << 40;
    private static final long LITTLE = 40L << 20;
    private static final String BYTES = "application/octet-stream";

    @TempDir
    Path data;

    @TempDir
    Path folder;

    /** Free bytes as one write after the other finds them; the last for ever. */
    private final Deque<Long> free = new ArrayDeque<>(List.of(ROOM));

    private EmbeddedStore server;
    private ArtifactStore store;

    @BeforeEach
    void start() {
        server = EmbeddedStore.start(data, 0, "someone", "something", this::free);
        store = ArtifactStore.connect(StoreSettings.of(server.endpoint(), "someone", "something", "artifacts"));
        store.ensureBucket();
    }

    @AfterEach
    void stop() {
        store.close();
        server.close();
    }

    private synchronized long free() {
        return free.size() > 1 ? free.remove() : free.element();
    }

    private synchronized void free(long... bytes) {
        free.clear();
        LongStream.of(bytes).forEach(free::add);
    }

    @Test
    void saysWhereAndHowMuchIsFreeAndStillReads() {
        byte[] content = {1, 2, 3};
        ArtifactRef before = store.put("audits/a/before", content, BYTES);
        free(LITTLE);

        assertThatThrownBy(() -> store.put("audits/a/after", content, BYTES))
                .hasMessage("No space is left for writing audits/a/after in the store " + server.endpoint()
                        + "/artifacts (StorageFull: 40 MiB are free in " + data
                        + "; the last 64 MiB are kept for the broker). Free some; nothing stored is lost.")
                .extracting(e -> ((PalimpsestException) e).code())
                .isEqualTo(ErrorCode.NO_SPACE);
        assertThat(store.get(before)).isEqualTo(content);
        assertThat(store.stat("audits/a/after")).isEmpty();
    }

    @Test
    void aFileOfSeveralPartsIsWholeOrNotThere() throws IOException {
        byte[] content = new byte[40 << 20];
        Arrays.fill(content, (byte) 7);
        Path file = Files.write(folder.resolve("large"), content);
        // The upload is begun, the first part is written, the second is refused.
        free(ROOM, ROOM, LITTLE);

        assertThatThrownBy(() -> store.put("audits/a/large", file, BYTES))
                .extracting(e -> ((PalimpsestException) e).code())
                .isEqualTo(ErrorCode.NO_SPACE);
        assertThat(store.stat("audits/a/large")).isEmpty();
        assertThat(largest()).isLessThan(1 << 20);

        free(ROOM);
        assertThat(store.get(store.put("audits/a/large", file, BYTES))).isEqualTo(content);
    }

    @Test
    void asksWhetherToTryAgain() {
        free(LITTLE);
        List<String> asked = new ArrayList<>();
        ArtifactStore patient = store.whenFull(noSpace -> {
            asked.add(noSpace.getMessage());
            if (asked.size() == 2) {
                free(ROOM);
            }
        });
        ArtifactRef ref = patient.put("audits/a/x", new byte[] {9}, BYTES);

        assertThat(asked).hasSize(2);
        assertThat(store.get(ref)).containsExactly(9);
    }

    private long largest() throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .max()
                    .orElse(0);
        }
    }
}
