package dev.palimpsest.infra;

import dev.palimpsest.contracts.access.Service;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** The configuration of a lonely broker that shares a small machine with what it serves. */
final class BrokerProperties {
    static final int NODE_ID = 1;
    static final String ADMIN = "admin";

    private BrokerProperties() {}

    static Properties of(Path data, int port, int controllerPort) {
        Properties properties = new Properties();
        properties.putAll(Map.ofEntries(
                Map.entry("process.roles", "broker,controller"),
                Map.entry("node.id", String.valueOf(NODE_ID)),
                Map.entry("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort),
                Map.entry("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort),
                Map.entry("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port),
                Map.entry("controller.listener.names", "CONTROLLER"),
                Map.entry("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("log.dirs", data.toString()),
                Map.entry("auto.create.topics.enable", "false")));
        properties.putAll(singleNode());
        properties.putAll(durability());
        properties.putAll(smallMachine());
        return properties;
    }

    /** As above, for clients that say who they are; {@code ADMIN} may everything, others what ACLs allow. */
    static Properties secured(
            Path data, int port, int controllerPort, String adminPassword, Map<Service, String> passwords) {
        Properties properties = of(data, port, controllerPort);
        StringBuilder users = new StringBuilder("org.apache.kafka.common.security.plain.PlainLoginModule required");
        users.append(" username=\"%s\" password=\"%s\" user_%s=\"%s\""
                .formatted(ADMIN, adminPassword, ADMIN, adminPassword));
        passwords.forEach((service, password) -> users.append(" user_%s=\"%s\"".formatted(service.id(), password)));
        users.append(";");
        properties.putAll(Map.ofEntries(
                Map.entry("listeners", "CLIENTS://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort),
                Map.entry("advertised.listeners", "CLIENTS://127.0.0.1:" + port),
                Map.entry("inter.broker.listener.name", "CLIENTS"),
                Map.entry("listener.security.protocol.map", "CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT"),
                Map.entry("sasl.enabled.mechanisms", "PLAIN"),
                Map.entry("sasl.mechanism.inter.broker.protocol", "PLAIN"),
                Map.entry("sasl.mechanism.controller.protocol", "PLAIN"),
                Map.entry("listener.name.clients.plain.sasl.jaas.config", users.toString()),
                Map.entry("listener.name.controller.plain.sasl.jaas.config", users.toString()),
                Map.entry("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
                Map.entry("super.users", "User:" + ADMIN)));
        return properties;
    }

    private static Map<String, String> singleNode() {
        return Map.ofEntries(
                Map.entry("default.replication.factor", "1"),
                Map.entry("min.insync.replicas", "1"),
                Map.entry("offsets.topic.replication.factor", "1"),
                Map.entry("offsets.topic.num.partitions", "4"),
                Map.entry("transaction.state.log.replication.factor", "1"),
                Map.entry("transaction.state.log.min.isr", "1"),
                Map.entry("transaction.state.log.num.partitions", "4"),
                Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                Map.entry("share.coordinator.state.topic.min.isr", "1"),
                Map.entry("share.coordinator.state.topic.num.partitions", "2"),
                Map.entry("group.initial.rebalance.delay.ms", "0"),
                // A broker that was killed registers again only when its old session is over: 3 s instead of 9 s.
                Map.entry("broker.session.timeout.ms", "3000"),
                Map.entry("broker.heartbeat.interval.ms", "500"));
    }

    private static Map<String, String> durability() {
        return Map.of(
                "log.flush.interval.messages", "1",
                // A workstation may be switched off for weeks in the middle of an audit.
                "log.retention.ms", "-1",
                "offsets.retention.minutes", "525600");
    }

    private static Map<String, String> smallMachine() {
        return Map.of(
                "num.network.threads", "2",
                "num.io.threads", "4",
                "background.threads", "2",
                "num.recovery.threads.per.data.dir", "2",
                "log.segment.bytes", "16777216",
                "log.index.size.max.bytes", "1048576",
                // The default of 128 MiB is most of the heap that this process gets.
                "log.cleaner.dedupe.buffer.size", "4194304",
                "log.cleaner.io.buffer.size", "262144");
    }
}
