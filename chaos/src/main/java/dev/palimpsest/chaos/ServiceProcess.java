package dev.palimpsest.chaos;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One service as a child process, from the jar that production runs. */
final class ServiceProcess {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final String name;
    private final Path jar;
    private final int port;
    private final Map<String, String> environment;
    private final Path log;
    private Process process;
    private long units;

    ServiceProcess(String name, Path jar, int port, Map<String, String> environment, Path log) {
        this.name = name;
        this.jar = jar;
        this.port = port;
        this.environment = Map.copyOf(environment);
        this.log = log;
        this.process = launch();
    }

    private Process launch() {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx400m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Dai.djl.offline=true",
                        "-jar",
                        jar.toString())
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        builder.environment().put("QUARKUS_HTTP_PORT", Integer.toString(port));
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name, e);
        }
    }

    String name() {
        return name;
    }

    String address() {
        return "http://127.0.0.1:" + port;
    }

    Path log() {
        return log;
    }

    /** SIGKILL, without a new start. */
    void kill() {
        units += unitsNow();
        process.destroyForcibly();
        process.onExit().join();
    }

    /** SIGTERM, without a new start. Returns the exit code. */
    int terminate() {
        units += unitsNow();
        process.destroy();
        return process.onExit().join().exitValue();
    }

    void start() {
        process = launch();
    }

    boolean alive() {
        return process.isAlive();
    }

    boolean ready() {
        return up("ready");
    }

    boolean live() {
        return up("live");
    }

    private boolean up(String probe) {
        return get("/q/health/" + probe)
                .filter(response -> response.statusCode() == 200)
                .isPresent();
    }

    /** Units that this service has worked on, whole or, when it was ended, in part. */
    long units() {
        return units + unitsNow();
    }

    private long unitsNow() {
        return get("/q/metrics")
                .map(response ->
                        response.body().lines().mapToLong(ServiceProcess::units).sum())
                .orElse(0L);
    }

    private static long units(String metric) {
        String figure = metric.replaceFirst(".* ", "");
        if (metric.startsWith("palimpsest_units_total{") && metric.contains("outcome=\"done\"")) {
            return Math.round(Double.parseDouble(figure));
        }
        boolean inHand = metric.startsWith("palimpsest_unit_running_seconds{") && Double.parseDouble(figure) > 0;
        return inHand ? 1 : 0;
    }

    private Optional<HttpResponse<String>> get(String path) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(address() + path))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return Optional.of(HTTP.send(request, BodyHandlers.ofString()));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Memory that the process holds, in bytes; on Linux. */
    long resident() {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"));
            return lines.stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }
}
