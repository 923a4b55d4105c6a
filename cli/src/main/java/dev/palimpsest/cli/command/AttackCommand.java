package dev.palimpsest.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.models.Torch;
import dev.palimpsest.reconstruct.attack.ActivationMaximisation;
import dev.palimpsest.reconstruct.attack.Attack;
import dev.palimpsest.reconstruct.attack.AttackSettings;
import dev.palimpsest.reconstruct.attack.Estimate;
import dev.palimpsest.reconstruct.attack.Method;
import dev.palimpsest.reconstruct.attack.Progress;
import dev.palimpsest.reconstruct.attack.RandomHead;
import dev.palimpsest.reconstruct.attack.TrainingLoss;
import dev.palimpsest.select.cluster.Candidates;
import dev.palimpsest.select.cluster.Ranking;
import dev.palimpsest.select.cluster.Representative;
import dev.palimpsest.select.score.Calibration;
import dev.palimpsest.select.score.RecoverableBound;
import dev.palimpsest.select.score.Score;
import dev.palimpsest.select.score.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "attack",
        description = {
            "Attack one head, in this process.",
            "DIR holds head.safetensors, normaliser.safetensors (if it was released) and, to count what came back,"
                    + " members.safetensors and controls.safetensors with embeddings [n, d], raw."
        },
        footer = {"", "Example: palimpsest attack --case DIR --seconds 60 --threads 2 --out result"})
final class AttackCommand implements Callable<Integer> {
    private static final String ACTIVATION = "activation";
    private static final String RANDOM_HEAD = "random-head";
    private static final String PUBLIC = "public";

    @Option(names = "--case", required = true, paramLabel = "DIR", description = "the head's folder")
    Path folder;

    @Option(
            names = "--preset",
            defaultValue = "fast",
            description = "fast (ours) or paper (the published method, cut after --seconds); default: ${DEFAULT-VALUE}")
    String preset;

    @Option(
            names = "--method",
            defaultValue = "auto",
            paramLabel = "NAME",
            description = "of the preset fast: auto (what suits the head), pursuit, differences or optimise alone")
    String method;

    @Option(
            names = "--activation",
            paramLabel = "NAME",
            description =
                    "between the head's layers, which weights don't tell: relu, gelu or tanh; default: as the file says, else relu")
    @Nullable
    String activation;

    @Option(
            names = "--loss",
            defaultValue = "margin",
            paramLabel = "NAME",
            description = {
                "of the head's training: margin (logistic or cross entropy in the published form), cross-entropy (a multiplier",
                "for every class), mse, huber; default: ${DEFAULT-VALUE}"
            })
    String loss;

    @Option(
            names = "--seconds",
            defaultValue = "60",
            paramLabel = "S",
            description = "about how long; default: ${DEFAULT-VALUE}")
    int seconds;

    @Option(names = "--seed", defaultValue = "0", paramLabel = "K", description = "default: ${DEFAULT-VALUE}")
    long seed;

    @Option(
            names = "--members",
            paramLabel = "N",
            description = "how many samples trained the head; default: n of case.json, else estimated")
    int members;

    @Option(
            names = "--weight-decay",
            paramLabel = "WD",
            description = "of the head's training; default: training.wd of case.json, else estimated")
    double weightDecay;

    @Option(
            names = "--blind",
            description = "leave case.json unread: the attacker knows neither n nor the weight decay")
    boolean blind;

    @Option(
            names = "--baseline",
            paramLabel = "NAME",
            description = {
                "in place of the attack, what its result must be better than: activation (inputs that the head answers most surely),",
                "random-head (the optimiser on a head with random weights), public (the samples of --public as they are)"
            })
    @Nullable
    String baseline;

    @Option(names = "--public", paramLabel = "FILE", description = "raw embeddings [n, d] of samples that anyone has")
    @Nullable
    Path publicSamples;

    @Mixin
    ComputeOptions compute;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder to write into")
    Path out;

