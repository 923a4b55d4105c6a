package dev.palimpsest.gateway.view;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Selection.Inversion;
import dev.palimpsest.contracts.Selection.Neighbour;
import dev.palimpsest.contracts.Selection.Representative;
import dev.palimpsest.contracts.Stage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Made-up messages and documents for tests. */
public final class Made {
    public static final AuditId AUDIT = new AuditId("a0123456789abcde");
    public static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

    private Made() {}

    /** A reference with a digest made of one hexadecimal digit. */
    public static ArtifactRef ref(String key, char digit) {
        return new ArtifactRef(key, String.valueOf(digit).repeat(64), 1234);
    }

    public static CloudEvent event(Message message) {
        return CloudEvent.of(message, "test", NOON);
    }

    public static Message.AuditProgress progress(Stage stage, String piece, long done, String state) {
        return new Message.AuditProgress(
                AUDIT, stage, piece, done, 10, "steps", state, state + " " + piece, Map.of("loss", 0.5), null);
    }

    public static Message.InversionReady inverted(String item, ArtifactRef embeddings, int index, ArtifactRef picture) {
        return new Message.InversionReady(AUDIT, item, embeddings, index, picture, 0.97, 600);
    }

    /** A selection of {@code cosines.size()} representatives; representative i is nearest to {@code files.get(i)}. */
    public static Selection selection(
            boolean last,
            ArtifactRef representatives,
            List<String> files,
            List<Double> cosines,
            List<@Nullable ArtifactRef> images,
            List<Inversion> inversions,
            Selection.@Nullable Verdict verdict) {
        List<Representative> ranking = IntStream.range(0, files.size())
                .mapToObj(i -> new Representative(
                        20 - i,
                        1.0 / (i + 1),
                        i % 2,
                        new Neighbour(files.get(i), cosines.get(i), images.get(i)),
                        new Neighbour("control.jpg", 0.3, null)))
                .toList();
        return new Selection(
                1, AUDIT, last, representatives, ranking, inversions, verdict, List.of("A note of the stage."));
    }

    /** 28, 13 and 5 of 72 members. */
    public static Selection.Verdict verdict() {
        return new Selection.Verdict(
                "D",
                "D: at least 15 % of the members come back above cosine 0.9, net of chance",
                72,
                36,
                Map.of("0.75", 28, "0.9", 13, "0.95", 5),
                Map.of("0.75", 41, "0.9", 24, "0.95", 12),
                Map.of("0.75", 0, "0.9", 0, "0.95", 0),
                0.512,
                0.4861,
                0.5556,
                0.82,
                spread(72, 0.15, 0.98),
                spread(36, 0.1, 0.512),
                spread(72, 0.3, 0.99),
                null,
                null,
                null,
                null,
                spread(72, 0, 6),
                Map.of("10", 0.9, "20", 0.65),
                new Selection.WithMembers(
                        2160, Map.of("0.75", 30, "0.9", 17, "0.95", 6), Map.of("0.75", 1, "0.9", 0, "0.95", 0), 0.76));
    }

    private static List<Double> spread(int count, double low, double high) {
        return IntStream.range(0, count)
                .mapToObj(i -> low + (high - low) * Math.pow(i / (double) (count - 1), 1.3))
                .toList();
    }
}
