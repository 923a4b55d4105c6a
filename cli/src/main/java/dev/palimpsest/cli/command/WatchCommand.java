package dev.palimpsest.cli.command;

import dev.palimpsest.cli.client.GatewayClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "watch",
        description = "Show an audit's progress until it ends.",
        footer = {
            "",
            "Example: palimpsest watch a1b2c3",
            "",
            "Exit codes: 0 done, 1 failed or cancelled, 3 a leak at or above --fail-on."
        })
final class WatchCommand implements Callable<Integer> {
    @Parameters(paramLabel = "AUDIT", description = "the audit's id")
    String id;

    @Mixin
    GradeGate gate;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() {
        GatewayClient client = server.client();
        return new Watch(client, id, System.out, server.over()).untilDone(gate);
    }
}
