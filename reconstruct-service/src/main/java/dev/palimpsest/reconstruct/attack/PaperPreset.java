package dev.palimpsest.reconstruct.attack;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Torch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The published search: {@link #TRIALS} {@link PaperTrial}s of {@link PaperTrial#STEPS} steps, each with {@link Hyperparameters#published}
 * of its own, nothing from our own methods. Trials run to their end one after the other: unit i of u does trials i, i + u, i + 2u and so
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

    private static final String TALLY = "tally";
    private static final String WHOLE = "whole.";

    private final Head head;
    private final int members;
    private final AttackSettings settings;
    private final Device device;
    private final int units;
    private final int pieces;
    private final int stepsAPiece;

    PaperPreset(Head head, int members, AttackSettings settings) {
        this.head = head;
        this.members = members;
        this.settings = settings;
        this.device = Torch.device(settings.device());
        double step = OVERHEAD + 10 * 2.0 * members * head.inputs() * head.hidden() / SPEED;
        double seconds = Math.max(1, settings.seconds());
        this.units = (int) Math.max(1, Math.min(Attack.MOST_UNITS, Math.ceil(seconds / step / PaperTrial.STEPS)));
        this.pieces = (int) Math.ceil(seconds / units / Attack.UNIT_SECONDS);
        this.stepsAPiece = (int) Math.max(1, seconds / units / pieces / step);
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
     * @param trial the one that runs; {@link #TRIALS} or more when none is left
     * @param iterations steps over all of the unit's trials
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
            try (PaperTrial trial = new PaperTrial(head, setting(random(tally.trial)), state, device)) {
                int done = run(trial, tally.trial, left, stop, progress);
                left -= done;
                boolean ended = trial.step() == PaperTrial.STEPS && !trial.diverged();
                if (ended) {
                    whole = Candidates.ranked(head.inputs(), List.of(whole, trial.candidates(tally.trial)));
                }
                boolean next = ended || trial.diverged();
                tally = new Tally(
                        tally.trial + (next ? units : 0),
                        tally.iterations + done,
                        tally.whole + (ended ? 1 : 0),
                        tally.diverged + (trial.diverged() ? 1 : 0));
                state = next ? start(tally.trial) : trial.state();
            }
        }
        Map<String, Tensor> found = new HashMap<>(state);
        whole.tensors().forEach((name, tensor) -> found.put(WHOLE + name, tensor));
        found.put(TALLY, tally.tensor());
        return new Attack.Found(found, tally.trial >= TRIALS);
    }

    private int run(PaperTrial trial, int number, int most, BooleanSupplier stop, Progress progress) {
        int done = 0;
        int last = 1;
        while (last > 0 && done < most) {
            last = trial.run(Math.min(REPORT_EVERY, most - done), stop);
            done += last;
            progress.at(
                    stepsAPiece - most + done,
                    stepsAPiece,
                    "trial %d of %d, step %d of %d, residual %.3g"
                            .formatted(number + 1, TRIALS, trial.step(), PaperTrial.STEPS, trial.residual()));
        }
        return done;
    }

    private SplittableRandom random(int trial) {
        return new SplittableRandom(settings.seed() * 1_000_003 + trial);
    }

    private Hyperparameters setting(SplittableRandom random) {
        return Hyperparameters.published(random, head.outputs());
    }

    private Map<String, Tensor> start(int trial) {
        SplittableRandom random = random(trial);
        return PaperTrial.start(head, members, setting(random), random);
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
                try (PaperTrial trial = new PaperTrial(head, setting(random(tally.trial)), unit, device)) {
                    if (trial.step() > 0) {
                        parts.add(trial.candidates(tally.trial));
                        cut++;
                    }
                }
            }
            progress.at(i + 1L, found.size(), "units put together");
        }
        long planned = (long) TRIALS * PaperTrial.STEPS;
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
