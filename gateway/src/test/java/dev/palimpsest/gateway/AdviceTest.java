package dev.palimpsest.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.contracts.AuditId;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** What {@code palimpsest advise} needs of a gateway. */
@QuarkusTest
@QuarkusTestResource(LocalInfraResource.class)
class AdviceTest {
    private static final String ADVICE = """
            {"schemaVersion": 1, "measured": "2026-01-0%dT12:00:00Z", "sentence": "Take %s.", "recommended": "%s", "settings":
              [{"name": "%s", "audit": "a1", "state": "done", "grade": "B", "searched": true, "recovered": 0.1, "heldOutAccuracy": 0.9}]}
            """;

    @TestHTTPResource("/")
    URI base;

    @Test
    void anAuditIsSubmittedAgainFromItsRequestAndItsReportShowsTheNewestAdvice() throws Exception {
        Api api = new Api(base);
        AuditId id = api.submit(api.submission("""
                apiVersion: palimpsest/v1
                name: advised
                backbone: backbones/tiny
                target: { train: { dataset: photos } }
                """), "advised");
        String audit = "/api/v1/audits/" + id;
        JsonNode request = Api.json(api.get(audit + "/request"));
        assertThat(request.path("spec").path("name").asText()).isEqualTo("advised");
        assertThat(request.path("backbone").path("config.json").has("sha256")).isTrue();
        assertThat(request.path("images")).hasSize(2);
        assertThat(Api.json(api.get(audit + "/report.json")).path("advice").isNull())
                .isTrue();

        for (String name : new String[] {"newest", "older"}) {
            int day = name.equals("newest") ? 2 : 1;
            assertThat(api.post(audit + "/advice", ADVICE.formatted(day, name, name, name), null)
                            .statusCode())
                    .isEqualTo(204);
        }
        JsonNode report = Api.json(api.get(audit + "/report.json"));
        assertThat(report.path("defences").asText()).isEqualTo("Take newest.");
        assertThat(report.path("advice").path("settings").get(0).path("name").asText())
                .isEqualTo("newest");

        assertThat(api.post("/api/v1/audits/nobody/advice", ADVICE.formatted(1, "x", "x", "x"), null)
                        .statusCode())
                .isEqualTo(404);
        assertThat(api.post(audit + "/advice", "{\"schemaVersion\": 1, \"sentence\": \"x\"}", null)
                        .body())
                .contains("advice.measured", "USAGE");
    }
}