    @Override
    public Integer call() throws IOException {
        compute.open();
        Head head = HeadFolder.head(folder, activation);
        Normaliser normaliser = HeadFolder.normaliser(folder, head);
        AttackSettings settings = settings();
        Files.createDirectories(out);
        long started = System.nanoTime();
        Attack attack = attack(head, settings);
        List<String> notes = new ArrayList<>(attack.notes());
        if (normaliser == null) {
            notes.add(HeadFolder.NO_NORMALISER);
        }
        long end = started + seconds * 1_000_000_000L;
        Attack.Outcome outcome = switch (baseline == null ? "" : baseline) {
            case "", RANDOM_HEAD -> search(attack, () -> System.nanoTime() >= end);
            case ACTIVATION -> activation(head, attack.members());
            default -> publicSamples(head, normaliser);
        };
        Candidates found = candidates(outcome);
        notes.add(outcome.text());
        double spent = (System.nanoTime() - started) / 1e9;
        List<Representative> ranked = Ranking.rank(found.usable(), Ranking.SAME, compute.threads);
        List<Representative> kept = ranked.subList(0, Math.min(ranked.size(), 2 * attack.members()));
        float[] matrix = Ranking.matrix(kept, found.d());
        write("candidates.safetensors", found.x(), found.n(), found.d());
        write("representatives.safetensors", matrix, kept.size(), found.d());
        ObjectNode result = Json.mapper().createObjectNode();
        if (baseline != null) {
            result.put("baseline", baseline);
            notes.add("This is the baseline " + baseline + ", no attack.");
        }
        result.put("preset", settings.preset())
                .put("seed", settings.seed())
                .put("members", attack.members())
                .put("seconds", spent)
                .put("iterations", outcome.iterations())
                .put("iterationsPlanned", outcome.planned())
                .put("candidates", found.n())
                .put("representatives", kept.size());
        result.set("diagnosis", Json.mapper().valueToTree(attack.diagnosis()));
        ObjectNode estimates = Json.mapper().createObjectNode();
        estimate(estimates, "members", attack.estimatedMembers());
        estimate(estimates, "membersTimesWeightDecay", attack.estimatedDecay());
        result.set("estimates", estimates);
        Score score = score(head, normaliser, matrix, kept.size());
        if (score != null) {
            result.set("score", Json.mapper().valueToTree(score));
            result.set("verdict", Json.mapper().valueToTree(Verdict.of(score)));
            result.set("matched", Json.mapper().valueToTree(score.matched()));
            result.set("bound", Json.mapper().valueToTree(score.recoverable()));
            System.out.println(Verdict.of(score).sentence());
        } else {
            notes.add("No members were given: what came back cannot be counted.");
        }
        result.set("notes", Json.mapper().valueToTree(notes));
        notes.forEach(System.out::println);
        Files.writeString(out.resolve("result.json"), result.toPrettyString());
        System.out.println(out.resolve("result.json").toAbsolutePath());
        return 0;
    }

