package dev.palimpsest.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "get",
        description = "Show one audit: its state, its stages, and what failed.",
        footer = {"", "Example: palimpsest get a1b2c3 --output json"})
final class GetCommand implements Callable<Integer> {
    @Parameters(paramLabel = "AUDIT", description = "the audit's id")
    String id;

    @Mixin
    OutputOptions output;

    @Mixin
    ServerOptions server;

    @Override
    public Integer call() {
        JsonNode view = server.client().get(id);
        if (output.json(view, System.out)) {
            return 0;
        }
        Style style = Style.here();
        System.out.println("name      " + view.path("name").asText());
        System.out.println("state     " + style.state(view.path("state").asText(), 0));
        System.out.println(
                "grade     " + style.grade(view.path("verdict").path("grade").asText("-"), 0));
        System.out.println("backbone  " + view.path("backbone").asText());
        System.out.println("requested " + view.path("requested").asText("-"));
        if (view.hasNonNull("erasure")) {
            System.out.println("erased    " + view.path("erasure").path("when").asText() + ", by "
                    + view.path("erasure").path("by").asText());
            return 0;
        }
        System.out.printf("%n%-12s %-9s %s%n", "STAGE", "STATE", "UNITS");
        for (JsonNode stage : view.path("stages")) {
            int done = 0;
            for (JsonNode piece : stage.path("pieces")) {
                done += piece.path("state").asText().equals("done") ? 1 : 0;
            }
            System.out.printf(
                    "%-12s %s %d/%d%n",
                    stage.path("stage").asText(),
                    style.state(stage.path("state").asText(), 9),
                    done,
                    stage.path("pieces").size());
        }
        view.path("waits").forEach(text -> System.out.println("  waits: " + text.asText()));
        view.path("failures").forEach(text -> System.out.println("! " + text.asText()));
        return 0;
    }
}
