package dev.palimpsest.cli.command;

import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.cli.client.Submission;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "submit",
        description = "Send an audit and the files that it names.",
        footer = {"", "Example: palimpsest submit audit.yaml --watch"})
final class SubmitCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SPEC", description = "the audit's spec, YAML or JSON")
    Path file;

    @Option(names = "--watch", description = "stay and show the progress")
    boolean watch;

    @Option(names = "--again", description = "run anew even if the same audit was submitted before")
    boolean again;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() {
        GatewayClient client = server.client();
        server.requireSpace();
        String id = Submission.read(file).send(client, again, System.err::println);
        System.out.println(id);
        return watch ? new Watch(client, id, System.out, server.over()).untilDone() : 0;
    }
}
