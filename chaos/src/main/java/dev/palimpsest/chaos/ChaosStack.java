package dev.palimpsest.chaos;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.StoreSettings;
import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.infra.FreePorts;
import dev.palimpsest.infra.TopicCreator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Broker, store and the services as child processes, each service with its own identity at the store. All of it can be killed and brought
 * back, with what it had stored.
 */
final class ChaosStack implements AutoCloseable {
    /** Nothing that is logged may hold it. */
    static final String SECRET = "canary-secret-5e1f";

    private static final Duration START = Duration.ofSeconds(120);

    private final Path folder;
    private final int kafkaPort;
    private final int storePort;
    private final Server broker;
    private final Server store;
    private final Map<String, ServiceProcess> services = new LinkedHashMap<>();
    private final Thread lastResort = new Thread(this::close);

    private ChaosStack(Path repository, Path folder) {
        this.folder = folder;
        List<Integer> ports = FreePorts.take(3);
        kafkaPort = ports.get(0);
        storePort = ports.get(1);
        broker = Server.broker(repository, folder.resolve("kafka"), kafkaPort, ports.get(2));
        store = Server.store(repository, folder.resolve("s3"), storePort, SECRET);
    }

    /**
     * Returns when everything is ready.
     *
     * @param repository the built tree
     * @param folder for data and logs
     * @param names of services, such as {@code reconstruct-2}; {@code gateway} among them
     */
    static ChaosStack start(Path repository, Path folder, List<String> names) {
        return start(repository, folder, names, Map.of());
    }

    /** As above, with more in the services' environment. */
    static ChaosStack start(Path repository, Path folder, List<String> names, Map<String, String> more) {
        ChaosStack stack = new ChaosStack(repository, folder);
        Runtime.getRuntime().addShutdownHook(stack.lastResort);
        try {
            stack.store.awaitReady();
            stack.broker.awaitReady();
            TopicCreator.createMissing(stack.bootstrapServers(), Topics.ALL);
            try (ArtifactStore objects = stack.connect()) {
                objects.ensureBucket();
            }
            stack.startServices(repository, names, more);
            stack.awaitReady();
            return stack;
        } catch (RuntimeException | Error e) {
            stack.close();
            throw e;
        }
    }

    private void startServices(Path repository, List<String> names, Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("KAFKA_BOOTSTRAP_SERVERS", bootstrapServers());
        environment.put("PALIMPSEST_STORE_ENDPOINT", "http://127.0.0.1:" + storePort);
        environment.put("PALIMPSEST_STORE_BUCKET", "palimpsest");
        environment.put("PALIMPSEST_CACHE", folder.resolve("cache").toString());
        environment.put("PALIMPSEST_TOKEN", SECRET);
        environment.put("DJL_OFFLINE", "true");
        environment.put("MALLOC_MMAP_THRESHOLD_", "134217728");
        environment.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        environment.put("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "false");
        environment.put("MP_MESSAGING_CONNECTOR_SMALLRYE_KAFKA_SESSION_TIMEOUT_MS", "6000");
        environment.put("MP_MESSAGING_CONNECTOR_SMALLRYE_KAFKA_HEARTBEAT_INTERVAL_MS", "1000");
        try {
            Files.createDirectories(folder.resolve("logs"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Integer> ports = FreePorts.take(names.size());
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            String kind = name.replaceAll("-\\d+$", "");
            String module = kind.equals("gateway") ? kind : kind + "-service";
            Map<String, String> own = new HashMap<>(environment);
            own.put("PALIMPSEST_STORE_ACCESS_KEY", kind);
            own.put("PALIMPSEST_STORE_SECRET_KEY", SECRET);
            Path jar = repository.resolve(module).resolve("target/quarkus-app/quarkus-run.jar");
            if (!Files.exists(jar)) {
                throw new IllegalStateException(jar + " is missing; build first: mvn -Dquick -DskipTests package");
            }
            services.put(
                    name, new ServiceProcess(name, jar, ports.get(i), own, folder.resolve("logs/" + name + ".log")));
        }
    }

    /** Returns how long it took. */
    Duration awaitReady() {
        return Await.until(
                "all services ready, see " + folder.resolve("logs"),
                START,
                () -> services.values().stream().allMatch(ServiceProcess::ready));
    }

    String bootstrapServers() {
        return "127.0.0.1:" + kafkaPort;
    }

    /** A client that the caller closes. */
    ArtifactStore connect() {
        return ArtifactStore.connect(StoreSettings.of("http://127.0.0.1:" + storePort, SECRET, SECRET, "palimpsest"));
    }

    GatewayClient gateway() {
        return new GatewayClient(service("gateway").address(), SECRET);
    }

    ServiceProcess service(String name) {
        ServiceProcess service = services.get(name);
        if (service == null) {
            throw new IllegalArgumentException(name + " is none of " + services.keySet());
        }
        return service;
    }

    /** All of them. */
    List<ServiceProcess> services() {
        return List.copyOf(services.values());
    }

    /** All but the gateway. */
    List<ServiceProcess> workers() {
        List<ServiceProcess> workers = new ArrayList<>(services.values());
        workers.removeIf(service -> service.name().equals("gateway"));
        return workers;
    }

    /** SIGKILL. */
    void brokerAway() {
        broker.kill();
    }

    void brokerBack() {
        broker.restart();
    }

    /** SIGKILL. */
    void storeAway() {
        store.kill();
    }

    void storeBack() {
        store.restart();
    }

    @Override
    public void close() {
        services.values().forEach(ServiceProcess::kill);
        broker.kill();
        store.kill();
    }
}
