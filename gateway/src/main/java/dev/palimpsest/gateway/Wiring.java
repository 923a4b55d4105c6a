package dev.palimpsest.gateway;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.StoreSettings;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.gateway.broker.Announcer;
import dev.palimpsest.gateway.broker.RecordReader;
import dev.palimpsest.gateway.broker.TopicFollower;
import dev.palimpsest.gateway.compare.Comparer;
import dev.palimpsest.gateway.control.Budgets;
import dev.palimpsest.gateway.control.Controller;
import dev.palimpsest.gateway.control.Eraser;
import dev.palimpsest.gateway.control.Housekeeping;
import dev.palimpsest.gateway.control.Shares;
import dev.palimpsest.gateway.letters.DeadLetterBox;
import dev.palimpsest.gateway.letters.TriedAgain;
import dev.palimpsest.gateway.measure.TakenMeasures;
import dev.palimpsest.gateway.report.ReportBuilder;
import dev.palimpsest.gateway.report.ReportPage;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.verify.Verifier;
import dev.palimpsest.gateway.view.Audits;
import dev.palimpsest.gateway.view.ReadAhead;
import dev.palimpsest.spans.Spans;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Makes the plain classes of the gateway out of its configuration, and starts to follow the topics. */
final class Wiring {
    private static final Logger LOG = Logger.getLogger(Wiring.class);
    private static final List<String> FOLLOWED = List.of(
            Topics.AUDIT_REQUESTED,
            Topics.AUDIT_PROGRESS,
            Topics.TARGET_READY,
            Topics.SELECTION_READY,
            Topics.INVERSION_READY,
            Topics.AUDIT_CONTROL,
            Topics.deadLetters(Stage.EMBED),
            Topics.deadLetters(Stage.RECONSTRUCT),
            Topics.deadLetters(Stage.SELECT),
            Topics.deadLetters(Stage.INVERT));

    @Produces
    @Singleton
    GatewayStore store(
            @ConfigProperty(name = "palimpsest.store.endpoint") String endpoint,
            @ConfigProperty(name = "palimpsest.store.access-key") String accessKey,
            @ConfigProperty(name = "palimpsest.store.secret-key") String secretKey,
            @ConfigProperty(name = "palimpsest.store.bucket", defaultValue = "palimpsest") String bucket) {
        return new GatewayStore(ArtifactStore.connect(StoreSettings.of(endpoint, accessKey, secretKey, bucket)));
    }

    void close(@Disposes GatewayStore store) {
        store.close();
    }

    @Produces
    @Singleton
    Spans spans(
            @ConfigProperty(name = "palimpsest.traces.endpoint") Optional<String> endpoint,
            @ConfigProperty(name = "quarkus.application.name") String service) {
        return endpoint.map(address -> Spans.to(address, service)).orElseGet(Spans::nowhere);
    }

    void close(@Disposes Spans spans) {
        spans.close();
    }

    @Produces
    @Singleton
    Announcer announcer(@Identifier("default-kafka-broker") Map<String, Object> broker, Spans spans) {
        return new Announcer(broker, spans);
    }

    void close(@Disposes Announcer announcer) {
        announcer.close();
    }

    @Produces
    @Singleton
    ReadAhead readAhead(GatewayStore store) {
        return new ReadAhead(store);
    }

    void close(@Disposes ReadAhead readAhead) {
        readAhead.close();
    }

    @Produces
    @Singleton
    Audits audits(ReadAhead readAhead) {
        return new Audits(readAhead);
    }

    @Produces
    @Singleton
    TopicFollower follower(
            @Identifier("default-kafka-broker") Map<String, Object> broker,
            Audits audits,
            DeadLetterBox letters,
            ReadAhead readAhead,
            TakenMeasures measures) {
        return new TopicFollower(broker, FOLLOWED, records -> readAhead.begin(withDocuments(records)), record -> {
            if (DeadLetterBox.isLetter(record)) {
                letters.add(record);
                return;
            }
            CloudEvent event = CloudEvent.fromJson(record.value());
            audits.apply(event);
            if (event.data() instanceof Message.AuditControl control && control.erasure() != null) {
                measures.forget(control.audit());
            }
        });
    }

