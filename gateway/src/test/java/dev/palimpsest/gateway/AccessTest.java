package dev.palimpsest.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.gateway.access.Caller;
import dev.palimpsest.gateway.access.Operations;
import dev.palimpsest.gateway.access.Operations.Operation;
import dev.palimpsest.gateway.access.Role;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every operation of the interface, with every role, for an audit of one's own tenant and of another. */
@QuarkusTest
@QuarkusTestResource(LocalInfraResource.class)
@Timeout(120)
class AccessTest {
    private static final Path DOCS = Path.of("..", "docs");
    private static final String SPEC = """
            apiVersion: palimpsest/v1
            name: somebody's
            backbone: backbones/tiny
            target:
              train: { dataset: photos }
            """;

    @TestHTTPResource("/")
    URI base;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void theTableNamesEveryOperation() throws IOException {
        JsonNode described = new YAMLMapper().readTree(Files.readString(DOCS.resolve("openapi.yaml")));
        List<String> operations = new ArrayList<>();
        described
                .path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(operation ->
                                operations.add(operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey())));
        operations.remove("GET /schemas/audit-v1.json");

        assertThat(Operations.all())
                .extracting(operation -> operation.method() + " " + operation.path())
                .containsExactlyInAnyOrderElementsOf(operations);
    }

    @Test
    void everyCallerMayWhatTheTableSaysAndNoMore() throws Exception {
        Api red = new Api(base, "key-submitter-red");
        String body = red.submission(SPEC);
        int number = 0;
        for (Operation operation : Operations.all()) {
            for (Caller caller : LocalInfraResource.CALLERS) {
                AuditId audit = red.submit(body, "access " + number++);
                Answer answer = send(operation, audit, "key-" + caller.getName());
                String what = operation.method() + " " + operation.path() + " as " + caller.getName() + ": "
                        + answer.status() + " " + answer.body();
                boolean hidden = operation.path().startsWith("/api/v1/audits/{id}") && !caller.sees("red");
                if (!caller.role().covers(operation.needs())) {
                    assertThat(answer.status()).as(what).isEqualTo(403);
                } else if (hidden) {
                    assertThat(answer.status()).as(what).isEqualTo(404);
                    assertThat(answer.body()).as(what).contains("There is no audit " + audit);
                } else {
                    assertThat(answer.status()).as(what).isNotIn(401, 403, 405, 500);
                    assertThat(answer.body()).as(what).doesNotContain("There is no audit");
                }
            }
            assertThat(send(operation, new AuditId("no-such-audit"), "no-key").status())
                    .as(operation.toString())
                    .isEqualTo(401);
        }
    }

    @Test
    void listsHoldWhatTheCallerMaySee() throws Exception {
        Api red = new Api(base, "key-submitter-red");
        Api blue = new Api(base, "key-submitter-blue");
        String body = red.submission(SPEC);
        String id = red.submit(body, "the same idempotency key").value();
        String other = blue.submit(body, "the same idempotency key").value();

        assertThat(other).isNotEqualTo(id);
        assertThat(red.get("/api/v1/audits?limit=200").body()).contains(id).doesNotContain(other);
        assertThat(blue.get("/api/v1/audits?limit=200").body()).contains(other).doesNotContain(id);
        assertThat(new Api(base, "let-me-in").get("/api/v1/audits?limit=200").body())
                .contains(id, other);
        assertThat(blue.get("/api/v1/compare?audit=" + other + "&audit=" + id).statusCode())
                .isEqualTo(404);
    }

    @Test
    void anOperationThatIsNotInTheTableIsForOperators() {
        assertThat(Operations.needs("DELETE", "/api/v1/everything")).isEqualTo(Role.OPERATOR);
        assertThat(Operations.needs("GET", "/api/v1/audits/a1/")).isEqualTo(Role.OPERATOR);
        assertThat(Operations.needs("HEAD", "/api/v1/audits/a1")).isEqualTo(Role.VIEWER);
    }

    /** After a change that is meant: {@code -Dpalimpsest.write-docs=true} writes the file. */
    @Test
    void thePageIsWhatTheTableSays() throws IOException {
        StringBuilder page = new StringBuilder("""
                # Who may do what

                Made from the table that the gateway goes by (`Operations`). A submitter may what a viewer may, an operator everything. Viewers and
                submitters belong to a tenant: audits of others do not exist for them.

                Who somebody is says the gateway's token (an operator's), a key, or an access token of an identity provider; each goes as
                `Authorization: Bearer`, and each signs in to the console when it is pasted there ([security](security.md),
                [in a cluster](kubernetes.md#people-who-sign-in-elsewhere)).

                | operation | needs |
                | --- | --- |
                """);
        for (Operation operation : Operations.all()) {
            page.append("| `%s %s` | %s |%n"
                    .formatted(
                            operation.method(),
                            operation.path(),
                            operation.needs().id()));
        }
        if (Boolean.getBoolean("palimpsest.write-docs")) {
            Files.writeString(DOCS.resolve("access.md"), page);
        }
        assertThat(DOCS.resolve("access.md")).hasContent(page.toString());
    }

    private Answer send(Operation operation, AuditId audit, String key) throws Exception {
        String path = operation
                .path()
                .replace("{id}", audit.value())
                .replace("{item}", "picture-01")
                .replace("{area}", "targets")
                .replace("{sha256}", "0".repeat(64));
        HttpRequest request = HttpRequest.newBuilder(base.resolve(path))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", path.contains("uploads") ? "application/octet-stream" : "application/json")
                .method(
                        operation.method(),
                        operation.method().equals("POST") || operation.method().equals("PUT")
                                ? BodyPublishers.ofString("{}")
                                : BodyPublishers.noBody())
                .build();
        // An event stream has no end: what came first says enough.
        HttpResponse<InputStream> answer = http.send(request, BodyHandlers.ofInputStream());
        try (InputStream stream = answer.body()) {
            byte[] start = path.endsWith("/events") && answer.statusCode() == 200 ? new byte[0] : stream.readAllBytes();
            return new Answer(answer.statusCode(), new String(start, StandardCharsets.UTF_8));
        }
    }

    private record Answer(int status, String body) {}
}
