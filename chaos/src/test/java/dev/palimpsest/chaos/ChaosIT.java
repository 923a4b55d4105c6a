package dev.palimpsest.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.testkit.SpanReceiver;
import dev.palimpsest.testkit.SpanReceiver.Received;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The promises R1 to R10 of docs/reliability.md on one stack of real processes, against what an undisturbed audit of the same data gave: in
 * every build what takes seconds, all of it with {@code mvn verify -Dchaos=true -Dit.test=ChaosIT}. {@code bench/chaos} is the long form.
 */
@TestMethodOrder(OrderAnnotation.class)
class ChaosIT {
    private static final long SEED = 20261125;
    private static final Duration AUDIT = Duration.ofMinutes(6);
    private static final Duration UNIT = Duration.ofSeconds(60);
    private static final int KILLS = Boolean.getBoolean("chaos") ? 8 : 2;
    private static final Duration AWAY = Duration.ofSeconds(20);

    @TempDir
    static Path folder;

    private static SpanReceiver spans;
    private static ChaosStack stack;
    private static ArtifactStore store;
    private static GatewayClient gateway;
    private static Traffic traffic;
    private static TinyStudy study;
    private static AuditId first;
    private static Outcome undisturbed;

    @BeforeAll
    static void start() throws Exception {
        Path repository = Path.of(System.getProperty("palimpsest.repo"));
        study = TinyStudy.draw(repository, Files.createDirectory(folder.resolve("study")));
        spans = SpanReceiver.start(0);
        stack = ChaosStack.start(
                repository,
                folder,
                List.of("gateway", "embed-1", "reconstruct-1", "reconstruct-2", "select-1", "invert-1"),
                Map.of("PALIMPSEST_TRACES_ENDPOINT", spans.address()));
        store = stack.connect();
        gateway = stack.gateway();
        traffic = new Traffic(stack.bootstrapServers());
        first = study.submit(gateway);
        undisturbed = finish(first);
        assertThat(undisturbed.digests().keySet())
                .anyMatch(key -> key.endsWith(".png"))
                .anyMatch(key -> key.contains("knowledge"));
    }

    @AfterAll
    static void stop() {
        store.close();
        stack.close();
        spans.close();
    }

    @Test
    @Order(1)
    void r1EveryRecordFiveTimesInAnyOrderIsOneEffect() throws Exception {
        AuditId audit;
        long copies;
        try (Duplicator duplicator = Duplicator.open(stack.bootstrapServers(), SEED)) {
            audit = study.submit(gateway);
            finish(audit);
            copies = duplicator.end();
        }
        nothingIsLeft(AUDIT);

        assertThat(copies).isGreaterThan(4L * undisturbed.receipts() / 2);
        assertThat(outcome(audit)).isEqualTo(undisturbed);
        assertThat(traffic.distinct(Topics.SELECTION_READY, audit))
                .filteredOn(event -> event.data().unit().equals("last"))
                .hasSize(1);
        assertThat(letters(Stage.RECONSTRUCT)).isZero();
    }

    @Test
    @Order(2)
    void r2KilledWorkersChangeNoResult() throws Exception {
        Random random = new Random(SEED);
        List<AuditId> audits = List.of(study.submit(gateway), study.submit(gateway));
        List<ServiceProcess> victims = new ArrayList<>(stack.workers());
        for (int kills = 0; kills < KILLS && running(audits); kills++) {
            ServiceProcess victim = victims.get(random.nextInt(victims.size()));
            int done = receipts(audits);
            Await.until("a unit more, or the end", AUDIT, () -> receipts(audits) > done || !running(audits));
            victim.kill();
            victim.start();
        }
        for (AuditId audit : audits) {
            assertThat(finish(audit)).isEqualTo(undisturbed);
        }
        stack.awaitReady();
        nothingIsLeft(UNIT);
    }

