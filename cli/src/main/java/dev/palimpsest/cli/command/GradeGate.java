package dev.palimpsest.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Lets a build pipeline stop at a leak. */
final class GradeGate {
    /** Exit code of a leak at or above the grade. */
    static final int LEAK = 3;

    /** From no leak to a large one. */
    enum Grade {
        A,
        B,
        C,
        D,
        E
    }

    @Option(
            names = "--fail-on",
            paramLabel = "GRADE",
            description = "exit with 3 when the grade is this one or worse (A to E); with 1 when there is none")
    @Nullable
    Grade failOn;

    /**
     * The exit code of a command that waited for an audit.
     *
     * @param view of the audit that has ended
     * @param code of the audit itself: 0 when it is done
     */
    int code(JsonNode view, int code) {
        if (failOn == null || code != 0) {
            return code;
        }
        String found = view.path("verdict").path("grade").asText("");
        if (found.isEmpty()) {
            System.err.println("palimpsest: the audit has no grade, since its owner gave no members and controls");
            return 1;
        }
        return Grade.valueOf(found).compareTo(failOn) >= 0 ? LEAK : 0;
    }
}
