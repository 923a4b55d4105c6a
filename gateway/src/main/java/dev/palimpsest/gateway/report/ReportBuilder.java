package dev.palimpsest.gateway.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.DefenceAdvice;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.gateway.measure.Measures;
import dev.palimpsest.gateway.report.Report.Fact;
import dev.palimpsest.gateway.view.AuditSnapshot;
import dev.palimpsest.gateway.view.AuditView;
import dev.palimpsest.gateway.view.AuditView.VerdictView;
import dev.palimpsest.gateway.view.CurveView;
import dev.palimpsest.gateway.view.Documents;
import dev.palimpsest.gateway.view.Gallery;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Gathers what the report says. */
public final class ReportBuilder {
    private static final int SCHEMA_VERSION = 1;
    /** 97.5 % of the standard normal distribution. */
    private static final double Z = 1.959963984540054;

    private final Documents documents;
    private final Clock clock;
    private final String version;
    private final JsonMapper yaml = JsonMapper.builder(YAMLFactory.builder()
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .build())
            .build();

    /**
     * A builder.
     *
     * @param version of Palimpsest, for the provenance
     */
    public ReportBuilder(Documents documents, Clock clock, String version) {
        this.documents = documents;
        this.clock = clock;
        this.version = version;
    }

    /**
     * The report as it can be written now; a running audit has less to say.
     *
     * @param curves of the audit's figures
     * @param advice what defences did to its head; null when that was not measured
     * @param measuring gives a picture's measures, or null
     * @throws PalimpsestException when the request or the target cannot be read from the store
     */
    public Report build(
            AuditSnapshot snapshot,
            List<CurveView> curves,
            @Nullable DefenceAdvice advice,
            Function<Gallery.Entry, @Nullable Measures> measuring) {
        AuditRequest request =
                snapshot.request() == null ? null : documents.read(snapshot.request(), AuditRequest.class);
        Target target = snapshot.target() == null ? null : documents.read(snapshot.target(), Target.class);
        Selection selection = newest(snapshot);
        VerdictView verdict = snapshot.view().verdict();
        List<Report.Entry> gallery = gallery(snapshot, target, verdict, measuring);
        String backbone = request == null ? "" : request.spec().backbone();
        return new Report(
                SCHEMA_VERSION,
                snapshot.view().id(),
                snapshot.view().name(),
                snapshot.view().state().id(),
                clock.instant(),
                Wording.headline(snapshot.view(), verdict),
                verdict,
                counts(verdict),
                gallery,
                Wording.gallery(snapshot.view(), verdict, gallery, backbone),
                Members.of(
                        selection, verdict == null ? null : verdict.nullMaximum(), label -> className(label, target)),
                PlotData.of(selection, curves),
                Wording.notes(target, selection),
                snapshot.view().failures(),
                Wording.knowledge(target),
                Wording.limits(backbone),
                Wording.checks(snapshot, verdict, gallery),
                provenance(snapshot, request, target, selection),
                request == null ? "" : yaml(request.spec()),
                advice,
                Wording.defences(snapshot.view(), request, advice));
    }

    /** The numbers behind the plots alone. */
    public static Report.Plots plots(AuditSnapshot snapshot, List<CurveView> curves) {
        return PlotData.of(newest(snapshot), curves);
    }

    private static @Nullable Selection newest(AuditSnapshot snapshot) {
        return snapshot.selections().isEmpty() ? null : snapshot.selections().get(0);
    }

    private static List<Report.Count> counts(@Nullable VerdictView verdict) {
        List<Report.Count> counts = new ArrayList<>();
        if (verdict != null) {
            new TreeMap<>(verdict.matched())
                    .forEach((cosine, matched) -> counts.add(new Report.Count(
                            cosine,
                            matched,
                            verdict.recoverable().getOrDefault(cosine, 0),
                            verdict.members(),
                            verdict.matchedControls().getOrDefault(cosine, 0),
                            wilson(matched, verdict.members(), -1),
                            wilson(matched, verdict.members(), 1))));
        }
        return counts;
    }

    /** An end of the 95 % interval of {@code k} of {@code n} by E. Wilson (1927): {@code sign} -1 for the lower, 1 for the upper. */
    static double wilson(int k, int n, int sign) {
        if (n == 0) {
            return sign < 0 ? 0 : 1;
        }
        double z2 = Z * Z / n;
        double p = k / (double) n;
        double end = (p + z2 / 2 + sign * Z * Math.sqrt(p * (1 - p) / n + z2 / (4 * n))) / (1 + z2);
        return Math.max(0, Math.min(1, end));
    }