    @Test
    @Order(3)
    @OnRequest
    void r3AuditsFinishAfterBrokerAndStoreWereKilledAndAwayForTwentySeconds() throws Exception {
        AuditId audit = study.submit(gateway);
        Await.until("begun", AUDIT, () -> receipts(List.of(audit)) >= 2);
        away("broker", stack::brokerAway, stack::brokerBack);
        away("store", stack::storeAway, stack::storeBack);
        assertThat(finish(audit).covers(undisturbed)).isTrue();
        stack.awaitReady();
        assertThat(traffic.distinct(Topics.SELECTION_READY, audit))
                .filteredOn(event -> event.data().unit().equals("last"))
                .hasSize(1);
    }

    private static void away(String what, Runnable away, Runnable back) {
        long since = System.nanoTime();
        away.run();
        Await.until(
                "not ready without the " + what,
                UNIT,
                () -> stack.workers().stream().noneMatch(ServiceProcess::ready));
        Await.until("away long enough", UNIT, () -> {
            assertThat(stack.workers()).allMatch(ServiceProcess::live);
            return System.nanoTime() - since > AWAY.toNanos();
        });
        back.run();
    }

    @Test
    @Order(4)
    void r6PoisonIsPutAsideAndNothingWaitsForIt() throws Exception {
        long before = letters(Stage.RECONSTRUCT);
        new Poison(store, new AuditId("poison")).send(stack.bootstrapServers());
        AuditId audit = study.submit(gateway);
        new Poison(store, new AuditId("poison")).send(stack.bootstrapServers());
        assertThat(finish(audit)).isEqualTo(undisturbed);
        Await.until("all put aside", UNIT, () -> letters(Stage.RECONSTRUCT) == before + 2 * Poison.KINDS);

        JsonNode page = gateway.read("/api/v1/dead-letters?stage=reconstruct&state=open&limit=200");
        String id = page.path("letters").get(0).path("id").asText();
        assertThat(page.path("letters")).hasSizeGreaterThanOrEqualTo(2 * Poison.KINDS);
        for (int i = 0; i < 3; i++) {
            assertThat(gateway.post("/api/v1/dead-letters/" + id + ":replay")
                            .path("state")
                            .asText())
                    .isEqualTo("replayed");
        }
        Await.until("back once", UNIT, () -> letters(Stage.RECONSTRUCT) == before + 2 * Poison.KINDS + 1);
    }

    @Test
    @Order(5)
    @OnRequest
    void r9ATerminatedWorkerEndsInTimeAndTheNextGoesOn() throws Exception {
        AuditId audit = study.submit(gateway);
        for (String name : List.of("embed-1", "invert-1")) {
            Stage stage = Stage.valueOf(name.replaceAll("-.*", "").toUpperCase(Locale.ROOT));
            Await.until("at work", AUDIT, () -> working(audit, stage));
            ServiceProcess worker = stack.service(name);
            long begin = System.nanoTime();
            assertThat(worker.terminate()).isEqualTo(143);
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(12));
            worker.start();
        }
        assertThat(finish(audit).covers(undisturbed)).isTrue();
        stack.awaitReady();

