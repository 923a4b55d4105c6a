package dev.palimpsest.gateway.compare;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.gateway.gallery.Tile;
import dev.palimpsest.gateway.gallery.Tiles;
import dev.palimpsest.gateway.view.AuditSnapshot;
import dev.palimpsest.gateway.view.AuditView.VerdictView;
import dev.palimpsest.gateway.view.Documents;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Puts audits side by side. */
public final class Comparer {
    private static final int SCHEMA_VERSION = 1;
    private static final int MOST_ROWS = 200;

    private final Documents documents;

    public Comparer(Documents documents) {
        this.documents = documents;
    }

    /** @param audits at least two; the first is what the others are compared with */
    public Comparison compare(List<AuditSnapshot> audits) {
        return new Comparison(
                SCHEMA_VERSION,
                audits.stream().map(this::side).toList(),
                spec(audits),
                measures(audits.stream().map(audit -> audit.view().verdict()).collect(Collectors.toList())),
                gallery(audits));
    }

    private Comparison.Side side(AuditSnapshot audit) {
        VerdictView verdict = audit.view().verdict();
        AuditSpec.TrainSpec train = audit.request() == null
                ? null
                : documents
                        .read(audit.request(), AuditRequest.class)
                        .spec()
                        .target()
                        .train();
        return new Comparison.Side(
                audit.view().id(),
                audit.view().name(),
                audit.view().state(),
                verdict == null ? null : verdict.grade(),
                last(audit.view().backbone()),
                train == null ? null : last(train.dataset()),
                cosines(audit));
    }

    /** Of a path. */
    private static String last(String path) {
        return path.replaceAll("^.*/(?=[^/]+$)", "");
    }

    private static List<Double> cosines(AuditSnapshot audit) {
        Selection.Verdict verdict =
                audit.selections().isEmpty() ? null : audit.selections().get(0).verdict();
        return verdict == null
                ? List.of()
                : verdict.memberCosines().stream()
                        .sorted(Comparator.reverseOrder())
                        .toList();
    }

    private List<Comparison.SpecLine> spec(List<AuditSnapshot> audits) {
        List<Map<String, String>> all = audits.stream().map(this::facts).toList();
        Set<String> paths = new TreeSet<>();
        all.forEach(facts -> paths.addAll(facts.keySet()));
        List<Comparison.SpecLine> lines = new ArrayList<>();
        for (String path : paths) {
            List<@Nullable String> values =
                    all.stream().map(facts -> facts.get(path)).collect(Collectors.toList());
            if (Set.copyOf(values.stream().map(String::valueOf).toList()).size() > 1) {
                lines.add(new Comparison.SpecLine(path, Collections.unmodifiableList(values)));
            }
        }
        return lines;
    }

    /** The spec's keys with their values, and the digests of the head and of the backbone's files. */
    private Map<String, String> facts(AuditSnapshot audit) {
        Map<String, String> facts = new TreeMap<>();
        if (audit.request() != null) {
            AuditRequest request = documents.read(audit.request(), AuditRequest.class);
            flatten("", Json.mapper().valueToTree(request.spec()), facts);
            request.backbone().forEach((file, ref) -> facts.put("backbone/" + file, digest(ref)));
        }
        if (audit.target() != null) {
            facts.put(
                    "target/head",
                    digest(documents.read(audit.target(), Target.class).head()));
        }
        return facts;
    }

    private static void flatten(String path, JsonNode node, Map<String, String> facts) {
        if (node.isObject()) {
            node.properties()
                    .forEach(entry -> flatten(
                            path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(), entry.getValue(), facts));
        } else if (!node.isNull()) {
            facts.put(path, node.isTextual() ? node.asText() : node.toString());
        }
    }

    private static String digest(ArtifactRef ref) {
        return "sha256:" + ref.sha256();
    }

