package dev.palimpsest.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

/** How the console is served, and what its cookie opens; ConsoleIT looks at it in a browser. */
@QuarkusTest
@QuarkusTestResource(LocalInfraResource.class)
class ConsoleTest {
    private static final String AUDITS = "/api/v1/audits";

    @TestHTTPResource("/")
    URI base;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void isServedToAnybodyUnderAStrictPolicy() throws Exception {
        HttpResponse<String> page = send(request("/").GET());

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("<div id=\"app\">");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'")
                .doesNotContain("unsafe");
        assertThat(page.headers().firstValue("Cache-Control")).contains("no-cache");
    }

    @Test
    void itsCookieOpensWhatTheTokenOpensButChangesNothingForOtherPages() throws Exception {
        assertThat(send(request(AUDITS).GET()).statusCode()).isEqualTo(401);
        assertThat(send(request("/api/v1/session").POST(BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(401);
        HttpResponse<String> signedIn = send(request("/api/v1/session")
                .header("Authorization", "Bearer let-me-in")
                .POST(BodyPublishers.noBody()));
        String cookie = signedIn.headers().firstValue("Set-Cookie").orElseThrow();

        assertThat(signedIn.statusCode()).isEqualTo(204);
        assertThat(cookie).containsIgnoringCase("HttpOnly").containsIgnoringCase("SameSite=Strict");
        String pair = cookie.substring(0, cookie.indexOf(';'));
        assertThat(send(request(AUDITS).header("Cookie", pair).GET()).statusCode())
                .isEqualTo(200);
        HttpRequest.Builder change = request(AUDITS + "/nosuch:cancel").header("Cookie", pair);
        assertThat(send(change.copy().POST(BodyPublishers.noBody())).statusCode())
                .isEqualTo(401);
        assertThat(send(change.header("X-Palimpsest-Console", "1").POST(BodyPublishers.noBody()))
                        .statusCode())
                .isNotEqualTo(401);
        assertThat(send(request(AUDITS).header("Cookie", "palimpsest=1.00").GET())
                        .statusCode())
                .isEqualTo(401);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
