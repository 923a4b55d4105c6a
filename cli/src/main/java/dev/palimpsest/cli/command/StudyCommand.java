package dev.palimpsest.cli.command;

import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.study.Outcome;
import dev.palimpsest.cli.study.Study;
import dev.palimpsest.cli.study.StudyFiles;
import dev.palimpsest.cli.study.StudyRun;
import dev.palimpsest.cli.study.Summary;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
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
            "after an interruption. Writes cells.csv, study.json and frontier.svg.",
            "",
            "Example: palimpsest study examples/study-defences.yaml --out defences"
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

    @Mixin
    OutputOptions output;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() throws InterruptedException {
        Study study = Study.read(file);
        GatewayClient client = server.client();
        server.requireSpace();
        output.progress().println(study.cells().size() + " cells of " + file);
        List<Outcome> outcomes =
                new StudyRun(study, client, server.over()).run(Duration.ofMinutes(minutes), output.progress()::println);
        StudyFiles.write(out, study, outcomes, client.address());
        if (!output.json(Summary.of(outcomes), System.out)) {
            SummaryTable.print(Summary.of(outcomes), System.out);
            System.out.println("Written to " + out + ": cells.csv, study.json, frontier.svg");
        }
        return outcomes.stream().allMatch(outcome -> outcome.state().equals("done")) ? 0 : 1;
    }
}
