package dev.palimpsest.chaos;

import dev.palimpsest.contracts.access.Service;
import dev.palimpsest.infra.EmbeddedBroker;
import dev.palimpsest.infra.EmbeddedStore;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The broker or the store as a child process, so that it can be killed; what it had stored is there when it comes back. */
final class Server {
    private static final Duration START = Duration.ofSeconds(60);

    private final List<String> command;
    private final Path log;
    private Process process;

    private Server(List<String> command, Path log) {
        this.command = command;
        this.log = log;
        this.process = launch();
    }

    /** Returns before it answers: {@link #awaitReady}. */
    static Server broker(Path repository, Path data, int port, int controllerPort) {
        return new Server(
                command(repository, "broker", data, Integer.toString(port), Integer.toString(controllerPort)),
                data.resolveSibling("broker.log"));
    }

    /** One that knows every service by this secret. */
    static Server store(Path repository, Path data, int port, String secret) {
        return new Server(
                command(repository, "store", data, Integer.toString(port), secret), data.resolveSibling("store.log"));
    }

    private static List<String> command(Path repository, String kind, Path data, String... more) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx300m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.util.logging.config.file="
                        + repository.resolve("lib/infra/src/main/resources/dev/palimpsest/infra/logging.properties"),
                "-cp",
                repository.resolve("chaos/target/classes") + File.pathSeparator + repository.resolve("cli/target/lib")
                        + "/*",
                Server.class.getName(),
                kind,
                data.toString()));
        command.addAll(Arrays.asList(more));
        return command;
    }

    private Process launch() {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(new File("/dev/null"))
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void awaitReady() {
        Await.until("an answer, see " + log, START, () -> Files.readString(log).contains("READY"));
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Returns when it answers. */
    void restart() {
        process = launch();
        awaitReady();
    }

    /** The child: {@code broker FOLDER PORT CONTROLLER-PORT} or {@code store FOLDER PORT SECRET}. */
    public static void main(String[] args) {
        Path data = Path.of(args[1]);
        int port = Integer.parseInt(args[2]);
        if (args[0].equals("broker")) {
            EmbeddedBroker.start(data, port, Integer.parseInt(args[3]));
        } else {
            EmbeddedStore.start(
                    data,
                    port,
                    args[3],
                    args[3],
                    () -> Long.MAX_VALUE,
                    Stream.of(Service.values()).collect(Collectors.toMap(service -> service, service -> args[3])));
        }
        System.out.println("READY");
        while (true) {
            LockSupport.park();
        }
    }
}
