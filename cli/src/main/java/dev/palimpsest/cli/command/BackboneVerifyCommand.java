package dev.palimpsest.cli.command;

import ai.djl.Device;
import dev.palimpsest.cli.backbone.BackboneLibrary;
import dev.palimpsest.cli.local.Home;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Backbones;
import dev.palimpsest.models.SelfTest;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = {
            "Check a backbone's files and run the self-test of its network.",
            "The files of a name are compared with their recorded digests. The self-test embeds two fixed pictures: the embeddings"
                    + " must be finite, repeatable and independent of their batch, and the gradient must agree with finite"
                    + " differences. Ends with 1 if anything fails."
        },
        footer = {"", "Example: palimpsest backbone verify dinov2-base"})
final class BackboneVerifyCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NAME|DIR", description = "a name of 'backbone list', or a folder")
    String given;

    @Mixin
    ComputeOptions compute;

    @Override
    public Integer call() {
        BackboneLibrary library = BackboneLibrary.of(Home.open());
        Path folder = library.resolve(Path.of(""), given);
        boolean sound = true;
        if (library.holds(folder)) {
            List<String> damaged = library.damaged(given);
            sound = damaged.isEmpty();
            report(sound, sound ? "files as they were added" : "files that changed since: " + damaged);
        }
        Device device = compute.open();
        try (Backbone network = Backbones.open(folder, device)) {
            report(true, "every tensor of " + Backbones.family(folder) + " is there, in shape and finite");
            for (SelfTest.Check check : SelfTest.run(network)) {
                sound &= check.passed();
                report(
                        check.passed(),
                        check.what() + ": " + (Double.isFinite(check.found()) ? number(check.found()) : check.found())
                                + ", at most " + number(check.limit()));
            }
        }
        return sound ? 0 : 1;
    }

    private static String number(double value) {
        return new BigDecimal(value, new MathContext(6)).stripTrailingZeros().toString();
    }

    private static void report(boolean passed, String what) {
        System.out.println((passed ? "  ok  " : "  !!  ") + what);
    }
}
