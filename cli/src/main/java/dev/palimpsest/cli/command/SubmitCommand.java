package dev.palimpsest.cli.command;

import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.client.Submission;
import dev.palimpsest.cli.plan.Plan;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "submit",
        description = "Send an audit and the files that it names.",
        footer = {
            "",
            "Example: palimpsest submit audit.yaml --watch --fail-on C",
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong use or a bad spec, 3 a leak at or above --fail-on."
        })
final class SubmitCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SPEC", description = "the audit's spec, YAML or JSON")
    Path file;

    @Option(names = "--watch", description = "stay and show the progress")
    boolean watch;

    @Option(names = "--again", description = "run anew even if the same audit was submitted before")
    boolean again;

    @Option(names = "--dry-run", description = "print what the attacker knows and the estimated cost; send nothing")
    boolean dryRun;

    @Mixin
    GradeGate gate;

    @Mixin
    OutputOptions output;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() {
        Submission submission = Submission.read(file);
        if (dryRun) {
            Plan plan = submission.plan();
            if (!output.json(plan, System.out)) {
                PlanTable.print(plan, System.out);
            }
            return 0;
        }
        GatewayClient client = server.client();
        server.requireSpace();
        String id = submission.send(client, again, System.err::println);
        if (!output.json(Map.of("id", id), System.out)) {
            System.out.println(id);
        }
        if (watch) {
            return new Watch(client, id, output.progress(), server.over()).untilDone(gate);
        }
        return gate.failOn == null ? 0 : new WaitFor(client, id, server.over()).end(gate, null);
    }
}
