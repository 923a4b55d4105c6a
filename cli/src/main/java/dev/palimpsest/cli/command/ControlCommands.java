package dev.palimpsest.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.cli.client.GatewayClient;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What an owner may ask of an audit. */
final class ControlCommands {
    private ControlCommands() {}

    /** One word to one audit. */
    private abstract static class Word implements Callable<Integer> {
        @Parameters(paramLabel = "AUDIT", description = "the audit's id")
        String id;

        @Mixin
        ServerOptions server;

        /** The end of the address, and what to print. */
        abstract Integer say(GatewayClient client);

        JsonNode post(GatewayClient client, String action) {
            return client.post("/api/v1/audits/" + GatewayClient.encode(id) + ":" + action);
        }

        @Override
        public Integer call() {
            return say(server.client());
        }
    }

    @Command(
            name = "cancel",
            description = "Stop an audit within one unit of work. 'retry' takes it up again.",
            footer = {"", "Example: palimpsest cancel a1b2c3"})
    static final class Cancel extends Word {
        @Override
        Integer say(GatewayClient client) {
            post(client, "cancel");
            System.out.println(id + " is cancelled");
            return 0;
        }
    }

    @Command(
            name = "pause",
            description = "Let an audit stand still within one unit of work; what was computed is kept.",
            footer = {"", "Example: palimpsest pause a1b2c3"})
    static final class Pause extends Word {
        @Override
        Integer say(GatewayClient client) {
            post(client, "pause");
            System.out.println(id + " is paused; 'palimpsest resume " + id + "' lets it go on");
            return 0;
        }
    }

    @Command(
            name = "resume",
            description = "Let a paused audit go on where it was.",
            footer = {"", "Example: palimpsest resume a1b2c3"})
    static final class Resume extends Word {
        @Override
        Integer say(GatewayClient client) {
            System.out.println(id + " goes on with "
                    + units(post(client, "resume").path("units").asInt()));
            return 0;
        }
    }

    @Command(
            name = "retry",
            description = {
                "Do again what failed of an audit, or go on with one that was cancelled.",
                "What has a result is kept; what comes out is the same as if nothing had happened."
            },
            footer = {"", "Example: palimpsest retry a1b2c3 --from invert"})
    static final class Retry extends Word {
        @Option(
                names = "--from",
                paramLabel = "STAGE",
                description = "embed, reconstruct, select or invert: leave earlier stages alone")
        @Nullable
        String from;

        @Override
        Integer say(GatewayClient client) {
            String action = from == null ? "retry" : "retry?from=" + GatewayClient.encode(from);
            System.out.println(id + " tries again "
                    + units(post(client, action).path("units").asInt()));
            return 0;
        }
    }

    private static String units(int count) {
        return count == 1 ? "1 unit" : count + " units";
    }
}
