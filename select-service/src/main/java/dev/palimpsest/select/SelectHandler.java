package dev.palimpsest.select;

import dev.palimpsest.artifacts.Cosine;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditId;
import dev.palimpsest.contracts.CloudEvent;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.CandidatesReady;
import dev.palimpsest.contracts.Message.SelectionReady;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Selection.Inversion;
import dev.palimpsest.contracts.Selection.UpperBound;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.HeadActivation;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.select.cluster.Candidates;
import dev.palimpsest.select.cluster.Ranking;
import dev.palimpsest.select.cluster.Representative;
import dev.palimpsest.stage.UnitContext;
import dev.palimpsest.stage.UnitHandler;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The select stage. The first candidates choose a quarter of the pictures, so that inversion starts early; the last ones fill up with
 * representatives that are not close to what was chosen already. Nothing up to there looks at a member.
 */
final class SelectHandler implements UnitHandler {
    private final int threads;

    SelectHandler(int threads) {
        this.threads = threads;
    }

    @Override
    public Stage stage() {
        return Stage.SELECT;
    }

    /** Ranked representatives of one candidates artifact, as they are stored, and all that they were chosen from. */
    private record Ranked(List<Representative> list, ArtifactRef ref, Candidates candidates, List<String> notes) {}

    @Override
    public List<Message> run(Message message, UnitContext context) throws IOException {
        if (!(message instanceof CandidatesReady ready)) {
            throw unexpected(message);
        }
        Target target = Json.mapper().readValue(context.store().get(ready.target()), Target.class);
        ArtifactRef newest = ready.candidates().get(ready.candidates().size() - 1);
        Ranked ranked = rank(newest, target, context, ready.last() ? "last" : "first");
        int pictures = orElse(target.invert().top(), 8);
        List<Inversion> inversions = new ArrayList<>();
        List<float[]> chosen = new ArrayList<>();
        if (ready.last() && ready.candidates().size() > 1) {
            Ranked first = rank(ready.candidates().get(0), target, context, "first");
            choose(first, early(pictures), inversions, chosen);
        }
        int before = inversions.size();
        choose(ranked, ready.last() ? pictures : early(pictures), inversions, chosen);
        Optional<Owned> owned = Owned.load(
                context.store(),
                target.audit(),
                normaliser(context, target),
                ranked.candidates().d());
        List<UpperBound> bounds = ready.last() && owned.isPresent()
                ? UpperBounds.of(owned.get(), target, inversions, chosen, context.store())
                : List.of();
        ArtifactRef selection = describe(ready, target, ranked, inversions, owned, bounds, context);
        InvertUnits units = new InvertUnits();
        inversions
                .subList(before, inversions.size())
                .forEach(inversion -> units.add(inversion.embeddings(), inversion.item(), inversion.index()));
        bounds.forEach(bound -> units.add(bound.embeddings(), bound.item(), bound.index()));
        List<Message> messages = new ArrayList<>();
        messages.add(new SelectionReady(target.audit(), selection, ready.last()));
        messages.addAll(units.messages(
                target.audit(), ready.target(), orElse(target.invert().batch(), 1)));
        context.progress(
                ready.last() ? "all candidates" : "first candidates",
                1,
                1,
                "passes",
                ranked.list().size() + " representatives, " + inversions.size() + " chosen for pictures",
                Map.of(),
                null);
        return messages;
    }

