package dev.palimpsest.infra;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.access.Service;
import dev.palimpsest.contracts.access.TopicAccess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** What {@link Service} says of topics, as the broker's ACLs. */
public final class AccessRules {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private AccessRules() {}

    /** Tells the broker, and returns when it goes by them; {@code admin} are the settings of a client that may. */
    public static void create(Map<String, Object> admin) {
        List<AclBinding> rules = new ArrayList<>();
        for (Service service : Service.values()) {
            rules.addAll(of(service));
        }
        try (Admin client = Admin.create(admin)) {
            client.createAcls(rules).all().get();
            await(client, rules);
        } catch (ExecutionException e) {
            throw new PalimpsestException(
                    ErrorCode.BROKER_UNAVAILABLE, "The broker did not take the rules of access: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PalimpsestException(
                    ErrorCode.BROKER_UNAVAILABLE, "Interrupted while the rules of access were created", e);
        }
    }

    /** The controller has the rules; the broker hears of them a moment later, and until then refuses everybody. */
    private static void await(Admin client, List<AclBinding> rules) throws ExecutionException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!client.describeAcls(AclBindingFilter.ANY).values().get().containsAll(rules)) {
            if (System.nanoTime() > end) {
                throw new PalimpsestException(
                        ErrorCode.BROKER_UNAVAILABLE,
                        "The broker does not go by its rules of access after %d s".formatted(PATIENCE.toSeconds()));
            }
        }
    }

    private static List<AclBinding> of(Service service) {
        TopicAccess access = service.topics();
        List<AclBinding> rules = new ArrayList<>();
        for (String topic : access.reads()) {
            rules.add(rule(service, ResourceType.TOPIC, topic, PatternType.LITERAL, AclOperation.READ));
        }
        for (String topic : access.writes()) {
            rules.add(rule(service, ResourceType.TOPIC, topic, PatternType.LITERAL, AclOperation.WRITE));
        }
        for (String group : access.groups()) {
            rules.add(rule(service, ResourceType.GROUP, group, PatternType.LITERAL, AclOperation.READ));
        }
        for (String prefix : access.groupPrefixes()) {
            rules.add(rule(service, ResourceType.GROUP, prefix, PatternType.PREFIXED, AclOperation.READ));
        }
        return rules;
    }

    private static AclBinding rule(
            Service service, ResourceType type, String name, PatternType pattern, AclOperation operation) {
        return new AclBinding(
                new ResourcePattern(type, name, pattern),
                new AccessControlEntry("User:" + service.id(), "*", operation, AclPermissionType.ALLOW));
    }
}
