package dev.palimpsest.select.score;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GradeTest {
    private static final Pattern ROW = Pattern.compile("\\| ([A-E]) \\|([^|]*)\\|([^|]*)\\|([^|]*)\\|([^|]*)\\|");

    private final Set<Grade> seen = EnumSet.noneOf(Grade.class);

    @ParameterizedTest
    @CsvSource({
        "0.2, 0.1, 0.1, E",
        "0.2, 0.0999, 0.1, D",
        "0.2, 0.1, 0.0999, D",
        "0.01, 0.01, 0.05, D",
        "0.2, 0.00999, 0.05, C",
        "0.05, 0, 0.05, C",
        "0.0499, 0, 0.05, B",
        "0, 0, 0.2, C",
        "0, 0, 0.1999, B",
        "-0.1, 0, 0.33, C",
        "0.9, 0.9, 0.0499, B",
        "0.001, 0, 0, B",
        "0, 0, 0.03, B",
        "0, 0, 0.0299, A",
        "-0.2, -0.1, 0, A"
    })
    void isDecidedAtItsBorders(double excess75, double excess90, double tpr, Grade expected) {
        assertThat(Grade.of(excess75, excess90, tpr)).isEqualTo(expected);
    }

    /** Reads the shares out of the page, so that neither can change alone. */
    @Test
    void isTheRuleOfThePage() throws IOException {
        for (String line : Files.readAllLines(Path.of("..", "docs", "grading.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                Grade grade = Grade.valueOf(row.group(1));
                assertThat(row.group(5).strip()).isEqualTo(grade.meaning());
                double excess90 = share(row.group(2), 0);
                double excess75 = Math.max(excess90, share(row.group(3), 0));
                double tpr = share(row.group(4), 0);
                assertThat(Grade.of(excess75, excess90, tpr)).isEqualTo(grade);
                if (tpr > 0) {
                    assertThat(Grade.of(grade == Grade.B ? 0 : excess75, excess90, tpr - 1e-9))
                            .isLessThan(grade);
                }
                seen.add(grade);
            }
        }
        assertThat(seen).containsExactly(Grade.values());
    }

    private static double share(String cell, double otherwise) {
        Matcher share = Pattern.compile(".*at least (\\d+) %.*").matcher(cell);
        return share.matches() ? Integer.parseInt(share.group(1)) / 100.0 : otherwise;
    }

    @Test
    void growsWithEveryNumber() {
        double[] shares = {-0.1, 0, 0.01, 0.03, 0.05, 0.1, 0.2, 0.5};
        for (double a : shares) {
            for (double b : shares) {
                for (int k = 0; k + 1 < shares.length; k++) {
                    double low = shares[k];
                    double high = shares[k + 1];
                    assertThat(Grade.of(high, a, b)).isGreaterThanOrEqualTo(Grade.of(low, a, b));
                    assertThat(Grade.of(a, high, b)).isGreaterThanOrEqualTo(Grade.of(a, low, b));
                    assertThat(Grade.of(a, b, high)).isGreaterThanOrEqualTo(Grade.of(a, b, low));
                }
            }
        }
    }

    @Test
    void countsAreNetOfWhatControlsReach() {
        // 11 of 100 above 0.9, but one of 50 controls too: 9 % beyond chance.
        Verdict verdict = Verdict.of(score(11, Map.of("0.75", 1, "0.9", 1, "0.95", 0), 0.91, 0.5));
        assertThat(verdict.grade()).isEqualTo(Grade.D);
        assertThat(verdict.rule()).contains("above 0.9: 9.0 %", "TPR at FPR 1 %: 50.0 %");
        assertThat(verdict.sentence())
                .isEqualTo(
                        "recovered 11 of 100 members above cosine 0.75, of 56 recoverable, against a null maximum of 0.91");
    }

    @Test
    void exactlyTenPercentIsAnE() {
        Verdict verdict = Verdict.of(score(10, Map.of("0.75", 0, "0.9", 0, "0.95", 0), 0.46, 0.1));
        assertThat(verdict.grade()).isEqualTo(Grade.E);
    }

    @Test
    void nothingThatCameBackIsNoProofOfSafety() {
        Verdict verdict = Verdict.of(score(0, Map.of("0.75", 0, "0.9", 0, "0.95", 0), -1.0, 0.0));
        assertThat(verdict.grade()).isEqualTo(Grade.A);
        assertThat(verdict.sentence())
                .endsWith("the attack brought nothing back, which is no proof that nothing can be");
    }

    @Test
    void withoutControlsThereIsNoGrade() {
        Verdict verdict = Verdict.of(score(10, null, null, null));
        assertThat(verdict.grade()).isNull();
        assertThat(verdict.rule()).startsWith("not graded");
        assertThat(verdict.sentence()).endsWith("no controls to compare with");
    }

    private static Score score(
            int matched, @Nullable Map<String, Integer> nullMatched, @Nullable Double nullMax, @Nullable Double tpr) {
        return new Score(
                40,
                100,
                nullMatched == null ? 0 : 50,
                Map.of("0.75", matched, "0.9", matched, "0.95", 0),
                Map.of(),
                0.5,
                Map.of(),
                Map.of("0.75", 56, "0.9", 42, "0.95", 40),
                nullMatched,
                nullMax,
                tpr,
                tpr,
                tpr,
                null,
                null,
                Collections.emptyList(),
                List.of());
    }
}