    /** Messages whose documents are read; those that are none are told of when their turn comes. */
    private static List<CloudEvent> withDocuments(ConsumerRecords<String, byte[]> records) {
        List<CloudEvent> events = new ArrayList<>();
        for (String topic : List.of(Topics.AUDIT_REQUESTED, Topics.SELECTION_READY)) {
            for (ConsumerRecord<String, byte[]> record : records.records(topic)) {
                try {
                    events.add(CloudEvent.fromJson(record.value()));
                } catch (PalimpsestException e) {
                    LOG.debugf("%s-%d@%d is no message", topic, record.partition(), record.offset());
                }
            }
        }
        return events;
    }

    void close(@Disposes TopicFollower follower) {
        follower.close();
    }

    @Produces
    @Singleton
    TriedAgain triedAgain(Announcer announcer, Audits audits) {
        return new TriedAgain(announcer, audits);
    }

    @Produces
    @Singleton
    DeadLetterBox letters(
            @Identifier("default-kafka-broker") Map<String, Object> broker,
            GatewayStore store,
            Announcer announcer,
            TriedAgain triedAgain) {
        return new DeadLetterBox(store, announcer, new RecordReader(broker), triedAgain);
    }

    @Produces
    @Singleton
    Shares shares(@ConfigProperty(name = "palimpsest.shares") Optional<String> shares) {
        return new Shares(shares.orElse(""));
    }

    @Produces
    @Singleton
    Controller controller(
            Audits audits,
            GatewayStore store,
            Announcer announcer,
            DeadLetterBox letters,
            TriedAgain triedAgain,
            Shares shares) {
        return new Controller(audits, store, announcer, letters, triedAgain, shares, Clock.systemUTC());
    }

    @Produces
    @Singleton
    Eraser eraser(Audits audits, GatewayStore store, Announcer announcer) {
        return new Eraser(audits, store, announcer, Clock.systemUTC());
    }

    @Produces
    @Singleton
    Housekeeping housekeeping(
            Audits audits, Eraser eraser, @ConfigProperty(name = "palimpsest.retention") Optional<Duration> retention) {
        return new Housekeeping(audits, eraser, retention.orElse(null), Clock.systemUTC());
    }

    void close(@Disposes Housekeeping housekeeping) {
        housekeeping.close();
    }

    @Produces
    @Singleton
    Budgets budgets(Audits audits, GatewayStore store, Announcer announcer) {
        return new Budgets(audits, store, announcer, Clock.systemUTC());
    }

    void close(@Disposes Budgets budgets) {
        budgets.close();
    }

    @Produces
    @Singleton
    Comparer comparer(GatewayStore store) {
        return new Comparer(store);
    }

    @Produces
    @Singleton
    Verifier verifier(GatewayStore store) {
        return new Verifier(store);
    }

    @Produces
    @Singleton
    TakenMeasures measures(GatewayStore store) {
        return new TakenMeasures(store);
    }

    @Produces
    @Singleton
    ReportBuilder reports(
            GatewayStore store,
            @ConfigProperty(name = "quarkus.application.version", defaultValue = "unknown") String version) {
        return new ReportBuilder(store, Clock.systemUTC(), version);
    }

    @Produces
    @Singleton
    ReportPage page() {
        return new ReportPage();
    }

    void start(
            @Observes StartupEvent event,
            TopicFollower follower,
            Housekeeping housekeeping,
            @ConfigProperty(name = "palimpsest.housekeeping.every", defaultValue = "5m") Duration every,
            Budgets budgets) {
        follower.start();
        housekeeping.start(every, follower::upToDate);
        budgets.start(Duration.ofSeconds(5), follower::upToDate);
    }
}
