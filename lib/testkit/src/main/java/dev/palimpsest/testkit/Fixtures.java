package dev.palimpsest.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * Reference data that lives beside the repository ({@code ../shared}) because of its size and licence. A test that needs
 * what is not there is skipped and says so; what lies in the repository is always there.
 */
public final class Fixtures {
    private Fixtures() {}

    /**
     * The root of the repository: the system property {@code palimpsest.repo}, or the nearest parent of the working
     * directory with the project's {@code pom.xml}.
     */
    public static Path repository() {
        @Nullable String property = System.getProperty("palimpsest.repo");
        if (property != null && !property.isBlank()) {
            return Path.of(property).toAbsolutePath().normalize();
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (isRoot(at)) {
                return at;
            }
        }
        throw new IllegalStateException(
                "Neither the system property palimpsest.repo nor a parent of the working directory leads to the repository.");
    }

    /** {@code ../shared/fixtures/<path>}; skips the calling test if it is absent. */
    public static Path fixture(String path) {
        return beside("fixtures/" + path);
    }

    /** {@code ../shared/data/<path>}; skips the calling test if it is absent. */
    public static Path data(String path) {
        return beside("data/" + path);
    }

    /** {@code examples/<path>} of the repository. */
    public static Path example(String path) {
        return repository().resolve("examples").resolve(path);
    }

    private static Path beside(String path) {
        Path file = repository().resolveSibling("shared").resolve(path);
        Assumptions.assumeTrue(
                Files.exists(file), () -> "skipped: the shared file " + file + " is not on this machine");
        return file;
    }

    private static boolean isRoot(Path folder) {
        Path pom = folder.resolve("pom.xml");
        try {
            if (!Files.isRegularFile(pom)) {
                return false;
            }
            // Modules name the project as their parent, but have no modules.
            String text = Files.readString(pom);
            return text.contains("<artifactId>palimpsest</artifactId>") && text.contains("<modules>");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
