package dev.palimpsest.cli.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.select.score.Membership;
import dev.palimpsest.select.score.MembershipVerdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "membership",
        description = {
            "Say which suspects a head was trained on, in this process.",
            "From its weights and their embeddings. DIR holds",
            "head.safetensors, normaliser.safetensors (if it was released) and controls.safetensors: embeddings [n, d] of samples that",
            "it was surely not trained on. Without --suspects, members.safetensors is scored to see how well this tells them apart."
        },
        footer = {"", "Example: palimpsest membership --case DIR --suspects mine.safetensors --out scores.json"})
final class MembershipCommand implements Callable<Integer> {
    @Option(names = "--case", required = true, paramLabel = "DIR", description = "the head's folder")
    Path folder;

    @Option(names = "--suspects", paramLabel = "FILE", description = "safetensors with embeddings [n, d], raw")
    @Nullable
    Path suspects;

    @Option(
            names = "--activation",
            paramLabel = "NAME",
            description = "between the head's layers: relu, gelu or tanh; default: as the file says, else relu")
    @Nullable
    String activation;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "JSON to write")
    Path out;

    @Override
    public Integer call() throws IOException {
        Head head = HeadFolder.head(folder, activation).requireHidden();
        Normaliser normaliser = HeadFolder.normaliser(folder, head);
        Path controlFile = folder.resolve("controls.safetensors");
        float[] controls =
                Files.exists(controlFile) ? HeadFolder.points(controlFile, normaliser, head.inputs()) : new float[0];
        ObjectNode result = Json.mapper().createObjectNode();
        if (normaliser == null) {
            result.put("note", HeadFolder.NO_NORMALISER);
        }
        System.out.println(
                suspects == null
                        ? apart(head, normaliser, controls, result)
                        : scored(head, HeadFolder.points(suspects, normaliser, head.inputs()), controls, result));
        Files.writeString(out, result.toPrettyString());
        System.out.println(out.toAbsolutePath());
        return 0;
    }

    private String apart(Head head, @Nullable Normaliser normaliser, float[] controls, ObjectNode result) {
        Path memberFile = folder.resolve("members.safetensors");
        if (!Files.exists(memberFile) || controls.length == 0) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "Nothing to score: give --suspects FILE, or put members.safetensors and controls.safetensors into "
                            + folder + ".");
        }
        MembershipVerdict verdict =
                MembershipVerdict.of(head, HeadFolder.points(memberFile, normaliser, head.inputs()), controls);
        result.setAll((ObjectNode) Json.mapper().valueToTree(verdict));
        return verdict.sentence();
    }

    private static String scored(Head head, float[] suspects, float[] controls, ObjectNode result) {
        int d = head.inputs();
        int n = suspects.length / d;
        float[] pool = Arrays.copyOf(suspects, suspects.length + controls.length);
        System.arraycopy(controls, 0, pool, suspects.length, controls.length);
        Membership fit = Membership.of(head, pool, pool.length / d);
        double[] outside = Arrays.copyOfRange(fit.score(), n, fit.score().length);
        ArrayNode rows = result.put("residual", fit.residual())
                .put("controls", outside.length)
                .putArray("suspects");
        int flagged = 0;
        for (int i = 0; i < n; i++) {
            double score = fit.score()[i];
            ObjectNode row = rows.addObject().put("score", score);
            if (outside.length > 0) {
                double above =
                        Arrays.stream(outside).filter(other -> other >= score).count() / (double) outside.length;
                row.put("controlsAsHigh", above);
                flagged += above <= .01 ? 1 : 0;
            }
        }
        return outside.length == 0
                ? n
                        + " suspects scored; without controls.safetensors nothing says what a sample reaches that was no member."
                : flagged + " of " + n + " suspects score as at most 1 % of " + outside.length
                        + " controls do: members, as far as the head tells.";
    }
}