    private Ranked rank(ArtifactRef ref, Target target, UnitContext context, String name) throws IOException {
        Safetensors file = new TensorArtifacts(context.store()).get(ref);
        Tensor x = file.tensor("embeddings");
        int n = Math.toIntExact(x.shape()[0]);
        int d = Math.toIntExact(x.shape()[1]);
        Candidates candidates = new Candidates(
                        n,
                        d,
                        x.toFloats(),
                        file.tensor("trials").toInts(),
                        file.tensor("multipliers").toDoubles(),
                        file.tensor("labels").toInts(),
                        file.tensor("scores").toDoubles())
                .usable();
        List<Representative> all =
                Ranking.rank(candidates, orElse(target.select().threshold(), Ranking.SAME), threads);
        int most = orElse(target.select().top(), 0);
        String estimate = file.metadata().get("members");
        int members = target.members() > 0 ? target.members() : estimate == null ? 100 : Integer.parseInt(estimate);
        List<Representative> kept = all.subList(0, Math.min(all.size(), most == 0 ? 2 * members : most));
        ArtifactRef matrix = new TensorArtifacts(context.store())
                .put(
                        Keys.result(target.audit(), Stage.SELECT, "representatives-" + name + ".safetensors"),
                        Map.of("embeddings", Tensor.ofFloats(Ranking.matrix(kept, d), kept.size(), d)),
                        Map.of());
        String told = file.metadata().getOrDefault("notes", "[]");
        return new Ranked(kept, matrix, candidates, List.of(Json.mapper().readValue(told, String[].class)));
    }

    private static int early(int pictures) {
        return (pictures + 3) / 4;
    }

    /** Adds the best that are not near one already chosen, until there are {@code wanted}. */
    private static void choose(Ranked ranked, int wanted, List<Inversion> inversions, List<float[]> chosen) {
        for (int i = 0; i < ranked.list().size() && inversions.size() < wanted; i++) {
            float[] x = ranked.list().get(i).x();
            if (chosen.stream().noneMatch(other -> Cosine.of(x, other) > 0.8)) {
                inversions.add(new Inversion(String.format("picture-%02d", inversions.size() + 1), ranked.ref(), i));
                chosen.add(x);
            }
        }
    }

    private ArtifactRef describe(
            CandidatesReady ready,
            Target target,
            Ranked ranked,
            List<Inversion> inversions,
            Optional<Owned> owned,
            List<UpperBound> bounds,
            UnitContext context)
            throws IOException {
        AuditId audit = target.audit();
        List<String> notes = new ArrayList<>(ranked.notes());
        if (ready.last() && ranked.list().isEmpty()) {
            notes.add("The attack has no usable candidate: no picture is made.");
        }
        Selection.@Nullable Verdict verdict = null;
        List<Selection.Representative> ranking = new ArrayList<>();
        if (owned.isPresent()) {
            Head stored = Head.read(
                    new ByteArrayInputStream(context.store().get(target.head())),
                    target.head().key());
            String activation = target.activation();
            Head head = activation == null ? stored : stored.with(HeadActivation.named(activation));
            Owned.Comparison comparison = owned.get().compare(ranked.list(), ranked.candidates(), head);
            verdict = comparison.verdict();
            ranking.addAll(comparison.ranking());
            notes.addAll(comparison.notes());
        } else {
            notes.add("No members were supplied: what was recovered cannot be counted.");
            for (Representative representative : ranked.list()) {
                ranking.add(new Selection.Representative(
                        representative.candidates(), representative.score(), representative.label(), null, null));
            }
        }
        Selection selection = new Selection(
                CloudEvent.SCHEMA_VERSION,
                audit,
                ready.last(),
                ranked.ref(),
                ranking,
                inversions,
                verdict,
                notes,
                bounds.isEmpty() ? null : bounds);
        return context.store()
                .put(
                        Keys.result(audit, Stage.SELECT, "selection-" + (ready.last() ? "last" : "first") + ".json"),
                        Json.mapper().writeValueAsBytes(selection),
                        "application/json");
    }

    private static @Nullable Normaliser normaliser(UnitContext context, Target target) {
        ArtifactRef ref = target.normaliser();
        return ref == null
                ? null
                : Normaliser.read(new ByteArrayInputStream(context.store().get(ref)), ref.key());
    }

    private static <T> T orElse(@Nullable T value, T otherwise) {
        return value == null ? otherwise : value;
    }
}
