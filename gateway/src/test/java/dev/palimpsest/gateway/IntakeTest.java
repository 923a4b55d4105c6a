package dev.palimpsest.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.Json;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the gateway lets in: specs, uploads and callers. */
@QuarkusTest
@QuarkusTestResource(LocalInfraResource.class)
@Timeout(120)
class IntakeTest {
    private static final String SPEC = """
            apiVersion: palimpsest/v1
            name: by reference
            backbone: backbones/tiny
            target:
              train: { dataset: photos }
            """;

    @TestHTTPResource("/")
    URI base;

    private Api api;

    @BeforeEach
    void client() {
        api = new Api(base);
    }

    @Test
    void reportsAllProblemsOfASpecAtOnce() throws Exception {
        HttpResponse<String> refused = api.post(
                "/api/v1/audits",
                api.submission(
                        "apiVersion: palimpsest/v1\nname: n\nbackbone: http://x/y\ntarget: { head: h, trian: 1 }\n"),
                null);

        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
        JsonNode problem = Api.json(refused);
        assertThat(problem.path("code").asText()).isEqualTo("BAD_SPEC");
        assertThat(problem.path("status").asInt()).isEqualTo(422);
        assertThat(problem.path("detail").asText())
                .contains("2 problems", "line 3: backbone: 'http://x/y' is an address", "did you mean 'train'?");
    }

    @Test
    void keepsOnlyUploadsThatAreWhatTheyPromise() throws Exception {
        byte[] content = "weights".getBytes(StandardCharsets.UTF_8);
        String path = "/api/v1/uploads/targets/" + Digests.sha256(content);
        assertThat(api.head(path).statusCode()).isEqualTo(404);

        HttpResponse<String> wrong = api.put(path, "other".getBytes(StandardCharsets.UTF_8));
        assertThat(wrong.statusCode()).isEqualTo(422);
        assertThat(Api.json(wrong).path("code").asText()).isEqualTo("DIGEST_MISMATCH");

        assertThat(Json.mapper().readValue(api.put(path, content).body(), ArtifactRef.class))
                .isEqualTo(new ArtifactRef("targets/sha256/" + Digests.sha256(content), Digests.sha256(content), 7));
        assertThat(api.head(path).statusCode()).isEqualTo(200);
        assertThat(api.put("/api/v1/uploads/elsewhere/" + Digests.sha256(content), content)
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void readsTheSamplesOfAStudyByReference() throws Exception {
        String body = api.submissionByReference(SPEC, List.of("animals", "landmarks"), true);
        AuditId id = api.submit(body, "by reference");

        assertThat(api.submit(body, "by reference")).isEqualTo(id);
    }

    @Test
    void theSameFromSeveralAtTheSameMomentIsOneAudit() throws Exception {
        String body = api.submission(SPEC);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            Set<AuditId> ids = new HashSet<>();
            for (int round = 0; round < 5; round++) {
                String key = "at once " + round;
                CyclicBarrier together = new CyclicBarrier(4);
                Callable<AuditId> submission = () -> {
                    together.await();
                    return api.submit(body, key);
                };
                ids.clear();
                for (Future<AuditId> id : threads.invokeAll(Collections.nCopies(4, submission))) {
                    ids.add(id.get());
                }
                assertThat(ids).hasSize(1);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void refusesAManifestThatDoesNotFitItsPages() throws Exception {
        HttpResponse<String> refused =
                api.post("/api/v1/audits", api.submissionByReference(SPEC, List.of("animals"), true), null);
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(Api.json(refused).path("detail").asText())
                .contains("the pages name the classes [animals, landmarks], the manifest [animals]");

        HttpResponse<String> missing = api.post(
                "/api/v1/audits", api.submissionByReference(SPEC, List.of("animals", "landmarks"), false), null);
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(Api.json(missing).path("detail").asText())
                .contains("The file knowledge/sha256/", "is not in the store: upload it first");
    }

    @Test
    void letsNobodyInWithoutTheToken() throws Exception {
        HttpResponse<String> refused = api.getWithoutToken("/api/v1/audits");

        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertThat(api.get("/api/v1/audits/a000000000000000").statusCode()).isEqualTo(404);
    }
}
