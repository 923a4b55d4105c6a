package dev.palimpsest.cli.command;

import dev.palimpsest.cli.backbone.BackboneLibrary;
import dev.palimpsest.cli.local.Home;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "list",
        description = "List the backbones that have a name.",
        footer = {"", "Example: palimpsest backbone list --output json"})
final class BackboneListCommand implements Callable<Integer> {
    @Mixin
    OutputOptions output;

    @Override
    public Integer call() {
        List<BackboneLibrary.Entry> entries = BackboneLibrary.of(Home.open()).list();
        if (output.json(entries, System.out)) {
            return 0;
        }
        if (entries.isEmpty()) {
            System.out.println("There is none yet; 'palimpsest backbone add DIR' adds one.");
            return 0;
        }
        System.out.printf("%-32s %-22s %6s %6s %9s%n", "NAME", "FAMILY", "WIDTH", "INPUT", "MIB");
        for (BackboneLibrary.Entry entry : entries) {
            System.out.printf(
                    Locale.ROOT,
                    "%-32s %-22s %6d %6d %9.1f%n",
                    entry.name(),
                    entry.family(),
                    entry.dimension(),
                    entry.inputSize(),
                    entry.size() / (double) (1 << 20));
        }
        return 0;
    }
}
