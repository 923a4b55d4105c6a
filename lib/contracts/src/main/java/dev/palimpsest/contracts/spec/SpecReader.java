package dev.palimpsest.contracts.spec;

import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.AuditSpec.BudgetSpec;
import dev.palimpsest.contracts.AuditSpec.InvertSpec;
import dev.palimpsest.contracts.AuditSpec.KnowledgeSpec;
import dev.palimpsest.contracts.AuditSpec.ReconstructSpec;
import dev.palimpsest.contracts.AuditSpec.SelectSpec;
import dev.palimpsest.contracts.AuditSpec.TargetSpec;
import dev.palimpsest.contracts.AuditSpec.TrainSpec;
import dev.palimpsest.contracts.DatasetName;
import dev.palimpsest.contracts.DefenceSpec;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Protocol;
import dev.palimpsest.contracts.TextBackbone;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;

/** Reads a spec from YAML or JSON (which is YAML) and reports every problem at once. */
public final class SpecReader {
    private static final int LONGEST_SPEC = 1 << 20;
    private static final int LARGEST_SIZE = 2048;
    private static final List<String> RELEASED_ONLY = List.of("samples", "weightDecay", "activation", "loss");
    private static final List<String> ACTIVATIONS = List.of("relu", "gelu", "tanh");

    private final List<Problem> problems = new ArrayList<>();

    private SpecReader() {}

    /**
     * Reads a spec; values left out get their defaults.
     *
     * @param text YAML or JSON
     * @param origin the file's name, for messages
     * @throws PalimpsestException BAD_SPEC; its message lists all problems, one a line
     */
    public static AuditSpec read(String text, String origin) {
        SpecReader reader = new SpecReader();
        AuditSpec spec = reader.parse(text);
        if (spec == null || !reader.problems.isEmpty()) {
            throw new SpecProblems(origin, reader.problems).toException();
        }
        return spec;
    }

    /** All problems of a spec in the order of the file; empty for one that {@link #read} accepts. */
    public static List<Problem> lint(String text) {
        SpecReader reader = new SpecReader();
        reader.parse(text);
        return new SpecProblems("spec", reader.problems).problems();
    }

    private @Nullable AuditSpec parse(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(LONGEST_SPEC);
        options.setMaxAliasesForCollections(10);
        options.setNestingDepthLimit(20);
        try {
            Node root = new Yaml(options).compose(new StringReader(text));
            if (root instanceof MappingNode mapping) {
                return spec(new Section("", mapping, problems));
            }
            problems.add(new Problem(0, "", "expected keys with values such as apiVersion: " + AuditSpec.API_VERSION));
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            problems.add(new Problem(line, "", "not YAML: " + e.getProblem()));
        } catch (YAMLException e) {
            problems.add(new Problem(0, "", "not YAML: " + e.getMessage()));
        }
        return null;
    }

    private AuditSpec spec(Section top) {
        String version = top.requiredText("apiVersion", AuditSpec.API_VERSION);
        if (version != null && !version.equals(AuditSpec.API_VERSION)) {
            top.report("apiVersion", "this build reads " + AuditSpec.API_VERSION + ", found '" + version + "'");
        }
        String name = top.requiredText("name", "a name for people");
        top.requiredText(
                "backbone",
                "a folder with config.json and model.safetensors, a name of 'palimpsest backbone list', or "
                        + TextBackbone.NAME);
        String backbone = top.path("backbone");
        if (!top.has("target")) {
            top.report("target", "is missing; expected one of target.head and target.train");
        }
        Section target = top.section("target");
        Section knowledge = top.section("knowledge");
        TargetSpec targetSpec = target == null ? new TargetSpec(null, null, null) : target(target, knowledge);
        AuditSpec spec = new AuditSpec(
                AuditSpec.API_VERSION,
                Objects.requireNonNullElse(name, ""),
                Objects.requireNonNullElse(backbone, ""),
                targetSpec,
                knowledge == null ? null : knowledge(knowledge),
                reconstruct(top.section("reconstruct")),
                select(top.section("select")),
                invert(top.section("invert")),
                budget(top.section("budget")));
        top.finish();
        return spec;
    }

    private static TargetSpec target(Section target, @Nullable Section knowledge) {
        Section train = target.section("train");
        String head = target.path("head");
        String normaliser = target.path("normaliser");
        if (target.has("head") == target.has("train")) {
            target.report(
                    target.has("head") ? "train" : "head",
                    target.has("head")
                            ? "head and train are both given; keep head to attack a released one, train to study your own"
                            : "is missing; expected exactly one of head (attack a released head) and train (a study)");
        } else if (train != null && normaliser != null) {
            target.report("normaliser", "belongs to a released head; a trained one gets its own");
        } else if (train != null && RELEASED_ONLY.stream().anyMatch(target::has)) {
            RELEASED_ONLY.stream()
                    .filter(target::has)
                    .forEach(key -> target.report(
                            key, "is about a released head; a trained one has its own below target.train"));
        } else if (train != null && knowledge != null) {
            knowledge.report(
                    "members", "knowledge belongs to a released head; a study knows its members from the dataset");
        }
        TrainSpec trainSpec = train == null ? null : train(train);
        TargetSpec spec = new TargetSpec(
                head,
                normaliser,
                trainSpec,
                target.count("samples", 1, 1_000_000),
                target.decimal("weightDecay", 0, 10, false),
                target.oneOf("activation", ACTIVATIONS),
                target.oneOf("loss", List.of("margin", "cross-entropy", "mse", "huber")));
        target.finish();
        return spec;
    }

