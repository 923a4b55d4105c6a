package dev.palimpsest.cli.local;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.StoreSettings;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.NoSpace;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.contracts.access.Service;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Starts and supervises the local stack. A service that dies is named and started again, at most {@value #MAX_RESTARTS}
 * times; the work it had in hand is delivered again by the broker.
 */
public final class LocalStack implements AutoCloseable {
    private static final int MAX_RESTARTS = 3;
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(120);

    private final Home home;
    private final Path dist;
    private final Consumer<String> say;
    private final FileChannel lockFile;
    private final FileLock lock;
    private final Map<String, ChildProcess> children = new LinkedHashMap<>();
    private final Map<String, String> health = new LinkedHashMap<>();
    private final Map<String, Integer> restarts = new HashMap<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private long infraLogFrom;
    private volatile boolean stopping;
    private volatile @Nullable PalimpsestException failure;
    private @Nullable StackState state;

    private LocalStack(Home home, Path dist, Consumer<String> say, FileChannel lockFile, FileLock lock) {
        this.home = home;
        this.dist = dist;
        this.say = say;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    /**
     * Starts the stack and returns when every process is ready.
     *
     * @throws PalimpsestException IN_USE: one runs already on this home; NO_SPACE: there is not enough for a start
     */
    public static LocalStack start(Home home, Path dist, Consumer<String> say) {
        try {
            FileChannel file = FileChannel.open(home.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = tryLock(file);
            if (lock == null) {
                file.close();
                String where = home.state()
                        .map(s -> " at " + s.gateway() + " (pid " + s.pid() + ")")
                        .orElse("");
                throw new PalimpsestException(
                        ErrorCode.IN_USE, "The stack runs already" + where + "; 'palimpsest down' stops it");
            }
            List<String> leftOver =
                    home.state().map(before -> before.endLeftOvers(mark(home))).orElse(List.of());
            if (!leftOver.isEmpty()) {
                say.accept("A stack that was killed had left " + String.join(", ", leftOver) + "; they are ended.");
            }
            LocalStack stack = new LocalStack(home, dist, say, file, lock);
            try {
                Space.of(home).require();
                stack.startAll();
            } catch (IOException | RuntimeException e) {
                stack.close();
                throw e;
            }
            return stack;
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NO_SPACE, "Cannot write below " + home.root() + ": " + e.getMessage(), e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private void startAll() throws IOException {
        int kafka = freePort();
        int controller = freePort();
        int store = freePort();
        startInfra(kafka, controller, store);
        awaitReady(Objects.requireNonNull(children.get("infra")));
        try (ArtifactStore objects = ArtifactStore.connect(
                StoreSettings.of("http://127.0.0.1:" + store, "palimpsest", home.secret("store"), "palimpsest"))) {
            objects.ensureBucket();
        }
        String token = home.secret("token");
        Map<String, String> shared = new HashMap<>();
        shared.put("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + kafka);
        shared.put("PALIMPSEST_STORE_ENDPOINT", "http://127.0.0.1:" + store);
        shared.put("PALIMPSEST_STORE_BUCKET", "palimpsest");
        shared.put("PALIMPSEST_CACHE", home.cache().toString());
        shared.put("PALIMPSEST_TOKEN", token);
        shared.put("DJL_CACHE_DIR", home.cache().resolve("djl").toString());
        shared.put("DJL_OFFLINE", "true");
        // Tensors of a few hundred KiB come and go in every step: returning each to the system costs a third to a half.
        shared.put("MALLOC_MMAP_THRESHOLD_", "134217728");
        shared.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        shared.put("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "false");
        for (String service : services()) {
            startService(service, shared);
        }
        // Known from now on, so that a second start can say where, and a later one can clear up after a kill.
        remember(token);
        children.values().forEach(this::awaitReady);
        children.values().forEach(this::watch);
    }

    private synchronized void remember(String token) throws IOException {
        Map<String, Long> pids = new LinkedHashMap<>();
        children.forEach((name, child) -> pids.put(name, child.process().pid()));
        state = new StackState(
                ProcessHandle.current().pid(), String.valueOf(health.get("gateway")), token, pids, Map.copyOf(health));
        home.state(state);
    }

    /** One inversion worker a core, each with one thread: never more torch threads than cores. */
    private static List<String> services() {
        List<String> names = new ArrayList<>(List.of("gateway", "embed", "reconstruct", "select"));
        int workers = Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors()));
        for (int i = 1; i <= workers; i++) {
            names.add("invert-" + i);
        }
        return names;
    }

    private void startInfra(int kafka, int controller, int store) throws IOException {
        String topics = Topics.ALL.stream()
                .map(t -> t.name() + ":" + t.partitions() + (t.compacted() ? ":compact" : ""))
                .collect(Collectors.joining(","));
        StringBuilder secrets = new StringBuilder();
        for (Service service : Service.values()) {
            secrets.append("\ns3.secret.")
                    .append(service.id())
                    .append("=")
                    .append(home.secret("store-" + service.id()));
        }
        String properties = "kafka.port=" + kafka + "\ncontroller.port=" + controller + "\ns3.port=" + store
                + "\ns3.access=palimpsest\ns3.secret=" + home.secret("store") + secrets + "\ndata.dir=" + home.data()
                + "\ntopics="
                + topics + "\n";
        infraLogFrom = Files.exists(home.log("infra")) ? Files.size(home.log("infra")) : 0;
        home.writePrivately(home.infraProperties(), properties.getBytes(StandardCharsets.UTF_8));
        String classPath = dist.resolve("cli/target/lib") + "/*";
        add(new ChildProcess(
                "infra",
                List.of(
                        mark(home),
                        "-Xmx320m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        classPath,
                        "dev.palimpsest.infra.InfraMain",
                        home.infraProperties().toString()),
                Map.of(),
                home.log("infra")));
    }

    private void startService(String name, Map<String, String> shared) throws IOException {
        String kind = name.replaceAll("-\\d+$", "");
        String module = kind.equals("gateway") ? kind : kind + "-service";
        Path jar = dist.resolve(module).resolve("target/quarkus-app/quarkus-run.jar");
        if (!Files.exists(jar)) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND, jar + " is missing; build with: mvn -Dquick -Dmaven.test.skip=true package");
        }
        int port = freePort();
        Map<String, String> environment = new HashMap<>(shared);
        environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        environment.put("PALIMPSEST_STORE_ACCESS_KEY", kind);
        environment.put("PALIMPSEST_STORE_SECRET_KEY", home.secret("store-" + kind));
        health.put(name, "http://127.0.0.1:" + port);
        add(new ChildProcess(
                name,
                List.of(mark(home), "-Xmx768m", "-XX:+UseSerialGC", "-Dai.djl.offline=true", "-jar", jar.toString()),
                environment,
                home.log(name)));
    }

    private void add(ChildProcess child) {
        children.put(child.name(), child);
    }

    private void awaitReady(ChildProcess child) {
        ScheduledExecutorService poll = Executors.newSingleThreadScheduledExecutor();
        CountDownLatch ready = new CountDownLatch(1);
        try {
            poll.scheduleWithFixedDelay(
                    () -> {
                        if (isReady(child) || !child.process().isAlive()) {
                            ready.countDown();
                        }
                    },
                    0,
                    100,
                    TimeUnit.MILLISECONDS);
            if (!ready.await(READY_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                    || !child.process().isAlive()) {
                throw broken(child.name() + " did not become ready. The end of " + child.log() + ":\n" + child.tail());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PalimpsestException(ErrorCode.INTERNAL, "Interrupted while the stack was starting", e);
        } finally {
            poll.shutdownNow();
        }
    }

    private boolean isReady(ChildProcess child) {
        String address = health.get(child.name());
        if (address == null) {
            return infraSaysReady();
        }
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/q/health/ready"))
                    .timeout(Duration.ofSeconds(3))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean infraSaysReady() {
        return infraSays("READY"::equals);
    }

    private boolean infraSays(Predicate<String> something) {
        try (RandomAccessFile log = new RandomAccessFile(home.log("infra").toFile(), "r")) {
            log.seek(infraLogFrom);
            for (String line = log.readLine(); line != null; line = log.readLine()) {
                if (something.test(line)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    /** Why the stack cannot go on. A full disk is the reason for whatever else happened on it, and often leaves no room to log it. */
    private PalimpsestException broken(String what) {
        Space space = Space.of(home);
        if (!space.usedUp() && !infraSays(NoSpace::isInText)) {
            return new PalimpsestException(ErrorCode.INTERNAL, what);
        }
        return new PalimpsestException(
                ErrorCode.NO_SPACE,
                "No space is left for the local stack, which has stopped: " + space.found() + ". " + space.advice()
                        + " Then run the same command again: nothing stored is lost, and audits go on where they were.");
    }

    private void watch(ChildProcess child) {
        var unused = child.process().onExit().thenAccept(process -> {
            if (stopping) {
                return;
            }
            int count = restarts.merge(child.name(), 1, Integer::sum);
            String what = child.name() + " stopped (exit code " + process.exitValue() + "; log: " + child.log() + ")";
            if (child.name().equals("infra") || count > MAX_RESTARTS) {
                failure = broken(what + "; the stack cannot go on without it");
                ended.countDown();
            } else {
                say.accept(what + "; starting it again");
                child.restart();
                watch(child);
                try {
                    remember(state().token());
                } catch (IOException e) {
                    say.accept("Cannot write below " + home.root() + ": " + e.getMessage());
                }
            }
        });
    }

    /** What other commands need to know of this stack. */
    public StackState state() {
        return Objects.requireNonNull(state, "not started");
    }

    /** Waits until the stack cannot go on, because a process of it cannot be kept up, and returns why. */
    public PalimpsestException awaitEnd() throws InterruptedException {
        ended.await();
        return Objects.requireNonNull(failure);
    }

    /** Why nothing of this stack answers any more; empty while it should. */
    public Optional<PalimpsestException> over() {
        PalimpsestException reason = failure;
        if (reason == null && stopping) {
            return Optional.of(new PalimpsestException(
                    ErrorCode.BROKER_UNAVAILABLE,
                    "The stack was stopped; nothing stored is lost."
                            + " Run the same command again, and the audit goes on where it was."));
        }
        return Optional.ofNullable(reason);
    }

    @Override
    public void close() {
        if (stopping) {
            return;
        }
        stopping = true;
        List<ChildProcess> services = new ArrayList<>(children.values());
        ChildProcess infra = children.get("infra");
        services.remove(infra);
        services.forEach(child -> child.process().destroy());
        services.forEach(ChildProcess::stop);
        if (infra != null) {
            infra.stop();
        }
        try {
            home.clearState();
            lock.release();
            lockFile.close();
        } catch (IOException e) {
            say.accept("The stack stopped, but " + home.root() + " could not be tidied: " + e.getMessage());
        }
    }

    /** In the command line of every process of a home; not below {@code palimpsest.}, where services take no unknown setting. */
    private static String mark(Home home) {
        return "-Dstack.home=" + home.root();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
