package dev.palimpsest.cli.command;

import dev.palimpsest.cli.study.Interval;
import dev.palimpsest.cli.study.Summary;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints what a study found, a setting a line. */
final class SummaryTable {
    private SummaryTable() {}

    static void print(List<Summary> summaries, PrintStream out) {
        Style style = Style.here();
        out.printf(
                "%-34s %-7s %-6s %-18s %-12s %-8s %-18s %-18s %-7s %s%n",
                "SETTING",
                "DONE",
                "GRADE",
                "RECOVERED > .9",
                "WITH MEMBERS",
                "FIRST 20",
                "TPR AT FPR 1 %",
                "HELD-OUT ACCURACY",
                "CONTROL",
                "EPSILON");
        for (Summary summary : summaries) {
            Interval control = summary.bestControl();
            out.printf(
                    "%-34s %-7s %s %-18s %-12s %-8s %-18s %-18s %-7s %s%n",
                    summary.group().isEmpty() ? "as it is" : summary.group(),
                    summary.done() + "/" + summary.cells(),
                    style.grade(
                            summary.worst() == null ? "-" : summary.worst() + (summary.unsearched() > 0 ? "*" : ""), 6),
                    range(summary.recovered()),
                    mean(summary.withMembers()),
                    mean(summary.precision()),
                    range(summary.tpr()),
                    range(summary.accuracy()),
                    // Without a candidate even the controls are matched by nothing.
                    control == null ? "-" : control.most() < 0 ? "none" : number(control.most()),
                    summary.epsilon() == null ? "" : number(summary.epsilon()));
        }
        out.println(
                "Means over seeds, in brackets their 95 % intervals; the worst grade and the best control of them.");
        out.println(
                "With members: recovered when the best of all candidates is kept for each member, as no attacker can. First 20: right among"
                        + " the first 20 as ranked without members.");
        if (summaries.stream().anyMatch(summary -> summary.unsearched() > 0)) {
            out.println("* In these the attack found nothing to search for: no evidence that nothing can come back.");
        }
    }

    static String range(@Nullable Interval range) {
        return range == null
                ? "-"
                : range.low() == null || range.high() == null
                        ? number(range.mean())
                        : number(range.mean()) + " [" + number(range.low()) + ", " + number(range.high()) + "]";
    }

    private static String mean(@Nullable Interval range) {
        return range == null ? "-" : number(range.mean());
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
