package dev.palimpsest.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The description of the REST interface in the repository is the one that the code gives. */
@QuarkusTest
@QuarkusTestResource(LocalInfraResource.class)
class OpenApiTest {
    private static final Path FILE = Path.of("..", "docs", "openapi.yaml");

    @TestHTTPResource("/")
    URI base;

    /** After a change that is meant: {@code -Dpalimpsest.write-docs=true} writes the file. */
    @Test
    void theCheckedInFileIsWhatTheCodeSays() throws Exception {
        String served = new Api(base).get("/q/openapi?format=yaml").body();
        if (Boolean.getBoolean("palimpsest.write-docs")) {
            Files.writeString(FILE, served);
        }
        assertThat(FILE).hasContent(served);
    }
}
