package dev.palimpsest.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.cli.client.GatewayClient;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = {
            "Compare every object of an audit with its digest, and all that its documents name.",
            "Exits with 1 when one is missing or changed."
        },
        footer = {"", "Example: palimpsest verify a1b2c3"})
final class VerifyCommand implements Callable<Integer> {
    @Parameters(paramLabel = "AUDIT", description = "the audit's id")
    String id;

    @Mixin
    OutputOptions output;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() {
        JsonNode found = server.client().post("/api/v1/audits/" + GatewayClient.encode(id) + ":verify");
        JsonNode problems = found.path("problems");
        if (!output.json(found, System.out)) {
            System.out.printf(
                    Locale.ROOT,
                    "%s: %d objects, %.1f MB have their digests; %d missing or changed%n",
                    id,
                    found.path("objects").asInt(),
                    found.path("bytes").asLong() / 1e6,
                    problems.size());
            problems.forEach(problem -> System.out.println("! "
                    + problem.path("code").asText() + " "
                    + problem.path("text").asText().replaceAll("\\p{Cntrl}", " ")));
        }
        return problems.isEmpty() ? 0 : 1;
    }
}
