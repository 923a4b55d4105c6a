package dev.palimpsest.k8s;

import static dev.palimpsest.k8s.Manifests.each;
import static dev.palimpsest.k8s.Manifests.text;
import static dev.palimpsest.k8s.Manifests.texts;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.palimpsest.contracts.access.Service;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The storage policies against the table in the code, which the embedded store enforces. */
class StorePolicyTest {
    @ParameterizedTest
    @EnumSource(Service.class)
    void policiesAllowWhatTheCodeSays(Service service) throws IOException {
        JsonNode policy = new ObjectMapper()
                .readTree(Manifests.folder()
                        .resolve("components/store-policies/" + service.id() + ".json")
                        .toFile());
        assertThat(each(policy.path("Statement")))
                .allMatch(statement -> text(statement, "/Effect").equals("Allow"));
        assertThat(resources(policy, "s3:GetObject"))
                .containsExactlyInAnyOrderElementsOf(arns(service.store().reads()));
        assertThat(resources(policy, "s3:PutObject"))
                .containsExactlyInAnyOrderElementsOf(arns(service.store().writes()));
        assertThat(resources(policy, "s3:DeleteObject"))
                .containsExactlyInAnyOrderElementsOf(arns(service.store().deletes()));
        assertThat(resources(policy, "s3:ListBucket")).containsExactly("arn:aws:s3:::palimpsest");
        assertThat(each(policy.path("Statement")).flatMap(statement -> texts(statement.path("Action")).stream()))
                .isSubsetOf(
                        "s3:ListBucket",
                        "s3:GetBucketLocation",
                        "s3:GetObject",
                        "s3:PutObject",
                        "s3:AbortMultipartUpload",
                        "s3:DeleteObject");
    }

    private static List<String> arns(List<String> patterns) {
        return patterns.stream()
                .map(pattern -> "arn:aws:s3:::palimpsest/" + pattern)
                .toList();
    }

    private static List<String> resources(JsonNode policy, String action) {
        return each(policy.path("Statement"))
                .filter(statement -> texts(statement.path("Action")).contains(action))
                .flatMap(statement -> texts(statement.path("Resource")).stream())
                .toList();
    }
}
