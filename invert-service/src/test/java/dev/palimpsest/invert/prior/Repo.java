package dev.palimpsest.invert.prior;

import java.nio.file.Path;

/** Files of the project, found from wherever the tests run. */
final class Repo {
    private Repo() {}

    static Path path(String relative) {
        return Path.of(System.getProperty("palimpsest.repo", "..")).resolve(relative);
    }
}
