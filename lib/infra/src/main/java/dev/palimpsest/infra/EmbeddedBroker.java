package dev.palimpsest.infra;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private EmbeddedBroker(KafkaRaftServer server, int port) {
        this.server = server;
        this.port = port;
    }

    /**
     * Returns when clients can connect, after about two seconds.
     *
     * @throws PalimpsestException {@link ErrorCode#IN_USE} if a port or the folder is taken
     */
    public static EmbeddedBroker start(Path folder, int port, int controllerPort) {
        Path data = folder.toAbsolutePath();
        try {
            format(data);
            KafkaRaftServer server = new KafkaRaftServer(
                    KafkaConfig.fromProps(BrokerProperties.of(data, port, controllerPort), false), Time.SYSTEM);
            try {
                server.startup();
            } catch (Throwable e) {
                server.shutdown();
                throw e;
            }
            return new EmbeddedBroker(server, port);
        } catch (Throwable e) {
            // Scala code throws checked exceptions undeclared, so everything is caught here.
            if (e instanceof VirtualMachineError fatal) {
                throw fatal;
            }
            throw new PalimpsestException(
                    ErrorCode.IN_USE,
                    "The broker cannot start on 127.0.0.1:%d and %d with its data in %s: %s. Stop what uses the ports or the folder, or choose others."
                            .formatted(port, controllerPort, data, e),
                    e);
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
        server.shutdown();
        server.awaitShutdown();
    }
}