    private Attack attack(Head head, AttackSettings settings) {
        if (baseline == null) {
            return new Attack(head, settings);
        }
        if (!List.of(ACTIVATION, RANDOM_HEAD, PUBLIC).contains(baseline)
                || baseline.equals(PUBLIC) == (publicSamples == null)) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    "Found --baseline " + baseline + (publicSamples == null ? " without" : " with")
                            + " --public; expected activation, random-head, or public with --public FILE.");
        }
        Head attacked = baseline.equals(RANDOM_HEAD) ? RandomHead.like(head, seed) : head;
        return new Attack(
                attacked,
                new AttackSettings(
                        settings.preset(),
                        settings.method() == Method.AUTO ? Method.OPTIMISE : settings.method(),
                        settings.loss(),
                        settings.members(),
                        settings.weightDecay(),
                        settings.seconds(),
                        seed,
                        settings.device()));
    }

    private Attack.Outcome activation(Head head, int members) {
        return new Attack.Outcome(
                ActivationMaximisation.find(head, members, Torch.device(compute.device), seed),
                0,
                0,
                "Inputs that the head answers most surely.");
    }

    private Attack.Outcome publicSamples(Head head, @Nullable Normaliser normaliser) {
        float[] x = HeadFolder.points(Objects.requireNonNull(publicSamples), normaliser, head.inputs());
        int n = x.length / head.inputs();
        double[] one = new double[n];
        Arrays.fill(one, 1);
        return new Attack.Outcome(
                new dev.palimpsest.reconstruct.attack.Candidates(n, head.inputs(), x, new int[n], one, new int[n], one),
                0,
                0,
                n + " public samples.");
    }

    private static void estimate(ObjectNode estimates, String name, @Nullable Estimate estimate) {
        if (estimate != null) {
            estimates.set(name, Json.mapper().valueToTree(estimate));
        }
    }

    /** Phase after phase, the units of one side by side; those that come in pieces go on until they are done or the clock says stop. */
    private Attack.Outcome search(Attack attack, BooleanSupplier stop) {
        List<Map<String, Tensor>> found = List.of();
        long units = attack.phases().stream().mapToLong(Attack.Phase::units).sum();
        try (ProgressLine progress = new ProgressLine("attacking", units + 1, "units");
                SideBySide workers = new SideBySide(compute.threads)) {
            AtomicLong done = new AtomicLong();
            for (int phase = 0; phase < attack.phases().size(); phase++) {
                int now = phase;
                List<Map<String, Tensor>> inputs = found;
                found = workers.map(attack.phases().get(phase).units(), unit -> {
                    Progress told = (step, of, text) -> progress.at(done.get(), text);
                    Attack.Found piece = attack.run(now, unit, inputs, null, stop, told);
                    while (!piece.done() && !stop.getAsBoolean()) {
                        piece = attack.run(now, unit, inputs, piece.tensors(), stop, told);
                    }
                    progress.at(done.incrementAndGet(), "");
                    return piece.tensors();
                });
            }
            Attack.Outcome outcome = attack.finish(found, (step, of, text) -> progress.at(units, text));
            progress.at(units + 1, "");
            return outcome;
        }
    }

    private AttackSettings settings() throws IOException {
        int n = members;
        double wd = weightDecay;
        Path told = folder.resolve("case.json");
        if (!blind && Files.exists(told)) {
            JsonNode known = Json.mapper().readTree(told.toFile());
            n = n == 0 ? known.path("n").asInt(0) : n;
            wd = wd == 0 ? known.path("training").path("wd").asDouble(0) : wd;
        }
        return new AttackSettings(
                preset, Method.named(method), TrainingLoss.named(loss), n, wd, seconds, seed, compute.device);
    }

    private @Nullable Score score(Head head, @Nullable Normaliser normaliser, float[] matrix, int k) {
        Path members = folder.resolve("members.safetensors");
        if (!Files.exists(members)) {
            return null;
        }
        int d = head.inputs();
        float[] x = HeadFolder.points(members, normaliser, d);
        Path controlFile = folder.resolve("controls.safetensors");
        float[] controls = Files.exists(controlFile) ? HeadFolder.points(controlFile, normaliser, d) : null;
        double[] bounds = RecoverableBound.of(head.w(), d, x);
        return Calibration.score(
                matrix, k, x, x.length / d, controls, controls == null ? 0 : controls.length / d, d, bounds);
    }

    /** As the select stage reads them. */
    private static Candidates candidates(Attack.Outcome outcome) {
        var found = outcome.candidates();
        return new Candidates(
                found.n(), found.d(), found.x(), found.trial(), found.multiplier(), found.label(), found.score());
    }

    private void write(String name, float[] rows, int n, int d) {
        SafetensorsWriter.write(out.resolve(name), Map.of("embeddings", Tensor.ofFloats(rows, n, d)), Map.of());
    }
}
