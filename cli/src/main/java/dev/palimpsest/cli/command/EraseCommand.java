package dev.palimpsest.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.Console;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "erase",
        description = {
            "Delete what an audit left: members, candidates, pictures, report.",
            "Also uploads that no other audit uses. What stays is when it was erased and who asked. It cannot be taken back."
        },
        footer = {"", "Example: palimpsest erase a1b2c3 --yes"})
final class EraseCommand implements Callable<Integer> {
    @Parameters(paramLabel = "AUDIT", description = "the audit's id")
    String id;

    @Option(names = "--yes", description = "do not ask")
    boolean yes;

    @Mixin
    OutputOptions output;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() {
        GatewayClient client = server.client();
        JsonNode audit = client.get(GatewayClient.encode(id));
        boolean before = audit.path("state").asText().equals("erased");
        if (!yes && !before && !confirmed(audit)) {
            System.err.println("palimpsest: nothing was erased");
            return 1;
        }
        JsonNode erasure = client.post("/api/v1/audits/" + GatewayClient.encode(id) + ":erase");
        if (!output.json(erasure, System.out)) {
            System.out.println(id + (before ? " was erased on " : " is erased, on ")
                    + erasure.path("erased").asText() + " (by: "
                    + erasure.path("by").asText() + ")");
        }
        return 0;
    }

    private boolean confirmed(JsonNode audit) {
        Console console = System.console();
        if (console == null) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, "There is no terminal to ask whether " + id + " is to be erased: give --yes");
        }
        String typed = console.readLine(
                "%s (%s) and all that it left will be deleted. Type its id to go on: ",
                id, audit.path("name").asText().replaceAll("\\p{Cntrl}", " "));
        return id.equals(typed == null ? "" : typed.strip());
    }
}
