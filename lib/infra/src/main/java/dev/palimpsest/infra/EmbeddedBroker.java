package dev.palimpsest.infra;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.NoSpace;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.access.Service;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * One Kafka node that is broker and controller (KRaft), on the loopback interface. Its folder is formatted on the first
 * start and used again later, also on other ports and after {@code kill -9}: acknowledged records are on disk.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final String CONTROLLER = "CONTROLLER";

    private final KafkaRaftServer server;
    private final int port;
    private final FolderLock lock;

    private EmbeddedBroker(KafkaRaftServer server, int port, FolderLock lock) {
        this.server = server;
        this.port = port;
        this.lock = lock;
    }

    /**
     * Returns when clients can connect, after about two seconds.
     *
     * @throws PalimpsestException {@link ErrorCode#IN_USE} if a port or the folder is taken; {@link ErrorCode#NO_SPACE} if the disk is full
     */
    public static EmbeddedBroker start(Path folder, int port, int controllerPort) {
        Path data = folder.toAbsolutePath();
        return start(data, port, controllerPort, BrokerProperties.of(data, port, controllerPort));
    }

    /**
     * As above, for clients that say who they are (SASL PLAIN, on the loopback interface). The user {@code admin} may everything, a
     * service what {@link AccessRules} have allowed it.
     */
    public static EmbeddedBroker startSecured(
            Path folder, int port, int controllerPort, String adminPassword, Map<Service, String> passwords) {
        Path data = folder.toAbsolutePath();
        return start(
                data,
                port,
                controllerPort,
                BrokerProperties.secured(data, port, controllerPort, adminPassword, passwords));
    }

    private static EmbeddedBroker start(Path data, int port, int controllerPort, Properties properties) {
        // Kafka locks its folder itself, but only after the controller has opened the metadata log: too late for the
        // other broker.
        FolderLock lock = FolderLock.take(data);
        try {
            return new EmbeddedBroker(startKafka(data, properties), port, lock);
        } catch (Throwable e) {
            lock.close();
            // Scala code throws checked exceptions undeclared, so everything is caught here.
            if (e instanceof VirtualMachineError fatal) {
                throw fatal;
            }
            if (NoSpace.isIn(e)) {
                throw new PalimpsestException(
                        ErrorCode.NO_SPACE,
                        "The broker cannot start: no space is left for its data in %s. Free some, then start it again."
                                .formatted(data),
                        e);
            }
            throw new PalimpsestException(
                    ErrorCode.IN_USE,
                    "The broker cannot start on 127.0.0.1:%d and %d with its data in %s: %s. Stop what uses the ports, or choose others."
                            .formatted(port, controllerPort, data, e),
                    e);
        }
    }

    private static KafkaRaftServer startKafka(Path data, Properties properties) throws Exception {
        format(data);
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
        try {
            server.startup();
            return server;
        } catch (Throwable e) {
            server.shutdown();
            throw e;
        }
    }

    private static void format(Path data) throws Exception {
        if (Files.exists(data.resolve("meta.properties"))) {
            return;
        }
        Files.createDirectories(data);
        new Formatter()
                .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setNodeId(BrokerProperties.NODE_ID)
                .setClusterId(Uuid.randomUuid().toString())
                .setControllerListenerName(CONTROLLER)
                .setMetadataLogDirectory(data.toString())
                .addDirectory(data.toString())
                .setReleaseVersion(MetadataVersion.latestProduction())
                .run();
    }

    /** For {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    /** Returns when the broker has stopped, for whatever reason. */
    void awaitShutdown() {
        server.awaitShutdown();
    }

    @Override
    public void close() {
        try {
            server.shutdown();
            server.awaitShutdown();
        } finally {
            lock.close();
        }
    }
}