    private static List<Comparison.Measure> measures(List<@Nullable VerdictView> verdicts) {
        List<Comparison.Measure> measures = new ArrayList<>();
        Set<String> cosines = new TreeSet<>();
        verdicts.stream()
                .filter(Objects::nonNull)
                .forEach(verdict -> cosines.addAll(verdict.matched().keySet()));
        for (String cosine : cosines) {
            measures.add(share(
                    "recovered above cosine " + cosine,
                    verdicts,
                    verdict -> verdict.matched().get(cosine)));
            measures.add(share(
                    "recoverable above cosine " + cosine,
                    verdicts,
                    verdict -> verdict.recoverable().get(cosine)));
        }
        measures.add(measure(
                "area under the ROC curve, members against controls",
                verdicts,
                verdict -> verdict.comparesControls() ? verdict.auc() : null,
                (one, base) -> Difference.ofAreas(
                        one.auc(), one.members(), one.controls(), base.auc(), base.members(), base.controls())));
        measures.add(measure(
                "true positives at 1 % false positives",
                verdicts,
                verdict -> verdict.comparesControls() ? verdict.tprAtFpr1() : null,
                (one, base) -> Difference.ofShares(
                        one.tprAtFpr1() * one.members(),
                        one.members(),
                        base.tprAtFpr1() * base.members(),
                        base.members())));
        return measures;
    }

    /** A share of the members. */
    private static Comparison.Measure share(
            String name, List<@Nullable VerdictView> verdicts, Function<VerdictView, @Nullable Integer> count) {
        return measure(
                name,
                verdicts,
                verdict -> {
                    Integer k = count.apply(verdict);
                    return k == null || verdict.members() == 0 ? null : k / (double) verdict.members();
                },
                (one, base) -> Difference.ofShares(
                        Objects.requireNonNull(count.apply(one)),
                        one.members(),
                        Objects.requireNonNull(count.apply(base)),
                        base.members()));
    }

    private static Comparison.Measure measure(
            String name,
            List<@Nullable VerdictView> verdicts,
            Function<VerdictView, @Nullable Double> value,
            BiFunction<VerdictView, VerdictView, Difference> difference) {
        List<@Nullable Double> values = new ArrayList<>();
        List<@Nullable Difference> differences = new ArrayList<>();
        VerdictView base = verdicts.get(0);
        for (int i = 0; i < verdicts.size(); i++) {
            VerdictView verdict = verdicts.get(i);
            Double found = verdict == null ? null : value.apply(verdict);
            values.add(found);
            boolean both = i > 0 && found != null && verdict != null && base != null && value.apply(base) != null;
            differences.add(both ? difference.apply(verdict, base) : null);
        }
        return new Comparison.Measure(
                name, Collections.unmodifiableList(values), Collections.unmodifiableList(differences));
    }

    private List<Comparison.Row> gallery(List<AuditSnapshot> audits) {
        Map<String, List<@Nullable Tile>> rows = new LinkedHashMap<>();
        for (int i = 0; i < audits.size(); i++) {
            Tiles tiles = Tiles.of(audits.get(i), documents);
            for (Tile tile : tiles.list(Tiles.Order.COSINE)) {
                String name = tile.nearest() == null
                        ? "rank " + tile.rank()
                        : tile.nearest().file();
                List<@Nullable Tile> row = rows.computeIfAbsent(
                        name, first -> new ArrayList<>(Collections.nCopies(audits.size(), (Tile) null)));
                // The closest comes first; a picture says more than none.
                if (row.get(i) == null || row.get(i).picture() == null && tile.picture() != null) {
                    row.set(i, tile);
                }
            }
        }
        return rows.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.comparingDouble((List<@Nullable Tile> row) -> best(row))
                        .reversed()))
                .limit(MOST_ROWS)
                .map(row -> new Comparison.Row(row.getKey(), Collections.unmodifiableList(row.getValue())))
                .toList();
    }

    private static double best(List<@Nullable Tile> row) {
        return row.stream()
                .mapToDouble(tile -> tile == null
                        ? -2
                        : tile.nearest() == null ? -tile.rank() : tile.nearest().cosine())
                .max()
                .orElse(-2);
    }
}
