package dev.palimpsest.cli.command;

import dev.palimpsest.cli.Distribution;
import dev.palimpsest.cli.local.Home;
import dev.palimpsest.cli.local.Space;
import dev.palimpsest.cli.local.StackState;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "doctor",
        description = "Check this machine and the local stack, and say what to do about what is wrong.",
        footer = {"", "Example: palimpsest doctor"})
final class DoctorCommand implements Callable<Integer> {
    private int problems;

    @Override
    public Integer call() throws IOException, InterruptedException {
        int java = Runtime.version().feature();
        check(java >= 17, "Java " + Runtime.version(), "install a JDK, 17 or newer");
        check(
                System.getProperty("os.arch").equals("amd64")
                        && System.getProperty("os.name").equals("Linux"),
                System.getProperty("os.name") + " on " + System.getProperty("os.arch"),
                "the native libraries in this build are for Linux on x86-64");
        Path root = Distribution.root();
        for (String module :
                new String[] {"embed-service", "reconstruct-service", "select-service", "invert-service", "gateway"}) {
            Path jar = root.resolve(module).resolve("target/quarkus-app/quarkus-run.jar");
            check(Files.exists(jar), module + " is built", "run ./palimpsest once, or mvn -Dquick -DskipTests package");
        }
        Home home = Home.open();
        Space space = Space.of(home);
        check(space.enough(), space.found(), space.advice());
        Optional<StackState> state = home.state().filter(StackState::alive);
        if (state.isEmpty()) {
            System.out.println("  -  no local stack is running ('palimpsest up' starts it)");
        } else {
            services(state.get());
        }
        System.out.println(problems == 0 ? "Everything is in order." : problems + " problem(s), see above.");
        return problems == 0 ? 0 : 1;
    }

    private void services(StackState state) throws InterruptedException {
        HttpClient http =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3)).build();
        for (Map.Entry<String, String> service : new TreeMap<>(state.health()).entrySet()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(service.getValue() + "/q/health/ready"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            String found;
            boolean up;
            try {
                HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
                up = response.statusCode() == 200;
                found = up ? "ready" : "not ready: " + response.body().replaceAll("\\s+", " ");
            } catch (IOException e) {
                up = false;
                found = "does not answer (" + e.getMessage() + ")";
            }
            check(
                    up,
                    service.getKey() + " at " + service.getValue() + ": " + found,
                    "look at " + Home.open().log(service.getKey()));
            if (up && !service.getKey().equals("gateway")) {
                metrics(http, service);
            }
        }
    }

    private void metrics(HttpClient http, Map.Entry<String, String> service) throws InterruptedException {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(service.getValue() + "/q/metrics"))
                    .timeout(Duration.ofSeconds(5))
                    .header("Accept", "text/plain")
                    .build();
            ServiceMetrics metrics = ServiceMetrics.of(
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body());
            check(
                    metrics.deadLetters().isEmpty() && !metrics.stuck(),
                    service.getKey() + ": " + metrics.told(),
                    metrics.stuck()
                            ? "no unit is meant to take so long: look at "
                                    + Home.open().log(service.getKey())
                            : "'palimpsest dlq list' says what was put aside and why");
        } catch (IOException e) {
            check(false, service.getKey() + " tells no metrics (" + e.getMessage() + ")", "look at its log");
        }
    }

    private void check(boolean ok, String found, String advice) {
        System.out.println((ok ? "  ok " : "  !! ") + found + (ok ? "" : "\n       -> " + advice));
        if (!ok) {
            problems++;
        }
    }
}
