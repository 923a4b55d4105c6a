package dev.palimpsest.cli.command;

import dev.palimpsest.cli.client.GatewayClient;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "wait",
        description = "Wait until an audit has ended, without a word.",
        footer = {
            "",
            "Example: palimpsest wait a1b2c3 --timeout 3600 --fail-on C",
            "",
            "Exit codes: 0 done, 1 failed or not ended in time, 3 a leak at or above --fail-on."
        })
final class WaitCommand implements Callable<Integer> {
    @Parameters(paramLabel = "AUDIT", description = "the audit's id")
    String id;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "wait no longer than this")
    @Nullable
    Integer timeout;

    @Mixin
    GradeGate gate;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() {
        GatewayClient client = server.client();
        return new WaitFor(client, id, server.over()).end(gate, timeout == null ? null : Duration.ofSeconds(timeout));
    }
}