    private static List<Report.Entry> gallery(
            AuditSnapshot snapshot,
            @Nullable Target target,
            @Nullable VerdictView verdict,
            Function<Gallery.Entry, @Nullable Measures> measuring) {
        return Gallery.of(snapshot.selections(), snapshot.pictures()).stream()
                .map(entry -> entry(entry, target, verdict, measuring.apply(entry)))
                .toList();
    }

    private static Report.Entry entry(
            Gallery.Entry entry, @Nullable Target target, @Nullable VerdictView verdict, @Nullable Measures measures) {
        Selection.Representative representative = entry.representative();
        Selection.Neighbour nearest = representative == null ? null : representative.nearest();
        return new Report.Entry(
                entry.item(),
                entry.rank(),
                entry.early() ? true : null,
                nearest == null ? null : nearest.file(),
                nearest == null ? null : nearest.cosine(),
                entry.picture().cosine(),
                entry.picture().steps(),
                label(representative, target),
                representative == null ? 0 : representative.support(),
                nearest != null && verdict != null && nearest.cosine() > verdict.nullMaximum(),
                entry.picture().picture(),
                nearest == null ? null : nearest.image(),
                entry.upperBound() == null ? null : entry.upperBound().picture(),
                measures);
    }

    private static String label(Selection.@Nullable Representative representative, @Nullable Target target) {
        if (representative == null || target == null) {
            return "";
        }
        return className(representative.label(), target);
    }

    private static String className(int label, @Nullable Target target) {
        return target != null && label >= 0 && label < target.classes().size()
                ? target.classes().get(label)
                : "class " + label;
    }

    private List<Fact> provenance(
            AuditSnapshot snapshot,
            @Nullable AuditRequest request,
            @Nullable Target target,
            @Nullable Selection selection) {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("audit", snapshot.view().id()));
        if (request != null) {
            facts.add(new Fact("accepted", request.accepted().toString()));
            facts.add(new Fact(
                    "seeds",
                    (request.spec().target().train() == null
                                    ? ""
                                    : "training "
                                            + request.spec().target().train().seed() + ", ")
                            + "attack " + request.spec().reconstruct().seed() + ", pictures "
                            + request.spec().invert().seed()));
            new TreeMap<>(request.backbone()).forEach((name, ref) -> facts.add(digest("backbone " + name, ref)));
            if (request.imagesInAll() > 0) {
                facts.add(new Fact("images", String.valueOf(request.imagesInAll())));
            }
            reused(snapshot.view()).ifPresent(facts::add);
        }
        if (target != null) {
            facts.add(digest("head", target.head()));
            if (target.normaliser() != null) {
                facts.add(digest("normaliser", target.normaliser()));
            }
            new TreeMap<>(target.facts()).forEach((name, value) -> facts.add(new Fact(name, Numbers.plain(value))));
        }
        if (selection != null) {
            facts.add(digest("representatives", selection.representatives()));
        }
        facts.add(new Fact("Palimpsest", version));
        facts.add(new Fact("Java", Runtime.version().toString()));
        facts.add(new Fact(
                "gateway's machine",
                System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                        + Runtime.getRuntime().availableProcessors() + " processors"));
        facts.add(new Fact("command", "palimpsest submit audit.yaml, with the spec below as audit.yaml"));
        return facts;
    }

    /** The embed stage says how many embeddings it did not make itself. */
    private static Optional<Fact> reused(AuditView view) {
        return view.stages().stream()
                .filter(stage -> stage.stage() == Stage.EMBED)
                .flatMap(stage -> stage.pieces().stream())
                .map(piece -> piece.figures().get("reused"))
                .filter(Objects::nonNull)
                .map(reused -> new Fact(
                        "embeddings",
                        Numbers.plain(reused) + " taken from an earlier audit of the same samples and backbone"))
                .findFirst();
    }

    private static Fact digest(String name, ArtifactRef ref) {
        return new Fact(name, "sha256:" + ref.sha256() + " (" + Numbers.size(ref.bytes()) + ")");
    }

    private String yaml(AuditSpec spec) {
        try {
            return yaml.writeValueAsString(spec);
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot write the spec as YAML", e);
        }
    }
}
