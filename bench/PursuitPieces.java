package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.models.Torch;
import dev.palimpsest.select.cluster.Ranking;
import dev.palimpsest.select.cluster.Representative;
import dev.palimpsest.select.score.Calibration;
import dev.palimpsest.select.score.HeadSpace;
import dev.palimpsest.select.score.RecoverableBound;
import dev.palimpsest.select.score.Score;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What each piece of gate pursuit is worth: members above .75 / .9 / .95, with the piece left out. Arguments: folder of a head with n members, n, weight decay, seeds.
 * Compiled before it is run, since the pieces are not public: see bench/run pieces.
 */
final class PursuitPieces {
    private static final int STARTS = 3_000;
    private static final int TRIALS = 30;
    private static final double DIFFERENCE = .3;

    private final Path folder;
    private final Head head;
    private final int members;
    private final GatePursuit pursuit;
    private final Candidates differences;
    private final Candidates none;

    private PursuitPieces(Path folder, int members, double decay, long seed) {
        this.folder = folder;
        this.head = Head.read(folder.resolve("head.safetensors"));
        this.members = members;
        RowSpace rows = RowSpace.of(head);
        this.pursuit = new GatePursuit(head, rows, members, Device.cpu(), seed);
        this.differences = new NeuronDifferences(head, rows).find(members, members * decay);
        this.none = Candidates.none(head.inputs());
    }

    public static void main(String[] arguments) {
        Torch.threads(1);
        for (long seed = 0; seed < Long.parseLong(arguments[3]); seed++) {
            new PursuitPieces(Path.of(arguments[0]), Integer.parseInt(arguments[1]), Double.parseDouble(arguments[2]), seed)
                    .compare(seed);
        }
    }

    private void compare(long seed) {
        List<Map<String, Tensor>> starts = List.of(pursuit.start(0, STARTS, STARTS, Progress.SILENT));
        List<Map<String, Tensor>> pools = pools(starts, differences);
        int views = pursuit.views();
        tell(seed, "all of it", trials(pools, 1, TRIALS), differences);
        tell(seed, "without starts", trials(pools(List.of(), differences), 1, TRIALS), differences);
        tell(seed, "without differences", trials(pools(starts, none), 1, TRIALS), none);
        tell(seed, "without rounds and views", trials(starts, views, TRIALS), differences);
        tell(seed, "without views", trials(pools, views, TRIALS), differences);
        tell(seed, "without the vote: one trial", trials(pools, views, 1), differences);
        tell(seed, "differences alone", List.of(), differences);
    }

    private List<Map<String, Tensor>> pools(List<Map<String, Tensor>> starts, Candidates lent) {
        return IntStream.range(0, pursuit.views())
                .mapToObj(view -> pursuit.pool(view, starts, lent, Progress.SILENT))
                .toList();
    }

    /** @param apart 1: views take turns; their number: only the first */
    private List<Candidates> trials(List<Map<String, Tensor>> pools, int apart, int count) {
        return IntStream.range(0, count).mapToObj(i -> pursuit.trial(i * apart, pools)).toList();
    }

    private void tell(long seed, String what, List<Candidates> trials, Candidates lent) {
        List<Candidates> parts = new ArrayList<>();
        parts.add(lent.scored(DIFFERENCE).withTrial(0));
        for (Candidates trial : trials) {
            parts.add(trial.withTrial(parts.size()));
        }
        Candidates found = Candidates.ranked(head.inputs(), parts);
        List<Representative> ranked = Ranking.rank(
                new dev.palimpsest.select.cluster.Candidates(
                                found.n(), found.d(), found.x(), found.trial(), found.multiplier(), found.label(), found.score())
                        .usable(),
                Ranking.SAME,
                1);
        List<Representative> kept = ranked.subList(0, Math.min(ranked.size(), 2 * members));
        Score score = score(Ranking.matrix(kept, found.d()), kept.size());
        Map<String, Integer> matched = score.matched();
        System.out.printf(
                Locale.ROOT,
                "| %s | %d | %s | %s / %s / %s | %.2f | %.2f |%n",
                folder.getFileName(),
                seed,
                what,
                matched.get("0.75"),
                matched.get("0.9"),
                matched.get("0.95"),
                score.precision().getOrDefault("20", 0.0),
                score.nullMax());
    }

    private Score score(float[] matrix, int k) {
        int d = head.inputs();
        float[] x = points("members.safetensors");
        float[] controls = points("controls.safetensors");
        return Calibration.score(
                matrix, k, x, x.length / d, controls, controls.length / d, d, RecoverableBound.of(head.w(), d, x));
    }

    private float[] points(String name) {
        try (Safetensors tensors = Safetensors.open(folder.resolve(name))) {
            return HeadSpace.read(
                    tensors, "embeddings", Normaliser.read(folder.resolve("normaliser.safetensors")), head.inputs());
        }
    }
}
