package dev.palimpsest.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.AuditId;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A gateway that is asked for more audits than it takes on. */
@QuarkusTest
@QuarkusTestResource(value = LocalInfraResource.class, restrictToAnnotatedClass = true)
@TestProfile(BackpressureTest.TwoOpenAudits.class)
@Timeout(120)
class BackpressureTest {
    /** Two open audits and no more. */
    public static final class TwoOpenAudits implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("palimpsest.intake.open-audits", "2");
        }
    }

    private static final String SPEC = """
            apiVersion: palimpsest/v1
            name: one of many
            backbone: backbones/tiny
            target: { train: { dataset: photos } }
            """;

    @TestHTTPResource("/")
    URI base;

    @Test
    void refusesWhatIsTooMuchUntilAnAuditHasEnded() throws Exception {
        Api api = new Api(base);
        String body = api.submission(SPEC);
        AuditId first = api.submit(body, "first");
        AuditId second = api.submit(body, "second");

        HttpResponse<String> refused = api.post("/api/v1/audits", body, "third");
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("Retry-After")).contains("5");
        assertThat(refused.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        assertThat(Api.json(refused).path("code").asText()).isEqualTo("BUSY");
        assertThat(api.submit(body, "second"))
                .as("what was accepted is found again")
                .isEqualTo(second);

        assertThat(api.post("/api/v1/audits/" + first + ":cancel", "", null).statusCode())
                .isEqualTo(202);
        assertThat(api.post("/api/v1/audits", body, "third").statusCode()).isEqualTo(202);
    }
}
