package dev.palimpsest.testkit;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.StoreSettings;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.contracts.Topics.Topic;
import dev.palimpsest.contracts.access.Service;
import dev.palimpsest.infra.EmbeddedBroker;
import dev.palimpsest.infra.EmbeddedStore;
import dev.palimpsest.infra.FreePorts;
import dev.palimpsest.infra.TopicCreator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The real broker and the real store in the process of the test, on free ports of the loopback interface, with their
 * data in a temporary folder that {@link #close()} deletes. Bucket and topics exist. Starting takes about three seconds, so share one per class.
 */
public final class LocalInfra implements AutoCloseable {
    private static final String ACCESS_KEY = "test";
    private static final String SECRET_KEY = "test-secret";
    private static final String BUCKET = "palimpsest";
    private static final int ATTEMPTS = 3;
    private static final Map<Service, String> SECRETS =
            Stream.of(Service.values()).collect(Collectors.toMap(service -> service, Service::id));

    private final Path folder;
    private final EmbeddedStore store;
    private final EmbeddedBroker broker;
    private final AtomicLong free;

    private LocalInfra(Path folder, EmbeddedStore store, EmbeddedBroker broker, AtomicLong free) {
        this.folder = folder;
        this.store = store;
        this.broker = broker;
        this.free = free;
    }

    /** Starts both, with all topics of the contracts. */
    public static LocalInfra start() {
        return start(Topics.ALL);
    }

    /** Starts both, with these topics. */
    public static LocalInfra start(List<Topic> topics) {
        LocalInfra infra = startServers();
        try (ArtifactStore client = infra.connect()) {
            TopicCreator.createMissing(infra.bootstrapServers(), topics);
            client.ensureBucket();
            return infra;
        } catch (RuntimeException e) {
            infra.close();
            throw e;
        }
    }

    private static LocalInfra startServers() {
        Path folder = temporaryFolder();
        AtomicLong free = new AtomicLong(Long.MAX_VALUE);
        EmbeddedStore store = EmbeddedStore.start(folder.resolve("s3"), 0, ACCESS_KEY, SECRET_KEY, free::get, SECRETS);
        try {
            return new LocalInfra(folder, store, startBroker(folder.resolve("kafka"), ATTEMPTS), free);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    // Another process may take a port between finding it free and listening on it.
    private static EmbeddedBroker startBroker(Path data, int attempts) {
        List<Integer> ports = FreePorts.take(2);
        try {
            return EmbeddedBroker.start(data, ports.get(0), ports.get(1));
        } catch (PalimpsestException e) {
            if (attempts == 1) {
                throw e;
            }
            return startBroker(data, attempts - 1);
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("palimpsest-infra-");
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

    /** A client that may do what the service may, which the caller closes. */
    public ArtifactStore connect(Service service) {
        return ArtifactStore.connect(
                StoreSettings.of(store.endpoint(), service.id(), String.valueOf(SECRETS.get(service)), BUCKET));
    }

    /** From now on the store finds no more than this free on its disk, in bytes. */
    public void free(long bytes) {
        free.set(bytes);
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
