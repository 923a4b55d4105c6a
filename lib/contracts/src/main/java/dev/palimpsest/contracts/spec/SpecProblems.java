package dev.palimpsest.contracts.spec;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.Comparator;
import java.util.List;

/**
 * The outcome of looking at a spec that cannot be used.
 *
 * @param origin the file, or another name for where the text came from
 * @param problems in the order of the file
 */
public record SpecProblems(String origin, List<Problem> problems) {
    public SpecProblems {
        problems =
                problems.stream().sorted(Comparator.comparingInt(Problem::line)).toList();
    }

    /** BAD_SPEC; the message lists all problems, one a line, after a line that names the origin. */
    public PalimpsestException toException() {
        StringBuilder message = new StringBuilder(origin)
                .append(": ")
                .append(problems.size() == 1 ? "1 problem" : problems.size() + " problems");
        problems.forEach(problem -> message.append("\n  ").append(problem));
        return new PalimpsestException(ErrorCode.BAD_SPEC, message.toString());
    }
}
