package dev.palimpsest.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a person asks for: the file {@code audit.yaml}. Values left out get the defaults of the nested records.
 *
 * @param name for people; never part of a key or path
 * @param backbone a folder in Hugging Face layout, a name of the library of the machine that submits, or {@link TextBackbone#NAME}
 * @param target exactly one of a released head and a head to train
 * @param knowledge what only the owner knows; never reaches the attack
 * @param budget where the audit stops; null: nowhere
 */
public record AuditSpec(
        String apiVersion,
        String name,
        String backbone,
        TargetSpec target,
        @Nullable KnowledgeSpec knowledge,
        ReconstructSpec reconstruct,
        SelectSpec select,
        InvertSpec invert,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable BudgetSpec budget) {
    /** The version of the format. */
    public static final String API_VERSION = "palimpsest/v1";

    public AuditSpec {
        reconstruct = reconstruct == null ? ReconstructSpec.DEFAULT : reconstruct;
        select = select == null ? SelectSpec.DEFAULT : select;
        invert = invert == null ? InvertSpec.DEFAULT : invert;
    }

    /** Without a budget. */
    public AuditSpec(
            String apiVersion,
            String name,
            String backbone,
            TargetSpec target,
            @Nullable KnowledgeSpec knowledge,
            ReconstructSpec reconstruct,
            SelectSpec select,
            InvertSpec invert) {
        this(apiVersion, name, backbone, target, knowledge, reconstruct, select, invert, null);
    }

    /**
     * Exactly one of {@code head} and {@code train} is set. What follows is about a released head, as far as it is known.
     *
     * @param samples how many trained it; null: estimated
     * @param weightDecay of its training; null: estimated
     * @param activation between its layers: relu, gelu or tanh; null: what the file says, else relu
     * @param loss of its training: margin (logistic loss or cross entropy in the published form), cross-entropy, mse or huber; null: margin
     */
    public record TargetSpec(
            @Nullable String head,
            @Nullable String normaliser,
            @Nullable TrainSpec train,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Integer samples,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Double weightDecay,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String activation,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String loss) {
        /** Nothing known but the files. */
        public TargetSpec(@Nullable String head, @Nullable String normaliser, @Nullable TrainSpec train) {
            this(head, normaliser, train, null, null, null, null);
        }
    }

    /**
     * A head to train (a study).
     *
     * @param dataset a {@link DatasetName}: a folder or file, or its layout and the folder or file
     * @param split CSV with the columns file, label, part (member or heldout) for a folder of images; without it every second image is held
     *     out
     * @param classes in label order, each as {@link DataClass} reads it; empty: those of the split, else all
     * @param perClass at most so many samples a class to train on; 0: all
     * @param size pixels of the backbone's square input; 0: the backbone's own
     * @param preset name of the {@link Protocol} that filled in what the spec left out
     * @param heldOutPerClass at most so many samples a class to hold out; null or 0: all
     * @param subsetSeed draws the samples where not all are taken; null: the first ones in the order of the dataset
     * @param depth hidden layers, each of {@code hidden} neurons; 0: a linear head; null: 1
     * @param activation between the layers: relu, gelu or tanh; null: relu
     * @param loss cross-entropy, mse or huber; null: cross-entropy
     * @param biases which layers have one: hidden (all but the last), all or none; null: hidden
     * @param defence of training and release; null: none
     */
    public record TrainSpec(
            String dataset,
            @Nullable String split,
            List<String> classes,
            @Nullable Integer perClass,
            @Nullable Integer size,
            @Nullable Integer hidden,
            @Nullable Double learningRate,
            @Nullable Double weightDecay,
            @Nullable Integer epochs,
            @Nullable Long seed,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String preset,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Integer heldOutPerClass,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long subsetSeed,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Integer depth,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String activation,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String loss,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String biases,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            DefenceSpec defence) {
        public TrainSpec {
            classes = classes == null ? List.of() : List.copyOf(classes);
            hidden = hidden == null ? 500 : hidden;
            learningRate = learningRate == null ? 0.01 : learningRate;
            weightDecay = weightDecay == null ? 0.08 : weightDecay;
            epochs = epochs == null ? 10_000 : epochs;
            seed = seed == null ? 0L : seed;
            size = size == null ? 0 : size;
            perClass = perClass == null ? 0 : perClass;
        }

        /** With the head of the paper: one hidden layer of ReLU, biased, cross entropy. */
        public TrainSpec(
                String dataset,
                @Nullable String split,
                List<String> classes,
                @Nullable Integer perClass,
                @Nullable Integer size,
                @Nullable Integer hidden,
                @Nullable Double learningRate,
                @Nullable Double weightDecay,
                @Nullable Integer epochs,
                @Nullable Long seed,
                @Nullable String preset,
                @Nullable Integer heldOutPerClass,
                @Nullable Long subsetSeed) {
            this(
                    dataset,
                    split,
                    classes,
                    perClass,
                    size,
                    hidden,
                    learningRate,
                    weightDecay,
                    epochs,
                    seed,
                    preset,
                    heldOutPerClass,
                    subsetSeed,
                    null,
                    null,
                    null,
                    null,
                    null);
        }

        /** What the classes are called, in label order; empty when the dataset decides. */
        public List<String> labels() {
            return classes.stream().map(text -> DataClass.of(text).name()).toList();
        }
    }

    /** Safetensors files with {@code embeddings} [n, d], raw, for a released head. */
    public record KnowledgeSpec(
            @Nullable String members, @Nullable String controls) {}

    /**
     * How to attack.
     *
     * @param preset {@code fast} or {@code paper}
     * @param seconds how long at most, about
     * @param method of the preset fast: pursuit, differences or optimise alone; null: what suits the head
     */
    public record ReconstructSpec(
            @Nullable String preset,
            @Nullable Integer seconds,
            @Nullable Long seed,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String method) {
        static final ReconstructSpec DEFAULT = new ReconstructSpec(null, null, null);

        public ReconstructSpec {
            preset = preset == null ? "fast" : preset;
            seconds = seconds == null ? 60 : seconds;
            seed = seed == null ? 7L : seed;
        }

        /** With the method that suits the head. */
        public ReconstructSpec(@Nullable String preset, @Nullable Integer seconds, @Nullable Long seed) {
            this(preset, seconds, seed, null);
        }
    }

    /**
     * How to choose representatives.
     *
     * @param threshold candidates with at least this cosine are one
     * @param top how many to keep; 0: twice the members that are looked for
     */
    public record SelectSpec(
            @Nullable Double threshold, @Nullable Integer top) {
        static final SelectSpec DEFAULT = new SelectSpec(null, null);

        public SelectSpec {
            threshold = threshold == null ? 0.9 : threshold;
            top = top == null ? 0 : top;
        }
    }

    /**
     * How to make pictures.
     *
     * @param method dip (deep image prior), unclip (on workers that have such a pipeline), or auto (unclip for CLIP where there is one)
     * @param top how many of the best representatives
     * @param steps as many as the preset is meant for, unless said otherwise
     * @param size pixels; 0: what the backbone was fed
     * @param preset of the deep image prior: fast (a pyramid), network (a small one with the same views) or paper (as published); null: fast
     * @param upperBound for how many of the best pictures the true embedding of the nearest member becomes a picture too; null: 2
     * @param seeds how many pictures are begun of each, to keep the closest; null: 1
     * @param batch how many pictures go through the backbone together; null: 1
     */
    public record InvertSpec(
            @Nullable String method,
            @Nullable Integer top,
            @Nullable Integer steps,
            @Nullable Integer size,
            @Nullable Long seed,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String preset,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Integer upperBound,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Integer seeds,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Integer batch) {
        static final InvertSpec DEFAULT = new InvertSpec(null, null, null, null, null, null);

        public InvertSpec {
            method = method == null ? "dip" : method;
            top = top == null ? 8 : top;
            steps = steps == null ? steps(preset) : steps;
            size = size == null ? 0 : size;
            seed = seed == null ? 1L : seed;
        }

        /** With as many upper bounds as usual, one seed, one picture at a time. */
        public InvertSpec(
                @Nullable String method,
                @Nullable Integer top,
                @Nullable Integer steps,
                @Nullable Integer size,
                @Nullable Long seed,
                @Nullable String preset) {
            this(method, top, steps, size, seed, preset, null, null, null);
        }

        /** As many as a preset of the deep image prior is meant for; null: fast. */
        public static int steps(@Nullable String preset) {
            return switch (preset == null ? "fast" : preset) {
                case "paper" -> 20_000;
                case "network" -> 600;
                default -> 200;
            };
        }
    }

    /**
     * What an audit may use: then it is cancelled, and what is finished stays.
     *
     * @param seconds since it was submitted, resumed or tried again; null: for ever
     * @param units of all stages; null: any number
     */
    public record BudgetSpec(
            @Nullable Integer seconds, @Nullable Integer units) {}
}
