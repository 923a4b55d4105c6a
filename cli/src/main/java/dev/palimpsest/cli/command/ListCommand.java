package dev.palimpsest.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "list",
        description = "List the audits, newest first.",
        footer = {"", "Example: palimpsest list --output json"})
final class ListCommand implements Callable<Integer> {
    @Option(names = "--output", defaultValue = "table", description = "table or json")
    String output;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() {
        JsonNode audits = server.client().list();
        if (output.equals("json")) {
            System.out.println(audits.toPrettyString());
            return 0;
        }
        System.out.printf("%-18s %-15s %-6s %s%n", "AUDIT", "STATE", "GRADE", "NAME");
        for (JsonNode audit : audits.path("audits")) {
            System.out.printf(
                    "%-18s %-15s %-6s %s%n",
                    audit.path("id").asText(),
                    audit.path("state").asText(),
                    audit.path("grade").asText("-"),
                    audit.path("name").asText());
        }
        return 0;
    }
}