    private static TrainSpec train(Section train) {
        train.requiredText("dataset", "a folder with one sub-folder of images a class, or LAYOUT:PATH");
        String preset = train.oneOf("preset", Protocol.names());
        Protocol protocol = preset == null ? null : Protocol.named(preset).orElseThrow();
        DatasetName dataset = train.dataset("dataset");
        if (protocol != null && dataset != null) {
            if (dataset.layout() != null && dataset.layout() != protocol.layout()) {
                train.report(
                        "preset",
                        preset + " is about " + protocol.layout().id() + ", but the dataset is named as "
                                + dataset.layout().id());
            }
            dataset = new DatasetName(protocol.layout(), dataset.path());
        }
        List<String> classes = train.texts("classes");
        Integer perClass = train.count("perClass", 0, 1_000_000);
        Integer heldOut = train.count("heldOutPerClass", 0, 1_000_000);
        Long subsetSeed = train.whole("subsetSeed", Long.MIN_VALUE, Long.MAX_VALUE);
        if (protocol != null) {
            classes = classes.isEmpty() ? protocol.classes() : classes;
            perClass = perClass == null ? Integer.valueOf(protocol.perClass()) : perClass;
            heldOut = heldOut == null ? perClass : heldOut;
            subsetSeed = subsetSeed == null ? Long.valueOf(0) : subsetSeed;
        }
        TrainSpec spec = new TrainSpec(
                dataset == null ? "" : dataset.toString(),
                train.path("split"),
                classes,
                perClass,
                train.count("size", 0, LARGEST_SIZE),
                train.count("hidden", 1, 20_000),
                train.decimal("learningRate", 0, 100, true),
                train.decimal("weightDecay", 0, 10, false),
                train.count("epochs", 1, 1_000_000),
                train.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE),
                preset,
                heldOut,
                subsetSeed,
                train.count("depth", 0, 8),
                train.oneOf("activation", ACTIVATIONS),
                train.oneOf("loss", List.of("cross-entropy", "mse", "huber")),
                train.oneOf("biases", List.of("hidden", "all", "none")),
                defence(train.section("defence")));
        train.finish();
        return spec;
    }

    private static @Nullable DefenceSpec defence(@Nullable Section section) {
        if (section == null) {
            return null;
        }
        DefenceSpec spec = new DefenceSpec(
                section.decimal("dropout", 0, 1, true),
                section.decimal("labelSmoothing", 0, 1, true),
                section.count("batch", 1, 1_000_000),
                section.oneOf("optimiser", List.of("momentum", "adam")),
                section.decimal("embeddingNoise", 0, 100, true),
                section.decimal("dpClip", 0, 1000, true),
                section.decimal("dpNoise", 0, 1000, true),
                section.decimal("dpDelta", 0, 1, true),
                section.decimal("weightNoise", 0, 100, true),
                section.count("decimals", 0, 12),
                section.count("bits", 2, 16),
                section.decimal("prune", 0, 1, true),
                section.count("rank", 1, 20_000));
        if (section.has("dpClip") != section.has("dpNoise")) {
            section.report(
                    section.has("dpClip") ? "dpNoise" : "dpClip", "is missing; DP-SGD needs both dpClip and dpNoise");
        }
        if (section.has("dpDelta") && !section.has("dpNoise")) {
            section.report("dpNoise", "is missing; dpDelta only says something of DP-SGD");
        }
        section.finish();
        return spec;
    }

    private static KnowledgeSpec knowledge(Section knowledge) {
        KnowledgeSpec spec = new KnowledgeSpec(knowledge.path("members"), knowledge.path("controls"));
        if (knowledge.has("controls") && !knowledge.has("members")) {
            knowledge.report("members", "is missing; controls only say something beside members");
        }
        knowledge.finish();
        return spec;
    }

    private static ReconstructSpec reconstruct(@Nullable Section section) {
        if (section == null) {
            return new ReconstructSpec(null, null, null);
        }
        ReconstructSpec spec = new ReconstructSpec(
                section.oneOf("preset", List.of("fast", "paper")),
                section.count("seconds", 1, 604_800),
                section.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE),
                section.oneOf("method", List.of("auto", "pursuit", "differences", "optimise")));
        section.finish();
        return spec;
    }

    private static SelectSpec select(@Nullable Section section) {
        if (section == null) {
            return new SelectSpec(null, null);
        }
        SelectSpec spec = new SelectSpec(section.decimal("threshold", 0, 1, true), section.count("top", 0, 1000));
        section.finish();
        return spec;
    }

    private static InvertSpec invert(@Nullable Section section) {
        if (section == null) {
            return new InvertSpec(null, null, null, null, null, null);
        }
        InvertSpec spec = new InvertSpec(
                section.oneOf("method", List.of("dip", "unclip", "auto")),
                section.count("top", 0, 1000),
                section.count("steps", 1, 100_000),
                section.count("size", 0, LARGEST_SIZE),
                section.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE),
                section.oneOf("preset", List.of("fast", "network", "paper")),
                section.count("upperBound", 0, 1000),
                section.count("seeds", 1, 100),
                section.count("batch", 1, 64));
        section.finish();
        return spec;
    }

    private static @Nullable BudgetSpec budget(@Nullable Section section) {
        if (section == null) {
            return null;
        }
        BudgetSpec spec = new BudgetSpec(section.count("seconds", 1, 31_536_000), section.count("units", 1, 1_000_000));
        section.finish();
        return spec;
    }
}
