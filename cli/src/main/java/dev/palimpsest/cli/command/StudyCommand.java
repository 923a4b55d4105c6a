package dev.palimpsest.cli.command;

import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.client.SpecUpload;
import dev.palimpsest.cli.study.Outcome;
import dev.palimpsest.cli.study.Study;
import dev.palimpsest.cli.study.StudyCheck;
import dev.palimpsest.cli.study.Summary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "study",
        description = "Run an audit over a grid of settings and defences: leak against accuracy.",
        footer = {
            "",
            "Every cell is an ordinary audit. What was computed before is not computed again: run it once more to go on",
            "after an interruption. Writes cells.csv, settings.csv, study.json and frontier.svg whenever a cell ends.",
            "",
            "Example: palimpsest study examples/study-defences.yaml --out defences",
            "",
            "Exit codes: 0 every cell is done, 1 some are not or failed, 2 wrong use or a bad study."
        })
final class StudyCommand implements Callable<Integer> {
    @Parameters(paramLabel = "STUDY", description = "the study's file, YAML")
    Path file;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            defaultValue = "study",
            description = "where results go (default: ${DEFAULT-VALUE})")
    Path out;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "1440",
            description = "how long to wait at most (default: ${DEFAULT-VALUE})")
    int minutes;

    @Option(names = "--dry-run", description = "print how many cells there are and the estimated cost; send nothing")
    boolean dryRun;

    @Mixin
    OutputOptions output;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() throws InterruptedException {
        Study study = Study.read(file);
        StudyCheck check = StudyCheck.of(study);
        output.progress()
                .printf(
                        Locale.ROOT,
                        "Cells of %2$s: %1$d, of which %3$d cannot be run; the others take about %4$.0f min on one core%n",
                        study.cells().size(),
                        file,
                        check.problems().size(),
                        check.minutes());
        if (dryRun) {
            check.problems().forEach((cell, problem) -> output.progress().println(cell + ": " + problem));
            return check.problems().isEmpty() ? 0 : 1;
        }
        check.requireRoom(Duration.ofMinutes(minutes));
        GatewayClient client = server.client();
        server.requireSpace();
        List<Outcome> outcomes = new StudySession(client, server, output.progress())
                .run(
                        study,
                        new SpecUpload(client, study.base(), output.progress()::println),
                        check.problems(),
                        Duration.ofMinutes(minutes),
                        out);
        List<Summary> summaries = Summary.of(outcomes);
        if (!output.json(summaries, System.out)) {
            SummaryTable.print(summaries, System.out);
            outcomes.stream()
                    .filter(Outcome::failed)
                    .forEach(outcome -> System.out.println(
                            outcome.state() + ": " + outcome.cell().label() + ": " + outcome.reason()));
            long open = outcomes.stream().filter(outcome -> !outcome.over()).count();
            if (open > 0) {
                System.out.println("Not done after " + minutes + " min: " + open
                        + (open == 1 ? " cell, which goes" : " cells, which go")
                        + " on at the gateway; run the same command again to see more.");
            }
            System.out.println("Written to " + out + ": cells.csv, settings.csv, study.json, frontier.svg"
                    + (study.plot() == null ? "" : ", curve.svg"));
        }
        return outcomes.stream().allMatch(outcome -> outcome.state().equals("done")) ? 0 : 1;
    }
}
