package dev.palimpsest.infra;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** Creates topics on the embedded broker, which does not create them by itself. */
public final class Topics {
    private Topics() {}

    /**
     * Creates those that are missing and leaves the others as they are.
     *
     * @param list comma-separated {@code name:partitions[:compact]}
     */
    public static void createMissing(String bootstrapServers, String list) {
        List<TopicSpec> specs = TopicSpec.parseList(list);
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers))) {
            Set<String> present = admin.listTopics().names().get();
            admin.createTopics(specs.stream()
                            .filter(spec -> !present.contains(spec.name()))
                            .map(TopicSpec::toNewTopic)
                            .toList())
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw new PalimpsestException(
                    ErrorCode.BROKER_UNAVAILABLE,
                    "The topics %s cannot be created on %s: %s".formatted(list, bootstrapServers, e.getCause()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PalimpsestException(
                    ErrorCode.BROKER_UNAVAILABLE,
                    "Interrupted while the topics were created on " + bootstrapServers,
                    e);
        }
    }
}
