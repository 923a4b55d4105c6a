package dev.palimpsest.cli.command;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "get",
        description = "Print one audit as JSON.",
        footer = {"", "Example: palimpsest get a1b2c3"})
final class GetCommand implements Callable<Integer> {
    @Parameters(paramLabel = "AUDIT", description = "the audit's id")
    String id;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() {
        System.out.println(server.client().get(id).toPrettyString());
        return 0;
    }
}
