package dev.palimpsest.k8s;

import static dev.palimpsest.k8s.Manifests.each;
import static dev.palimpsest.k8s.Manifests.name;
import static dev.palimpsest.k8s.Manifests.text;
import static dev.palimpsest.k8s.Manifests.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Topics;
import dev.palimpsest.contracts.Topics.Topic;
import dev.palimpsest.contracts.access.Service;
import dev.palimpsest.contracts.access.TopicAccess;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Topics, users and scalers in the cluster against what the code has. */
class BrokerAccessTest {
    private static final String STRIMZI = "components/strimzi/";

    @Test
    void topicsAreThoseOfTheCode() throws IOException {
        List<Topic> declared = Manifests.file(STRIMZI + "topics.yaml").stream()
                .map(topic -> new Topic(
                        name(topic),
                        topic.at("/spec/partitions").asInt(),
                        text(topic, "/spec/config/cleanup.policy").equals("compact")))
                .toList();
        assertThat(declared).containsExactlyInAnyOrderElementsOf(Topics.ALL);
    }

    @ParameterizedTest
    @EnumSource(Service.class)
    void usersMayDoWhatTheCodeSays(Service service) throws IOException {
        JsonNode user = Manifests.file(STRIMZI + "users.yaml").stream()
                .filter(candidate -> name(candidate).equals("palimpsest-" + service.id()))
                .findFirst()
                .orElseThrow();
        assertThat(acls(user)).containsExactlyInAnyOrderElementsOf(acls(service.topics()));
        assertThat(text(user, "/spec/authentication/type")).isEqualTo("scram-sha-512");
        assertThat(text(user, "/spec/authorization/type")).isEqualTo("simple");
    }

    @Test
    void thereIsNoOtherUser() throws IOException {
        assertThat(Manifests.file(STRIMZI + "users.yaml"))
                .extracting(Manifests::name)
                .containsExactlyInAnyOrderElementsOf(Stream.of(Service.values())
                        .map(service -> "palimpsest-" + service.id())
                        .toList());
    }

    /** The table that all of this is compared with, against the channels that the services open. */
    @ParameterizedTest
    @EnumSource(Stage.class)
    void servicesReadWhatTheyMayRead(Stage stage) throws IOException {
        TopicAccess access = Service.valueOf(stage.name()).topics();
        Properties own = properties(stage.id() + "-service/src/main/resources/application.properties");
        assertThat(values(own, "topic")).containsExactlyInAnyOrderElementsOf(unitTopics(access));
        assertThat(values(own, "group.id")).containsOnly(stage.id()).isSubsetOf(access.groups());
        Properties shared = properties("lib/stage/src/main/resources/META-INF/microprofile-config.properties");
        assertThat(values(shared, "topic")).containsExactly(Topics.AUDIT_CONTROL);
        assertThat(values(shared, "group.id"))
                .allMatch(group -> access.groupPrefixes().stream().anyMatch(group::startsWith));
    }

    @ParameterizedTest
    @EnumSource(Stage.class)
    void scalersFollowTheTopicsOfTheirStage(Stage stage) throws IOException {
        JsonNode scaler = Manifests.file("components/keda/scalers.yaml").stream()
                .filter(object -> text(object, "/kind").equals("ScaledObject")
                        && name(object).equals(stage.id()))
                .findFirst()
                .orElseThrow();
        List<JsonNode> triggers = each(scaler.at("/spec/triggers")).toList();
        assertThat(triggers)
                .extracting(trigger -> text(trigger, "/metadata/topic"))
                .containsExactlyInAnyOrderElementsOf(
                        unitTopics(Service.valueOf(stage.name()).topics()));
        assertThat(triggers).allSatisfy(trigger -> {
            assertThat(text(trigger, "/metadata/consumerGroup")).isEqualTo(stage.id());
            assertThat(text(trigger, "/metadata/lagThreshold")).isEqualTo("1");
            // Above zero, a unit that runs would not keep its worker.
            assertThat(text(trigger, "/metadata/activationLagThreshold")).isEqualTo("0");
            // A group that has never committed has its whole topic before it.
            assertThat(text(trigger, "/metadata/offsetResetPolicy")).isEqualTo("earliest");
            assertThat(text(trigger, "/metadata/allowIdleConsumers")).isEqualTo("false");
        });
        int partitions = Topics.ALL.stream()
                .filter(topic ->
                        unitTopics(Service.valueOf(stage.name()).topics()).contains(topic.name()))
                .mapToInt(Topic::partitions)
                .max()
                .orElseThrow();
        assertThat(scaler.at("/spec/maxReplicaCount").asInt()).isEqualTo(partitions);
        assertThat(scaler.at("/spec/minReplicaCount").asInt()).isZero();
    }

    @Test
    void theScalersUserReadsNoRecord() throws IOException {
        JsonNode user = Manifests.file("components/keda/user.yaml").get(0);
        List<String> expected = new ArrayList<>();
        for (Stage stage : Stage.values()) {
            TopicAccess access = Service.valueOf(stage.name()).topics();
            unitTopics(access).forEach(topic -> expected.add("topic literal " + topic + " Describe"));
            access.groups().forEach(group -> expected.add("group literal " + group + " Describe"));
        }
        assertThat(acls(user)).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static List<String> unitTopics(TopicAccess access) {
        return access.reads().stream()
                .filter(topic -> !topic.equals(Topics.AUDIT_CONTROL))
                .toList();
    }

    private static List<String> acls(TopicAccess access) {
        List<String> acls = new ArrayList<>();
        access.reads().forEach(topic -> acls.add("topic literal " + topic + " Read,Describe"));
        access.writes().forEach(topic -> acls.add("topic literal " + topic + " Write,Describe"));
        access.groups().forEach(group -> acls.add("group literal " + group + " Read"));
        access.groupPrefixes().forEach(prefix -> acls.add("group prefix " + prefix + " Read"));
        return acls;
    }

    private static List<String> acls(JsonNode user) {
        return each(user.at("/spec/authorization/acls"))
                .map(acl -> text(acl, "/resource/type") + " " + text(acl, "/resource/patternType") + " "
                        + text(acl, "/resource/name") + " " + String.join(",", texts(acl.path("operations"))))
                .toList();
    }

    private static List<String> values(Properties properties, String ending) {
        return properties.stringPropertyNames().stream()
                .filter(key -> key.matches("mp\\.messaging\\.incoming\\.[^.]+\\." + ending.replace(".", "\\.")))
                .map(properties::getProperty)
                .toList();
    }

    private static Properties properties(String path) throws IOException {
        Path file = Manifests.folder().resolveSibling(path);
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        return properties;
    }
}
