package dev.palimpsest.testkit;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.StoreSettings;
import dev.palimpsest.infra.EmbeddedBroker;
import dev.palimpsest.infra.EmbeddedStore;
import dev.palimpsest.infra.FreePorts;
import dev.palimpsest.infra.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The real broker and the real store in the process of the test, on free ports of the loopback interface, with their
 * data in a temporary folder that {@link #close()} deletes. The bucket exists; topics are created as the test names
 * them. Starting takes about three seconds, so share one per class.
 */
public final class LocalInfra implements AutoCloseable {
    private static final String ACCESS_KEY = "test";
    private static final String SECRET_KEY = "test-secret";
    private static final String BUCKET = "palimpsest";

    private final Path folder;
    private final EmbeddedStore store;
    private final EmbeddedBroker broker;

    private LocalInfra(Path folder, EmbeddedStore store, EmbeddedBroker broker) {
        this.folder = folder;
        this.store = store;
        this.broker = broker;
    }

    /**
     * Starts both.
     *
     * @param topics comma-separated {@code name:partitions[:compact]}, or nothing
     */
    public static LocalInfra start(String topics) {
        try {
            Path folder = Files.createTempDirectory("palimpsest-infra-");
            EmbeddedStore store = EmbeddedStore.start(folder.resolve("s3"), 0, ACCESS_KEY, SECRET_KEY);
            List<Integer> ports = FreePorts.take(2);
            EmbeddedBroker broker = EmbeddedBroker.start(folder.resolve("kafka"), ports.get(0), ports.get(1));
            LocalInfra infra = new LocalInfra(folder, store, broker);
            Topics.createMissing(infra.bootstrapServers(), topics);
            try (ArtifactStore client = infra.connect()) {
                client.ensureBucket();
            }
            return infra;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return broker.bootstrapServers();
    }

    /** Of the store and its one bucket. */
    public StoreSettings storeSettings() {
        return StoreSettings.of(store.endpoint(), ACCESS_KEY, SECRET_KEY, BUCKET);
    }

    /** A new client of the store, which the caller closes. */
    public ArtifactStore connect() {
        return ArtifactStore.connect(storeSettings());
    }

    /** The file that holds an object, for tests that damage or remove it behind the store's back. */
    public Path objectFile(String key) {
        return folder.resolve("s3").resolve(BUCKET).resolve(key);
    }

    @Override
    public void close() {
        try {
            broker.close();
        } finally {
            store.close();
            deleteAll();
        }
    }

    private void deleteAll() {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