        AuditId longer = study.with(2, 800).submit(gateway);
        Await.until("at its pictures", AUDIT, () -> working(longer, Stage.INVERT));
        ServiceProcess worker = stack.service("invert-1");
        worker.terminate();
        assertThat(traffic.distinct(Topics.INVERT_UNITS, longer))
                .as("the unit that was in hand goes on where it was")
                .anyMatch(event -> ((Message.InvertUnit) event.data()).step() > 0);
        worker.start();
        finish(longer);
        stack.awaitReady();
    }

    @Test
    @Order(6)
    @OnRequest
    void r10APausedAuditStandsStillAndEndsTheSame() throws Exception {
        AuditId audit = study.submit(gateway);
        Await.until("begun", AUDIT, () -> receipts(List.of(audit)) >= 4);
        gateway.post("/api/v1/audits/" + audit + ":pause");
        nothingIsLeft(UNIT);
        int done = receipts(List.of(audit));
        AuditId other = study.submit(gateway);
        finish(other);
        assertThat(receipts(List.of(audit))).isEqualTo(done);

        gateway.post("/api/v1/audits/" + audit + ":resume");
        assertThat(finish(audit).covers(undisturbed)).isTrue();

        AuditId cancelled = study.submit(gateway);
        Await.until("begun", AUDIT, () -> receipts(List.of(cancelled)) >= 2);
        gateway.post("/api/v1/audits/" + cancelled + ":cancel");
        nothingIsLeft(UNIT);
        assertThat(state(cancelled)).isEqualTo("cancelled");
    }

    @Test
    @Order(7)
    void aSmallAuditIsNotBehindThePicturesOfALargeOne() throws Exception {
        AuditId large = study.with(12, 400).submit(gateway);
        Await.until("at its pictures", AUDIT, () -> working(large, Stage.INVERT));
        AuditId small = study.submit(gateway);
        assertThat(finish(small)).isEqualTo(undisturbed);
        assertThat(state(large)).isEqualTo("inverting");

        Map<String, Long> announced = times(Topics.INVERT_UNITS, small);
        Map<String, Long> finished = times(Topics.INVERSION_READY, small);
        assertThat(announced).hasSameSizeAs(finished).isNotEmpty();
        Map<String, Long> others = times(Topics.INVERSION_READY, large);
        finished.forEach((item, end) -> assertThat(others.values())
                .as("pictures of the large audit while " + item + " of the small one waited and was made")
                .filteredOn(time -> time > announced.get(item) && time < end)
                .hasSizeLessThanOrEqualTo(2));
        gateway.post("/api/v1/audits/" + large + ":cancel");
        Await.until("cancelled", UNIT, () -> state(large).equals("cancelled"));
        nothingIsLeft(UNIT);
    }

    @Test
    @Order(8)
    @OnRequest
    void everyServiceIsRestartedInItsTurnUnderLoad() throws Exception {
        long before = letters();
        List<AuditId> audits = List.of(study.submit(gateway), study.submit(gateway), study.submit(gateway));
        Await.until("begun", AUDIT, () -> receipts(audits) >= 3);
        for (ServiceProcess service : stack.services()) {
            service.terminate();
            service.start();
            stack.awaitReady();
        }
        for (AuditId audit : audits) {
            assertThat(finish(audit).covers(undisturbed)).isTrue();
        }
        assertThat(letters()).isEqualTo(before);
    }

    /** When what first went over the topic, by item. */
    private static Map<String, Long> times(String topic, AuditId audit) {
        Map<String, Long> times = new TreeMap<>();
        for (ConsumerRecord<String, byte[]> record : traffic.read(List.of(topic))) {
            Traffic.decoded(record)
                    .map(CloudEvent::data)
                    .filter(message -> message.audit().equals(audit))
                    .ifPresent(message -> times.merge(
                            message instanceof Message.InvertUnit unit ? unit.item() : message.unit(),
                            record.timestamp(),
                            Math::min));
        }
        return times;
    }

    @Test
    @Order(9)
    void r4NoMessageOfAllThatNamedWhatCannotBeRead() {
        assertThat(traffic.dangling(store)).allMatch(text -> text.startsWith("poison/"));
    }

    @Test
    @Order(10)
    void anAuditIsOneTraceThroughAllStages() {
        Map<String, Set<String>> traces = new TreeMap<>();
        for (ConsumerRecord<String, byte[]> record :
                traffic.read(Topics.ALL.stream().map(Topics.Topic::name).toList())) {
            Header header = record.headers().lastHeader("traceparent");
            if (header != null) {
                String trace = new String(header.value(), StandardCharsets.US_ASCII);
                assertThat(trace).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
                traces.computeIfAbsent(record.key().replaceAll("/.*", ""), audit -> new TreeSet<>())
                        .add(trace);
            }
        }
        assertThat(traces).hasSizeGreaterThan(5);
        traces.forEach((audit, spans) -> {
            assertThat(spans.stream().map(trace -> trace.substring(3, 35)).distinct())
                    .as(audit)
                    .hasSize(1);
        });
        assertThat(traces.values()).anySatisfy(spans -> assertThat(spans).hasSizeGreaterThan(6));

        // Of the audit that nobody disturbed, what a receiver of OTLP got from the five services: a tree, with the
        // submission as its root.
        List<Received> received = spans.spans().stream()
                .filter(span -> first.value().equals(span.attributes().get("palimpsest.audit")))
                .toList();
        assertThat(received)
                .extracting(Received::service)
                .containsOnly(
                        "palimpsest-gateway",
                        "embed-service",
                        "reconstruct-service",
                        "select-service",
                        "invert-service");
        assertThat(received)
                .extracting(Received::trace)
                .containsOnly(Objects.requireNonNull(traces.get(first.value()))
                        .iterator()
                        .next()
                        .substring(3, 35));
        List<String> ids = received.stream().map(Received::id).toList();
        assertThat(ids).doesNotHaveDuplicates();
        assertThat(received)
                .filteredOn(span -> !ids.contains(span.parent()))
                .singleElement()
                .satisfies(root -> {
                    assertThat(root.parent()).isEmpty();
                    assertThat(root.name()).isEqualTo("send audit.requested");
                });
        assertThat(received)
                .filteredOn(span -> span.kind().equals("CONSUMER"))
                .as("a span a unit")
                .hasSize(undisturbed.receipts())
                .allMatch(span -> span.error().isEmpty() && span.nanos() > 0);
        assertThat(spans.spans())
                .as("poison that was a message")
                .anyMatch(span -> !span.error().isEmpty());
    }

    @Test
    @Order(11)
    void s9NoNamePathOrSecretIsInLogsOrDeadLetters() throws Exception {
        List<String> canaries = List.of(ChaosStack.SECRET, TinyStudy.NAME, TinyStudy.FILE);
        for (ServiceProcess service : stack.workers()) {
            assertThat(Files.readString(service.log())).isNotEmpty().doesNotContain(canaries);
        }
        assertThat(Files.readString(stack.service("gateway").log()))
                .isNotEmpty()
                .doesNotContain(canaries);
        assertThat(spans.text()).isNotEmpty().doesNotContain(canaries);
        for (Stage stage : Stage.values()) {
            for (ConsumerRecord<String, byte[]> letter : traffic.read(List.of(Topics.deadLetters(stage)))) {
                StringBuilder text = new StringBuilder();
                letter.headers().forEach(header -> text.append(new String(header.value(), StandardCharsets.UTF_8)));
                if (letter.value() != null) {
                    text.append(new String(letter.value(), StandardCharsets.UTF_8));
                }
                assertThat(text.toString()).doesNotContain(canaries);
            }
        }
    }

    /** All records of work are acknowledged: a lag that stays would keep workers alive that have nothing to do. */
    private static void nothingIsLeft(Duration most) {
        Await.until(
                () -> "nothing left to do: " + traffic.lags(),
                most,
                () -> traffic.lags().isEmpty());
    }

    private static Outcome finish(AuditId audit) {
        Await.until(audit + " done", AUDIT, () -> state(audit).equals("done"));
        return outcome(audit);
    }

    private static Outcome outcome(AuditId audit) {
        return Outcome.of(gateway, store, audit);
    }

    private static String state(AuditId audit) {
        return gateway.get(audit.value()).path("state").asText();
    }

    private static boolean running(List<AuditId> audits) {
        return audits.stream().anyMatch(audit -> !state(audit).equals("done"));
    }

    private static int receipts(List<AuditId> audits) {
        return audits.stream()
                .mapToInt(audit -> store.list(Keys.receipts(audit)).size())
                .sum();
    }

    private static boolean working(AuditId audit, Stage stage) {
        for (JsonNode view : gateway.get(audit.value()).path("stages")) {
            if (view.path("stage").asText().equals(stage.id())) {
                return view.path("state").asText().equals("running");
            }
        }
        return false;
    }

    private static long letters() {
        return Stream.of(Stage.values()).mapToLong(ChaosIT::letters).sum();
    }

    private static long letters(Stage stage) {
        return traffic.read(List.of(Topics.deadLetters(stage))).size();
    }
}
