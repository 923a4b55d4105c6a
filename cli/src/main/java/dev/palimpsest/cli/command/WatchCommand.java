package dev.palimpsest.cli.command;

import dev.palimpsest.cli.client.GatewayClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "watch",
        description = "Show an audit's progress until it ends.",
        footer = {"", "Example: palimpsest watch a1b2c3"})
final class WatchCommand implements Callable<Integer> {
    @Parameters(paramLabel = "AUDIT", description = "the audit's id")
    String id;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() {
        GatewayClient client = server.client();
        return new Watch(client, id, System.out, server.over()).untilDone();
    }
}
