package dev.palimpsest.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.contracts.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "dlq",
        description = "Dead letters: records that a stage could not handle and put aside.",
        subcommands = {
            DlqCommand.ListLetters.class,
            DlqCommand.Show.class,
            DlqCommand.Replay.class,
            DlqCommand.Drop.class
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "Example: palimpsest dlq list --state open"})
final class DlqCommand implements Runnable {
    private static final String PATH = "/api/v1/dead-letters";

    @Spec
    CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "Missing: list, show, replay or drop");
    }

    /** All letters of these, page by page. */
    private static List<JsonNode> letters(GatewayClient client, String audit, String stage, String state) {
        List<JsonNode> all = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page = client.read(PATH + "?limit=200&audit=" + GatewayClient.encode(audit) + "&stage="
                    + GatewayClient.encode(stage) + "&state=" + GatewayClient.encode(state) + "&cursor="
                    + GatewayClient.encode(cursor));
            page.path("letters").forEach(all::add);
            cursor = page.path("next").asText("");
        } while (!cursor.isEmpty());
        return all;
    }

    @Command(
            name = "list",
            description = "List dead letters, the newest first.",
            footer = {"", "Example: palimpsest dlq list --audit a1b2c3"})
    static final class ListLetters implements Callable<Integer> {
        @Option(names = "--audit", paramLabel = "AUDIT", defaultValue = "", description = "only those of this audit")
        String audit;

        @Option(names = "--stage", paramLabel = "STAGE", defaultValue = "", description = "only those of this stage")
        String stage;

        @Option(
                names = "--state",
                paramLabel = "STATE",
                defaultValue = "",
                description = "only those that are open, replayed or dropped")
        String state;

        @Mixin
        OutputOptions output;

        @Mixin
        ServerOptions server;

        @Override
        public Integer call() {
            List<JsonNode> letters = letters(server.client(), audit, stage, state);
            ArrayNode all = Json.mapper().createArrayNode().addAll(letters);
            if (output.json(all, System.out)) {
                return 0;
            }
            if (letters.isEmpty()) {
                System.out.println("There are none.");
                return 0;
            }
            Style style = Style.here();
            System.out.printf(
                    "%-20s %-9s %-17s %-18s %-7s %-16s %s%n",
                    "LETTER", "STATE", "AUDIT", "UNIT", "ATTEMPT", "CODE", "REASON");
            for (JsonNode letter : letters) {
                System.out.printf(
                        "%-20s %s %-17s %-18s %-7d %-16s %s%n",
                        letter.path("id").asText(),
                        style.state(letter.path("state").asText(), 9),
                        letter.path("audit").asText("-"),
                        letter.path("unit").asText("-"),
                        letter.path("attempt").asInt(),
                        letter.path("code").asText(),
                        letter.path("reason").asText().replaceAll("\\s+", " "));
            }
            return 0;
        }
    }

    @Command(
            name = "show",
            description = "Print a dead letter with the record that it holds.",
            footer = {"", "Example: palimpsest dlq show invert-0-12"})
    static final class Show implements Callable<Integer> {
        @Parameters(paramLabel = "LETTER", description = "the letter's id")
        String id;

        @Mixin
        ServerOptions server;

        @Override
        public Integer call() {
            System.out.println(
                    server.client().read(PATH + "/" + GatewayClient.encode(id)).toPrettyString());
            return 0;
        }
    }

    /** Decides about one letter, or about all open ones. */
    private abstract static class Decide implements Callable<Integer> {
        @Parameters(paramLabel = "LETTER", arity = "0..*", description = "ids of letters")
        List<String> ids = new ArrayList<>();

        @Option(names = "--all", description = "all that are open")
        boolean all;

        @Option(
                names = "--audit",
                paramLabel = "AUDIT",
                defaultValue = "",
                description = "with --all: of this audit only")
        String audit;

        @Spec
        CommandSpec spec;

        @Mixin
        ServerOptions server;

        abstract String action();

        @Override
        public Integer call() {
            if (all == !ids.isEmpty()) {
                throw new ParameterException(spec.commandLine(), "Expected either letters or --all");
            }
            GatewayClient client = server.client();
            List<String> letters = all
                    ? letters(client, audit, "", "open").stream()
                            .map(letter -> letter.path("id").asText())
                            .toList()
                    : ids;
            for (String letter : letters) {
                JsonNode after = client.post(PATH + "/" + GatewayClient.encode(letter) + ":" + action());
                System.out.println(letter + " " + after.path("state").asText());
            }
            return 0;
        }
    }

    @Command(
            name = "replay",
            description = "Send records to their stage again; twice does no more than once.",
            footer = {"", "Example: palimpsest dlq replay --all --audit a1b2c3"})
    static final class Replay extends Decide {
        @Override
        String action() {
            return "replay";
        }
    }

    @Command(
            name = "drop",
            description = "Give records up.",
            footer = {"", "Example: palimpsest dlq drop select-0-3"})
    static final class Drop extends Decide {
        @Override
        String action() {
            return "drop";
        }
    }
}
