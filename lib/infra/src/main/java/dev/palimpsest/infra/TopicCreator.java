package dev.palimpsest.infra;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Topics.Topic;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;

/** Creates topics on the embedded broker, which does not create them by itself. */
public final class TopicCreator {
    private TopicCreator() {}

    /** Creates those that are missing and leaves the others as they are. */
    public static void createMissing(String bootstrapServers, List<Topic> topics) {
        createMissing(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers), topics);
    }

    /** As above, with all settings of the client. */
    public static void createMissing(Map<String, Object> settings, List<Topic> topics) {
        Object bootstrapServers = settings.get(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG);
        try (Admin admin = Admin.create(settings)) {
            Set<String> present = admin.listTopics().names().get();
            admin.createTopics(topics.stream()
                            .filter(topic -> !present.contains(topic.name()))
                            .map(TopicCreator::newTopic)
                            .toList())
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw new PalimpsestException(
                    ErrorCode.BROKER_UNAVAILABLE,
                    "The topics %s cannot be created on %s: %s".formatted(topics, bootstrapServers, e.getCause()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PalimpsestException(
                    ErrorCode.BROKER_UNAVAILABLE,
                    "Interrupted while the topics were created on " + bootstrapServers,
                    e);
        }
    }

    private static NewTopic newTopic(Topic topic) {
        NewTopic created = new NewTopic(topic.name(), Optional.of(topic.partitions()), Optional.empty());
        return topic.compacted()
                ? created.configs(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT))
                : created;
    }
}
