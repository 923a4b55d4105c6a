package dev.palimpsest.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.gateway.access.IdentityProvider;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** How the console is served, and what its cookie opens; ConsoleIT looks at it in a browser. */
@QuarkusTest
@QuarkusTestResource(LocalInfraResource.class)
class ConsoleTest {
    private static final String AUDITS = "/api/v1/audits";

    @TestHTTPResource("/")
    URI base;

    @ConfigProperty(name = "palimpsest.oidc.keys")
    String keys;

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

    @Test
    void aTokenOfTheIdentityProviderSignsInForAsLongAsItLasts() throws Exception {
        IdentityProvider provider = IdentityProvider.of(Path.of(keys));
        HttpResponse<String> signedIn = signIn(provider.signed(claims -> {}));
        assertThat(signedIn.statusCode()).isEqualTo(204);
        String cookie = signedIn.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie).containsIgnoringCase("HttpOnly").containsIgnoringCase("SameSite=Strict");
        String pair = cookie.substring(0, cookie.indexOf(';'));
        assertThat(send(request(AUDITS).header("Cookie", pair).GET()).statusCode())
                .isEqualTo(200);
        assertThat(send(request("/api/v1/dead-letters").header("Cookie", pair).GET())
                        .statusCode())
                .as("a viewer's")
                .isEqualTo(403);

        String late = provider.signed(claims -> claims.setExpirationTime(IdentityProvider.inMinutes(-5)));
        assertThat(signIn(late).statusCode()).isEqualTo(401);
        assertThat(send(request(AUDITS).header("Cookie", "palimpsest=" + late).GET())
                        .statusCode())
                .isEqualTo(401);
    }

    @Test
    void aTokenThatNoBrowserKeepsIsRefusedWithWhatToDo() throws Exception {
        String tooLong =
                IdentityProvider.of(Path.of(keys)).signed(claims -> claims.setClaim("groups", "g".repeat(4_000)));
        HttpResponse<String> refused = signIn(tooLong);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("a browser keeps 3800");
    }

    private HttpResponse<String> signIn(String token) throws Exception {
        return send(request("/api/v1/session")
                .header("Authorization", "Bearer " + token)
                .POST(BodyPublishers.noBody()));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), BodyHandlers.ofString());
    }
}
