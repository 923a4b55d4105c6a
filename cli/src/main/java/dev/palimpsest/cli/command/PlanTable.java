package dev.palimpsest.cli.command;

import dev.palimpsest.cli.plan.Plan;
import java.io.PrintStream;
import java.util.Locale;

/** Prints a {@link Plan}. */
final class PlanTable {
    private PlanTable() {}

    static void print(Plan plan, PrintStream out) {
        out.println("What the attacker knows of '" + plan.name() + "':");
        plan.knows().forEach(line -> out.println("  " + line));
        out.println("What only the owner knows:");
        plan.counts().forEach(line -> out.println("  " + line));
        out.println();
        out.printf("%-12s %6s %9s  %s%n", "STAGE", "UNITS", "MINUTES", "FROM");
        for (Plan.StageCost stage : plan.stages()) {
            out.printf(
                    Locale.ROOT,
                    "%-12s %6d %9.1f  %s%n",
                    stage.stage().id(),
                    stage.units(),
                    stage.minutes(),
                    stage.from());
        }
        int units = plan.stages().stream().mapToInt(Plan.StageCost::units).sum();
        out.printf(
                Locale.ROOT,
                "%-12s %6d %9.1f  %s%n",
                "all",
                units,
                plan.minutes(),
                "on one core of the machine that was measured on; pictures share as many workers as there are");
        out.println("Nothing was sent.");
    }
}
