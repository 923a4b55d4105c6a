package dev.palimpsest.reconstruct;

import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.CandidatesReady;
import dev.palimpsest.contracts.Message.ReconstructUnit;
import dev.palimpsest.contracts.Message.TargetReady;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.HeadActivation;
import dev.palimpsest.reconstruct.attack.Attack;
import dev.palimpsest.reconstruct.attack.Attack.Phase;
import dev.palimpsest.reconstruct.attack.AttackSettings;
import dev.palimpsest.reconstruct.attack.Candidates;
import dev.palimpsest.reconstruct.attack.Method;
import dev.palimpsest.reconstruct.attack.TrainingLoss;
import dev.palimpsest.stage.UnitContext;
import dev.palimpsest.stage.UnitHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The reconstruct stage. A target gives neuron differences at once, which inversion starts on, and the units of the attack's first
 * phase, which run side by side; a long one is a chain of pieces, each with its checkpoint. Whichever unit finds all others of its phase
 * done announces the next phase, or the last step; when several do, the receipts make that one effect.
 */
final class ReconstructHandler implements UnitHandler {
    private static final String FINISH = "finish";

    private final String device;
    private final PreparedAttacks prepared = new PreparedAttacks();

    ReconstructHandler(String device) {
        this.device = device;
    }

    @Override
    public Stage stage() {
        return Stage.RECONSTRUCT;
    }

    @Override
    public List<Message> run(Message message, UnitContext context) throws IOException {
        if (message instanceof TargetReady ready) {
            return begin(ready, target(context, ready.target()), context);
        }
        if (message instanceof ReconstructUnit unit) {
            Target target = target(context, unit.target());
            return unit.phase().equals(FINISH) ? finish(unit, target, context) : work(unit, target, context);
        }
        throw new PalimpsestException(
                ErrorCode.BAD_MESSAGE,
                "The reconstruct stage does not handle " + message.topic() + " " + message.unit());
    }

    private List<Message> begin(TargetReady ready, Target target, UnitContext context) {
        Attack attack = attack(ready.target(), target, context);
        Candidates differences = attack.differences();
        context.progress(
                "differences", 1, 1, "passes", differences.n() + " candidates from neuron differences", Map.of(), null);
        List<Message> messages = new ArrayList<>();
        if (differences.n() > 0) {
            ArtifactRef first = save(context, target.audit(), "differences", differences, Map.of());
            messages.add(new CandidatesReady(target.audit(), ready.target(), List.of(first), false));
        }
        messages.addAll(
                attack.phases().isEmpty()
                        ? List.of(new ReconstructUnit(target.audit(), ready.target(), FINISH, 0, 1, 0, List.of()))
                        : units(target, ready.target(), attack.phases().get(0), List.of()));
        return messages;
    }

    private static List<Message> units(Target target, ArtifactRef ref, Phase phase, List<ArtifactRef> inputs) {
        return IntStream.range(0, phase.units())
                .<Message>mapToObj(
                        i -> new ReconstructUnit(target.audit(), ref, phase.name(), i, phase.units(), 0, inputs))
                .toList();
    }

    private List<Message> work(ReconstructUnit unit, Target target, UnitContext context) {
        Attack attack = attack(unit.target(), target, context);
        int number = attack.phases().stream().map(Phase::name).toList().indexOf(unit.phase());
        if (number < 0) {
            throw new PalimpsestException(
                    ErrorCode.BAD_MESSAGE,
                    "Unit " + unit.unit() + ": this attack has no such phase, expected one of " + attack.phases());
        }
        Phase phase = attack.phases().get(number);
        // A later piece carries its checkpoint behind the inputs of the phase.
        int inputs = unit.inputs().size() - (unit.step() > 0 ? 1 : 0);
        List<Map<String, Tensor>> given =
                unit.inputs().stream().map(ref -> tensors(context, ref)).toList();
        String piece = unit.phase() + " " + (unit.index() + 1) + "/" + unit.of();
        Attack.Found found = attack.run(
                number,
                unit.index(),
                given.subList(0, inputs),
                unit.step() > 0 ? given.get(inputs) : null,
                context::cancelled,
                (done, total, text) -> context.progress(
                        piece, unit.step() * total + done, phase.pieces() * total, "steps", text, Map.of(), null));
        if (context.cancelled()) {
            return List.of();
        }
        boolean last = found.done() || unit.step() + 1 >= phase.pieces();
        String key = last ? key(unit, unit.index()) : key(unit, unit.index() + "-" + unit.step());
        ArtifactRef ref = new TensorArtifacts(context.store()).put(key, new TreeMap<>(found.tensors()), Map.of());
        if (!last) {
            List<ArtifactRef> next = new ArrayList<>(unit.inputs().subList(0, inputs));
            next.add(ref);
            return List.of(new ReconstructUnit(
                    target.audit(), unit.target(), unit.phase(), unit.index(), unit.of(), unit.step() + 1, next));
        }
        List<ArtifactRef> all = new ArrayList<>();
        for (int i = 0; i < unit.of(); i++) {
            context.store().stat(key(unit, i)).ifPresent(all::add);
        }
        if (all.size() < unit.of()) {
            return List.of();
        }
        return number + 1 < attack.phases().size()
                ? units(target, unit.target(), attack.phases().get(number + 1), all)
                : List.of(new ReconstructUnit(target.audit(), unit.target(), FINISH, 0, 1, 0, all));
    }

