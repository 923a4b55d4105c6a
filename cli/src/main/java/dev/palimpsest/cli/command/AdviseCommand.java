package dev.palimpsest.cli.command;

import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.client.Submission;
import dev.palimpsest.cli.study.Advice;
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
        name = "advise",
        description = "Try defences on an audit's own data, and name the cheapest that brings it to grade B or better.",
        footer = {
            "",
            "The audit must be of a head that is trained (target.train). It is not computed again if it was submitted before.",
            "",
            "Example: palimpsest advise examples/demo-quick.yaml --minutes 20"
        })
final class AdviseCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SPEC", description = "the audit's spec, as it was submitted")
    Path file;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "30",
            description = "advise from what is done by then (default: ${DEFAULT-VALUE})")
    int minutes;

    @Option(
            names = "--out",
            paramLabel = "FOLDER",
            defaultValue = "advice",
            description = "where results go (default: ${DEFAULT-VALUE})")
    Path out;

    @Mixin
    OutputOptions output;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() throws InterruptedException {
        Path folder = file.toAbsolutePath().getParent();
        Study study = Advice.study(Submission.read(file).spec(), folder == null ? Path.of("/") : folder);
        GatewayClient client = server.client();
        server.requireSpace();
        List<Outcome> outcomes =
                new StudyRun(study, client, server.over()).run(Duration.ofMinutes(minutes), output.progress()::println);
        StudyFiles.write(out, study, outcomes, client.address());
        List<Summary> summaries = Summary.of(outcomes);
        Advice advice = Advice.of(summaries);
        if (!output.json(advice, System.out)) {
            SummaryTable.print(summaries, System.out);
            System.out.println(advice.sentence());
        }
        return advice.recommended() == null ? 1 : 0;
    }
}
