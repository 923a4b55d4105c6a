package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The published search: {@link #TRIALS} {@link PaperTrials}s of {@link PaperTrials#STEPS} steps, each with {@link Hyperparameters#published}
 * of its own, nothing from our own methods. Trials run to their end: unit i of u does trials i, i + u, i + 2u and so
 * on, and a trial that diverges makes room for the next.
 *
 * <p>The whole search takes a day or more on one core, so the seconds of the settings cut it. They are turned into steps by a fixed speed
 * and never by a clock: the same settings give the same candidates, however often the work was interrupted. A caller with a clock of
 * its own goes on for as long as it likes and says stop.
 */
final class PaperPreset implements Preset {
    /** Of the whole search. */
    static final int TRIALS = 100;

    /** Float64 operations a second of one thread, and seconds a step for what is no matrix product: a modest core of today. */
    private static final double SPEED = 2e10;

    private static final double OVERHEAD = 1e-3;
    private static final int REPORT_EVERY = 50;
    /** Trials side by side: more gain nothing on a processor. */
    private static final int MOST_TOGETHER = 8;

    private static final String TALLY = "tally";
    private static final String TRIALS_NOW = "trials";
    private static final String WHOLE = "whole.";

    private final Head head;
    private final int members;
    private final AttackSettings settings;
    private final Device device;
    private final int units;
    private final int pieces;
    private final int stepsAPiece;
    private final int together;

    PaperPreset(Head head, int members, AttackSettings settings) {
        this.head = head;
        this.members = members;
        this.settings = settings;
        this.device = Torch.device(settings.device());
        double step = OVERHEAD + 10 * 2.0 * members * weights(head) / SPEED;
        double seconds = Math.max(1, settings.seconds());
        this.units = (int) Math.max(1, Math.min(Attack.MOST_UNITS, Math.ceil(seconds / step / PaperTrials.STEPS)));
        this.together = (int) Math.max(1, Math.min(MOST_TOGETHER, seconds / units / step / PaperTrials.STEPS));
        this.pieces = (int) Math.ceil(seconds / units / Attack.UNIT_SECONDS);
        this.stepsAPiece = (int) Math.max(1, seconds / units / pieces / step);
    }

    private static double weights(Head head) {
        return head.layers().stream()
                .mapToDouble(layer -> (double) layer.inputs() * layer.outputs())
                .sum();
    }

    @Override
    public Candidates differences() {
        return Candidates.none(head.inputs());
    }

    @Override
    public List<Attack.Phase> phases() {
        return List.of(new Attack.Phase("search", units, pieces));
    }

    /**
     * How far a unit has come.
     *
     * @param trial the first of those that run; {@link #TRIALS} or more when none is left
     * @param iterations steps summed over the unit's trials
     * @param whole trials that ran to their end
     * @param diverged trials that were given up
     */
    private record Tally(int trial, long iterations, int whole, int diverged) {
        Tensor tensor() {
            return Tensor.ofLongs(new long[] {trial, iterations, whole, diverged}, 4);
        }

        static Tally of(Map<String, Tensor> found) {
            long[] numbers = Candidates.required(found, TALLY).toLongs();
            return new Tally((int) numbers[0], numbers[1], (int) numbers[2], (int) numbers[3]);
        }
    }

    @Override
    public Attack.Found run(
            int phase,
            int index,
            List<Map<String, Tensor>> inputs,
            @Nullable Map<String, Tensor> before,
            BooleanSupplier stop,
            Progress progress) {
        Tally tally = before == null ? new Tally(index, 0, 0, 0) : Tally.of(before);
        Candidates whole = before == null ? Candidates.none(head.inputs()) : whole(before);
        Map<String, Tensor> state = before == null ? start(index) : before;
        int left = stepsAPiece;
        while (left > 0 && tally.trial < TRIALS && !stop.getAsBoolean()) {
            int[] numbers = Candidates.required(state, TRIALS_NOW).toInts();
            try (PaperTrials trials = trials(numbers, state)) {
                int done = run(trials, numbers, left, stop, progress);
                left -= done * numbers.length;
                int[] alive = trials.alive();
                boolean ended = trials.step() == PaperTrials.STEPS;
                if (ended) {
                    whole = Candidates.ranked(head.inputs(), List.of(whole, trials.candidates(numbers)));
                }
                boolean next = ended || alive.length == 0;
                tally = new Tally(
                        tally.trial + (next ? units * together : 0),
                        tally.iterations + (long) done * numbers.length,
                        tally.whole + (ended ? alive.length : 0),
                        tally.diverged + numbers.length - alive.length);
                state = next ? start(tally.trial) : numbered(trials.state(), numbers, alive);
            }
        }
        Map<String, Tensor> found = new HashMap<>(state);
        whole.tensors().forEach((name, tensor) -> found.put(WHOLE + name, tensor));
        found.put(TALLY, tally.tensor());
        return new Attack.Found(found, tally.trial >= TRIALS);
    }

    private int run(PaperTrials trials, int[] numbers, int most, BooleanSupplier stop, Progress progress) {
        int done = 0;
        int last = 1;
        int steps = Math.max(1, most / numbers.length);
        while (last > 0 && done < steps) {
            last = trials.run(Math.min(REPORT_EVERY, steps - done), stop);
            done += last;
            progress.at(
                    Math.min(stepsAPiece, stepsAPiece - most + (long) done * numbers.length),
                    stepsAPiece,
                    "trials %d to %d of %d, step %d of %d, residual %.3g"
                            .formatted(
                                    numbers[0] + 1,
                                    numbers[numbers.length - 1] + 1,
                                    TRIALS,
                                    trials.step(),
                                    PaperTrials.STEPS,
                                    Arrays.stream(trials.residual()).min().orElse(1)));
        }
        return done;
    }

    private PaperTrials trials(int[] numbers, Map<String, Tensor> state) {
        return new PaperTrials(
                head,
                settings.loss(),
                IntStream.of(numbers).mapToObj(trial -> setting(random(trial))).toList(),
                state,
                device);
    }

    private SplittableRandom random(int trial) {
        return new SplittableRandom(settings.seed() * 1_000_003 + trial);
    }

    private Hyperparameters setting(SplittableRandom random) {
        return Hyperparameters.published(random, settings.loss().free() ? 2 : head.outputs());
    }

    /** The trials {@code first}, {@code first + units} and so on, as many as run side by side; none beyond the last. */
    private Map<String, Tensor> start(int first) {
        int[] numbers = IntStream.range(0, together)
                .map(i -> first + i * units)
                .filter(trial -> trial < TRIALS)
                .toArray();
        List<SplittableRandom> randoms =
                IntStream.of(numbers).mapToObj(this::random).toList();
        List<Hyperparameters> drawn = randoms.stream().map(this::setting).toList();
        int[] all = IntStream.range(0, numbers.length).toArray();
        return numbered(PaperTrials.start(head, settings.loss(), members, drawn, randoms), numbers, all);
    }

    private static Map<String, Tensor> numbered(Map<String, Tensor> state, int[] numbers, int[] kept) {
        int[] left = IntStream.of(kept).map(i -> numbers[i]).toArray();
        Map<String, Tensor> numbered =
                new HashMap<>(left.length == numbers.length ? state : PaperTrials.only(state, kept));
        numbered.put(TRIALS_NOW, Tensor.ofInts(left, left.length));
        return numbered;
    }

    private static Candidates whole(Map<String, Tensor> found) {
        Map<String, Tensor> tensors = new HashMap<>();
        found.forEach((name, tensor) -> {
            if (name.startsWith(WHOLE)) {
                tensors.put(name.substring(WHOLE.length()), tensor);
            }
        });
        return Candidates.of(tensors);
    }

    /** The candidates of whole trials and, as far as they came, of those that were cut short. */
    @Override
    public Attack.Outcome finish(List<Map<String, Tensor>> found, Progress progress) {
        List<Candidates> parts = new ArrayList<>();
        long iterations = 0;
        int ended = 0;
        int diverged = 0;
        int cut = 0;
        for (int i = 0; i < found.size(); i++) {
            Map<String, Tensor> unit = found.get(i);
            Tally tally = Tally.of(unit);
            iterations += tally.iterations;
            ended += tally.whole;
            diverged += tally.diverged;
            parts.add(whole(unit));
            if (tally.trial < TRIALS) {
                int[] numbers = Candidates.required(unit, TRIALS_NOW).toInts();
                try (PaperTrials trials = trials(numbers, unit)) {
                    if (trials.step() > 0) {
                        parts.add(trials.candidates(numbers));
                        cut += numbers.length;
                    }
                }
            }
            progress.at(i + 1L, found.size(), "units put together");
        }
        long planned = (long) TRIALS * PaperTrials.STEPS;
        String text =
                "%d of the %d steps of the published search were done: of its %d trials %d ran to their end, %d were cut short and %d diverged."
                        .formatted(iterations, planned, TRIALS, ended, cut, diverged);
        return new Attack.Outcome(Candidates.ranked(head.inputs(), parts), iterations, planned, text);
    }

    @Override
    public List<String> notes() {
        return List.of();
    }
}