    private List<Message> finish(ReconstructUnit unit, Target target, UnitContext context) throws IOException {
        Attack attack = attack(unit.target(), target, context);
        List<Map<String, Tensor>> found =
                unit.inputs().stream().map(ref -> tensors(context, ref)).toList();
        Attack.Outcome outcome = attack.finish(
                found, (done, total, text) -> context.progress(FINISH, done, total, "units", text, Map.of(), null));
        Candidates candidates = outcome.candidates();
        ArtifactRef last = save(
                context,
                target.audit(),
                "candidates",
                candidates,
                Map.of(
                        "iterations",
                        Long.toString(outcome.iterations()),
                        "planned",
                        Long.toString(outcome.planned()),
                        "members",
                        Integer.toString(attack.members()),
                        "notes",
                        Json.mapper().writeValueAsString(attack.notes())));
        context.progress(
                "candidates",
                1,
                1,
                "passes",
                candidates.n() + " candidates in all. " + outcome.text(),
                Map.of("iterations", (double) outcome.iterations(), "planned", (double) outcome.planned()),
                null);
        Optional<ArtifactRef> first =
                context.store().stat(Keys.result(target.audit(), Stage.RECONSTRUCT, "differences.safetensors"));
        List<ArtifactRef> refs = first.map(f -> List.of(f, last)).orElse(List.of(last));
        return List.of(new CandidatesReady(target.audit(), unit.target(), refs, true));
    }

    private static Map<String, Tensor> tensors(UnitContext context, ArtifactRef ref) {
        Safetensors file = new TensorArtifacts(context.store()).get(ref);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        file.names().forEach(name -> tensors.put(name, file.tensor(name)));
        return tensors;
    }

    private Attack attack(ArtifactRef ref, Target target, UnitContext context) {
        return prepared.get(ref, () -> prepare(target, context));
    }

    private Attack prepare(Target target, UnitContext context) {
        Head stored = Head.read(
                new ByteArrayInputStream(context.store().get(target.head())),
                target.head().key());
        String activation = target.activation();
        Head head = activation == null ? stored : stored.with(HeadActivation.named(activation));
        AuditSpec.ReconstructSpec asked = target.reconstruct();
        return new Attack(
                head,
                new AttackSettings(
                        String.valueOf(asked.preset()),
                        asked.method() == null ? Method.AUTO : Method.named(asked.method()),
                        target.loss() == null ? TrainingLoss.MARGIN : TrainingLoss.named(target.loss()),
                        target.members(),
                        target.weightDecay(),
                        asked.seconds() == null ? 60 : asked.seconds(),
                        asked.seed() == null ? 0 : asked.seed(),
                        device,
                        target.defence()));
    }

    private static Target target(UnitContext context, ArtifactRef ref) throws IOException {
        return Json.mapper().readValue(context.store().get(ref), Target.class);
    }

    private static String key(ReconstructUnit unit, Object which) {
        return Keys.result(unit.audit(), Stage.RECONSTRUCT, unit.phase() + "-" + which + ".safetensors");
    }

    private static ArtifactRef save(
            UnitContext context, AuditId audit, String name, Candidates candidates, Map<String, String> metadata) {
        int n = candidates.n();
        Map<String, Tensor> tensors = new TreeMap<>();
        tensors.put("embeddings", Tensor.ofFloats(candidates.x(), n, candidates.d()));
        tensors.put("trials", Tensor.ofLongs(widen(candidates.trial()), n));
        tensors.put("multipliers", Tensor.ofDoubles(candidates.multiplier(), n));
        tensors.put("labels", Tensor.ofLongs(widen(candidates.label()), n));
        tensors.put("scores", Tensor.ofDoubles(candidates.score(), n));
        return new TensorArtifacts(context.store())
                .put(Keys.result(audit, Stage.RECONSTRUCT, name + ".safetensors"), tensors, metadata);
    }

    private static long[] widen(int[] values) {
        return Arrays.stream(values).asLongStream().toArray();
    }
}
