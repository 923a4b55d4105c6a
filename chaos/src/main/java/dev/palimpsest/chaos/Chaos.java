package dev.palimpsest.chaos;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.contracts.AuditId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The long form of the chaos suite: faults until the time is up, then the table. */
@Command(name = "chaos", description = "Break things while audits run, and compare what comes of them.")
public final class Chaos implements Callable<Integer> {
    private static final Duration AUDIT = Duration.ofMinutes(15);
    private static final int AT_ONCE = 3;

    @Option(names = "--minutes", defaultValue = "10", description = "how long (default: ${DEFAULT-VALUE})")
    int minutes = 10;

    @Option(names = "--seed", defaultValue = "1", description = "draws the faults (default: ${DEFAULT-VALUE})")
    long seed = 1;

    @Option(names = "--repository", defaultValue = ".", description = "a built tree (default: ${DEFAULT-VALUE})")
    Path repository = Path.of(".");

    public static void main(String[] args) {
        System.exit(new CommandLine(new Chaos()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Path folder = Files.createTempDirectory("chaos");
        System.out.println("seed " + seed + ", data and logs in " + folder);
        Path root = repository.toAbsolutePath().normalize();
        TinyStudy study = TinyStudy.draw(root, Files.createDirectory(folder.resolve("study")));
        List<String> services = List.of("gateway", "embed-1", "reconstruct-1", "reconstruct-2", "select-1", "invert-1");
        try (ChaosStack stack = ChaosStack.start(root, folder, services);
                ArtifactStore store = stack.connect()) {
            Outcome undisturbed = undisturbed(study, stack, store);
            Map<String, Long> before = resident(stack);
            Audits audits = new Audits(study, stack.gateway(), store, undisturbed);
            Faults faults = new Faults(stack, audits, seed);
            long end = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
            while (System.nanoTime() < end) {
                audits.collect();
                while (audits.running().size() < AT_ONCE) {
                    audits.submit();
                }
                System.out.println(faults.next());
            }
            Await.until("all audits have ended", AUDIT, () -> {
                audits.collect();
                return audits.running().isEmpty();
            });
            return report(stack, store, audits, faults, undisturbed, before);
        }
    }

    private static Outcome undisturbed(TinyStudy study, ChaosStack stack, ArtifactStore store) {
        AuditId audit = study.submit(stack.gateway());
        Duration took = Await.until(
                "the undisturbed audit",
                AUDIT,
                () -> stack.gateway().get(audit.value()).path("state").asText().equals("done"));
        System.out.println("undisturbed: %.1f s".formatted(took.toMillis() / 1e3));
        return Outcome.of(stack.gateway(), store, audit);
    }

    private static int report(
            ChaosStack stack,
            ArtifactStore store,
            Audits audits,
            Faults faults,
            Outcome undisturbed,
            Map<String, Long> before) {
        Traffic traffic = new Traffic(stack.bootstrapServers());
        List<String> dangling = traffic.dangling(store);
        System.out.println("\n" + faults.table());
        System.out.println("| | |\n| --- | --- |");
        row("faults injected", faults.injected());
        row("audits finished", audits.finished());
        row("units of them", audits.finished() * undisturbed.receipts());
        row("units worked on more than once, at most", redone(stack, store));
        row("announcements made again", traffic.repeated());
        row("audits with another result, or none", audits.wrong().size());
        row("references that cannot be read", dangling.size());
        resident(stack)
                .forEach((name, now) -> row(
                        "memory of " + name + ", MiB: at first, at last",
                        before.getOrDefault(name, 0L) / (1 << 20) + ", " + now / (1 << 20)));
        audits.wrong().forEach(System.out::println);
        dangling.forEach(System.out::println);
        return audits.wrong().isEmpty() && dangling.isEmpty() ? 0 : 1;
    }

    /** Units that workers had in hand, whole or in part, beyond those that took effect: at most, since a unit that was cut may have ended. */
    private static long redone(ChaosStack stack, ArtifactStore store) {
        long worked = stack.workers().stream().mapToLong(ServiceProcess::units).sum();
        return worked - store.list("receipts/").size();
    }

    private static void row(String what, Object figure) {
        System.out.println("| " + what + " | " + figure + " |");
    }

    private static Map<String, Long> resident(ChaosStack stack) {
        Map<String, Long> memory = new TreeMap<>();
        stack.workers().forEach(worker -> memory.put(worker.name(), worker.resident()));
        return memory;
    }
}
