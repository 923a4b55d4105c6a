package dev.palimpsest.cli.command;

import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.client.RequestAgain;
import dev.palimpsest.cli.study.Advice;
import dev.palimpsest.cli.study.Outcome;
import dev.palimpsest.cli.study.Study;
import dev.palimpsest.cli.study.Summary;
import dev.palimpsest.contracts.DefenceAdvice;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "advise",
        description = "Try defences on an audit's own data; name the cheapest that gives grade B or better.",
        footer = {
            "",
            "The audit must be done, and of a head that is trained (target.train). Its report then shows what was measured.",
            "What was computed before is not computed again.",
            "",
            "Example: palimpsest advise a1b2c3 --minutes 20",
            "",
            "Exit codes: 0 there is advice, 1 no defence that was tried is good enough, 2 wrong use."
        })
final class AdviseCommand implements Callable<Integer> {
    @Parameters(paramLabel = "AUDIT", description = "the id of an audit that is done")
    String id;

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
            description = "where tables and the plot go (default: ${DEFAULT-VALUE})")
    Path out;

    @Mixin
    OutputOptions output;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() throws InterruptedException {
        GatewayClient client = server.client();
        server.requireSpace();
        String state = client.get(id).path("state").asText();
        if (!state.equals("done")) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, "The audit " + id + " is " + state + ": advice needs one that is done");
        }
        RequestAgain request = RequestAgain.of(client, id);
        Study study = Advice.study(request.spec());
        List<Outcome> outcomes = new StudySession(client, server, output.progress())
                .run(study, request, Map.of(), Duration.ofMinutes(minutes), out);
        List<Summary> summaries = Summary.of(outcomes);
        Advice advice = Advice.of(summaries);
        DefenceAdvice measured = advice.measured(outcomes, Instant.now());
        client.post("/api/v1/audits/" + id + "/advice", Json.mapper().valueToTree(measured));
        if (!output.json(measured, System.out)) {
            SummaryTable.print(summaries, System.out);
            System.out.println(advice.sentence());
            System.out.println("Kept with the audit: its report shows it. Tables and plot are in " + out + ".");
        }
        return advice.recommended() == null ? 1 : 0;
    }
}
