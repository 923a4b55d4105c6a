import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.gateway.view.AuditPage;
import dev.palimpsest.gateway.view.Audits;
import dev.palimpsest.gateway.view.Documents;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What a page of the list takes with many audits, in the gateway's own view and as JSON, without HTTP:
 * java -cp "gateway/target/classes:cli/target/lib/*" bench/AuditList.java 10000
 */
final class AuditList {
    public static void main(String[] arguments) throws Exception {
        int n = Integer.parseInt(arguments[0]);
        Audits audits = new Audits(new Documents() {
            @Override
            public <T> T read(ArtifactRef ref, Class<T> type) {
                return type.cast(request(ref.key().split("/")[1]));
            }
        });
        long started = System.nanoTime();
        for (int i = 0; i < n; i++) {
            AuditId id = new AuditId("audit-" + i);
            audits.apply(event(new Message.AuditRequested(id, new ArtifactRef("audits/" + id + "/request.json", "0".repeat(64), 1))));
            for (int step = 0; step < 100; step++) {
                audits.apply(event(new Message.AuditProgress(
                        id, Stage.INVERT, "picture-" + step % 8, step, 100, "steps", "running", "loss 0.1", Map.of("loss", 0.1 * step), null)));
            }
        }
        System.out.printf(Locale.ROOT, "%d audits with 101 messages each read in %.1f s%n", n, (System.nanoTime() - started) / 1e9);
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        System.out.printf(Locale.ROOT, "memory: %d MiB%n", (runtime.totalMemory() - runtime.freeMemory()) >> 20);
        time("first page, the first time", audits, "", line -> true);
        for (int i = 0; i < 3; i++) {
            time("first page", audits, "", line -> true);
        }
        String cursor = "";
        for (AuditPage page = audits.page("", 200, line -> true); page.next() != null; page = audits.page(page.next(), 200, line -> true)) {
            cursor = page.next();
        }
        time("last page", audits, cursor, line -> true);
        time("a name that no audit has", audits, "", line -> line.name().equals("none"));
    }

    private static void time(String what, Audits audits, String cursor, Predicate<dev.palimpsest.gateway.view.AuditLine> wanted) throws Exception {
        long started = System.nanoTime();
        int bytes = Json.mapper().writeValueAsBytes(audits.page(cursor, 50, wanted)).length;
        System.out.printf(Locale.ROOT, "%s: %.1f ms, %d bytes%n", what, (System.nanoTime() - started) / 1e6, bytes);
    }

    private static CloudEvent event(Message message) {
        return CloudEvent.of(message, "bench", Instant.EPOCH);
    }

    private static AuditRequest request(String id) {
        AuditSpec spec = new AuditSpec(AuditSpec.API_VERSION, "audit " + id, "backbone", new AuditSpec.TargetSpec("h", null, null), null, null, null, null);
        return new AuditRequest(1, new AuditId(id), Instant.EPOCH.plusSeconds(id.hashCode() & 0xffff), spec, Map.of(), null, null, null, null, List.of(), null);
    }
}
