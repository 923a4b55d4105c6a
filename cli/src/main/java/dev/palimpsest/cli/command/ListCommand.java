package dev.palimpsest.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.contracts.Json;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "list",
        description = "List the audits, newest first.",
        footer = {"", "Example: palimpsest list --state failed --output json"})
final class ListCommand implements Callable<Integer> {
    private static final int PAGE = 200;

    @Option(names = "--state", paramLabel = "STATE", defaultValue = "", description = "only audits in this state")
    String state;

    @Option(
            names = "--name",
            paramLabel = "TEXT",
            defaultValue = "",
            description = "only audits with this text in their name or id")
    String name;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "50", description = "at most so many; 0: all")
    int limit;

    @Mixin
    OutputOptions output;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() {
        ObjectNode found = Json.mapper().createObjectNode();
        ArrayNode audits = found.putArray("audits");
        GatewayClient client = server.client();
        String cursor = "";
        do {
            int wanted = limit <= 0 ? PAGE : Math.min(PAGE, limit - audits.size());
            JsonNode page = client.read("/api/v1/audits?limit=" + wanted + "&state=" + GatewayClient.encode(state)
                    + "&q=" + GatewayClient.encode(name) + "&cursor=" + GatewayClient.encode(cursor));
            page.path("audits").forEach(audits::add);
            cursor = page.path("next").asText("");
            found.set("next", page.path("next"));
            found.set("total", page.path("total"));
        } while (!cursor.isEmpty() && (limit <= 0 || audits.size() < limit));
        if (output.json(found, System.out)) {
            return 0;
        }
        Style style = Style.here();
        System.out.printf("%-18s %-15s %-6s %-9s %s%n", "AUDIT", "STATE", "GRADE", "PICTURES", "NAME");
        for (JsonNode audit : audits) {
            System.out.printf(
                    "%-18s %s %s %-9s %s%n",
                    audit.path("id").asText(),
                    style.state(audit.path("state").asText(), 15),
                    style.grade(audit.path("grade").asText("-"), 6),
                    audit.path("pictures").asInt() + "/"
                            + audit.path("expectedPictures").asInt(),
                    audit.path("name").asText().replaceAll("\\p{Cntrl}", " "));
        }
        if (!cursor.isEmpty()) {
            System.out.println("There are more; --limit 0 lists all.");
        }
        return 0;
    }
}
