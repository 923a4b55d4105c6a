package dev.palimpsest.chaos;

import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.PalimpsestException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * What can go wrong, one at a time, drawn from a seed: more than a third of it is killed workers, since an hour should hold the fifty kills of R2. With how long it took until all was ready again and a unit
 * was done.
 */
final class Faults {
    private static final Duration RECOVERY = Duration.ofMinutes(5);
    private static final int LONGEST_SECONDS = 20;
    private static final String WORKER_KILLED = "worker killed (SIGKILL)";

    private final ChaosStack stack;
    private final Audits audits;
    private final Random random;
    private final Map<String, Fault> kinds = new LinkedHashMap<>();
    private final Map<String, List<Duration>> recoveries = new TreeMap<>();

    /** Something that goes wrong, and is over when it returns. */
    @FunctionalInterface
    private interface Fault {
        void happen() throws Exception;
    }

    Faults(ChaosStack stack, Audits audits, long seed) {
        this.stack = stack;
        this.audits = audits;
        this.random = new Random(seed);
        kinds.put(WORKER_KILLED, () -> restarted(ServiceProcess::kill));
        kinds.put("worker terminated (SIGTERM)", () -> restarted(ServiceProcess::terminate));
        kinds.put("gateway killed (SIGKILL)", () -> {
            stack.service("gateway").kill();
            stack.service("gateway").start();
        });
        kinds.put("broker away", () -> {
            stack.brokerAway();
            pass();
            stack.brokerBack();
        });
        kinds.put("store away", () -> {
            stack.storeAway();
            pass();
            stack.storeBack();
        });
        kinds.put("records five times, shuffled", () -> {
            try (Duplicator duplicator = Duplicator.open(stack.bootstrapServers(), random.nextLong())) {
                pass();
            }
        });
        kinds.put("audit paused and resumed", this::paused);
    }

    private void restarted(Consumer<ServiceProcess> end) {
        List<ServiceProcess> workers = stack.workers();
        ServiceProcess victim = workers.get(random.nextInt(workers.size()));
        end.accept(victim);
        victim.start();
    }

    private void paused() {
        GatewayClient gateway = stack.gateway();
        List<AuditId> running = audits.running();
        if (!running.isEmpty()) {
            String audit = running.get(random.nextInt(running.size())).value();
            try {
                gateway.post("/api/v1/audits/" + audit + ":pause");
                pass();
                gateway.post("/api/v1/audits/" + audit + ":resume");
            } catch (PalimpsestException e) {
                // An audit that was at its last unit ends with it, and has nothing to resume.
                if (!gateway.get(audit).path("state").asText().equals("done")) {
                    throw e;
                }
            }
        }
    }

    /** How long a fault lasts. */
    private void pass() {
        LockSupport.parkNanos(
                Duration.ofSeconds(1 + random.nextInt(LONGEST_SECONDS)).toNanos());
    }

    /** Draws a fault, lets it happen and waits until work goes on. Returns one line about it. */
    String next() throws Exception {
        List<String> names = List.copyOf(kinds.keySet());
        String name = random.nextInt(4) == 0 ? WORKER_KILLED : names.get(random.nextInt(names.size()));
        Fault fault = kinds.get(name);
        if (fault == null) {
            throw new IllegalStateException(name);
        }
        fault.happen();
        int before = audits.units();
        Duration recovery = Await.until(
                "work goes on after: " + name,
                RECOVERY,
                () -> stack.workers().stream().allMatch(ServiceProcess::ready)
                        && stack.service("gateway").ready()
                        && (audits.units() != before || ended()));
        recoveries.computeIfAbsent(name, first -> new ArrayList<>()).add(recovery);
        return "%s; work went on after %.1f s".formatted(name, recovery.toMillis() / 1e3);
    }

    private boolean ended() {
        audits.collect();
        return audits.running().isEmpty();
    }

    /** A table in Markdown. */
    String table() {
        StringBuilder table =
                new StringBuilder("| fault | injected | recovery, median s | longest s |\n| --- | --- | --- | --- |\n");
        recoveries.forEach((name, all) -> {
            List<Duration> sorted = all.stream().sorted().toList();
            table.append("| %s | %d | %.1f | %.1f |%n"
                    .formatted(
                            name,
                            sorted.size(),
                            sorted.get(sorted.size() / 2).toMillis() / 1e3,
                            sorted.get(sorted.size() - 1).toMillis() / 1e3));
        });
        return table.toString();
    }

    int injected() {
        return recoveries.values().stream().mapToInt(List::size).sum();
    }
}
