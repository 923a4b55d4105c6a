package dev.palimpsest.infra;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.contracts.Topics.Topic;
import dev.palimpsest.contracts.access.Service;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * What {@link InfraMain} is told by its properties file.
 *
 * @param kafkaPort {@code kafka.port}
 * @param controllerPort {@code controller.port}
 * @param s3Port {@code s3.port}
 * @param s3Access {@code s3.access}
 * @param s3Secret {@code s3.secret}
 * @param secrets {@code s3.secret.SERVICE}: the secret keys of services, each of which may do what is its own; one without is a stranger
 * @param dataDir {@code data.dir}, absolute
 * @param topics {@code topics}, comma-separated {@code name:partitions[:compact]}; without the key, those of the contracts
 */
record InfraSettings(
        int kafkaPort,
        int controllerPort,
        int s3Port,
        String s3Access,
        String s3Secret,
        Map<Service, String> secrets,
        Path dataDir,
        List<Topic> topics) {

    static InfraSettings read(Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new PalimpsestException(ErrorCode.USAGE, "The settings %s cannot be read: %s".formatted(file, e), e);
        }
        return new InfraSettings(
                port(properties, "kafka.port", file),
                port(properties, "controller.port", file),
                port(properties, "s3.port", file),
                text(properties, "s3.access", file),
                text(properties, "s3.secret", file),
                secrets(properties),
                Path.of(text(properties, "data.dir", file)).toAbsolutePath(),
                topics(properties));
    }

    private static Map<Service, String> secrets(Properties properties) {
        Map<Service, String> secrets = new EnumMap<>(Service.class);
        for (Service service : Service.values()) {
            String secret =
                    properties.getProperty("s3.secret." + service.id(), "").strip();
            if (!secret.isEmpty()) {
                secrets.put(service, secret);
            }
        }
        return secrets;
    }

    private static List<Topic> topics(Properties properties) {
        String list = properties.getProperty("topics");
        return list == null ? Topics.ALL : TopicList.parse(list);
    }

    private static String text(Properties properties, String key, Path file) {
        String value = properties.getProperty(key, "").strip();
        if (value.isEmpty()) {
            throw new PalimpsestException(ErrorCode.USAGE, "The settings %s have no %s.".formatted(file, key));
        }
        return value;
    }

    private static int port(Properties properties, String key, Path file) {
        String value = text(properties, key, file);
        if (!value.matches("[0-9]{1,5}") || Integer.parseInt(value) < 1 || Integer.parseInt(value) > 65_535) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "%s in %s should be a port from 1 to 65535, but is '%s'.".formatted(key, file, value));
        }
        return Integer.parseInt(value);
    }

    /** Without the credentials. */
    @Override
    public String toString() {
        return "infra on ports " + kafkaPort + ", " + controllerPort + ", " + s3Port + " in " + dataDir;
    }
}
