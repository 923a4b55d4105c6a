package dev.palimpsest.invert;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.InvertUnit;
import dev.palimpsest.contracts.Message.InvertUnit.Row;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.invert.prior.DeepImagePrior;
import dev.palimpsest.invert.prior.PriorSettings;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.stage.UnitContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Inversion with a prior, in units: one seed after the other, then of each row the picture whose embedding stays closest when the picture is
 * moved and scaled ({@link DeepImagePrior#steadiness}). Steps count on over seeds. What is kept between units is the state of the seed at work
 * and, as metadata, the best pictures so far; where units end changes no picture.
 */
final class PriorUnits {
    static final int STEPS_A_PREVIEW = 100;

    private static final String BEST = "best";

    private final Duration bound;

    /** What a unit is about; {@code starts} of the first seed, a row each. */
    private record Job(
            InvertUnit unit,
            List<DeepImagePrior.Start> starts,
            int seeds,
            Backbone backbone,
            @Nullable Normaliser normaliser,
            UnitContext context) {
        DeepImagePrior start(int seed) {
            return DeepImagePrior.start(starts(seed), backbone, normaliser);
        }

        DeepImagePrior resume(int seed, Map<String, Tensor> checkpoint) {
            return DeepImagePrior.resume(starts(seed), backbone, normaliser, checkpoint);
        }

        private List<DeepImagePrior.Start> starts(int seed) {
            return starts.stream()
                    .map(start -> new DeepImagePrior.Start(
                            start.settings().withSeed(start.settings().seed() + seed), start.embedding()))
                    .toList();
        }

        int stepsOfASeed() {
            return starts.get(0).settings().steps();
        }

        int step(int seed, DeepImagePrior prior) {
            return Math.toIntExact((long) seed * stepsOfASeed() + prior.step());
        }

        int steps() {
            return seeds * stepsOfASeed();
        }

        Row row(int i) {
            return unit.rows().get(i);
        }

        InversionArtifacts artifacts() {
            return new InversionArtifacts(unit, context.store());
        }

        void say(Row row, long step, String figure, double value, @Nullable ArtifactRef picture) {
            context.progress(
                    row.item(),
                    step,
                    steps(),
                    "steps",
                    String.format(Locale.ROOT, "%s %.3f", figure, value),
                    Map.of(figure, value),
                    picture);
        }
    }

    /** A finished picture; {@code steadiness} decides between seeds. */
    record Best(double steadiness, double cosine, ArtifactRef picture, ArtifactRef embedding) {}

    PriorUnits(Duration bound) {
        this.bound = bound;
    }

    /**
     * As far as the unit goes.
     *
     * @param seeds of the rows' first pictures
     * @param embeddings {@code [d]} of each row, in the space that the head saw
     * @return the finished pictures or the continuation; empty when the audit was cancelled meanwhile
     */
    List<Message> run(
            InvertUnit unit,
            Target target,
            List<Long> seeds,
            Backbone backbone,
            @Nullable Normaliser normaliser,
            List<double[]> embeddings,
            UnitContext context) {
        List<DeepImagePrior.Start> starts = IntStream.range(0, embeddings.size())
                .mapToObj(i -> new DeepImagePrior.Start(settings(target, backbone, seeds.get(i)), embeddings.get(i)))
                .toList();
        int tries = Objects.requireNonNullElse(target.invert().seeds(), 1);
        Job job = new Job(unit, starts, tries, backbone, normaliser, context);
        int at = unit.step() / job.stepsOfASeed();
        List<Best> best = List.of();
        DeepImagePrior prior;
        if (unit.checkpoint() == null) {
            prior = job.start(at);
        } else {
            Safetensors saved = new TensorArtifacts(context.store()).get(unit.checkpoint());
            best = best(saved);
            prior = job.resume(at, saved.tensors());
        }
        try {
            long until = System.nanoTime() + bound.toNanos();
            do {
                advance(job, at, prior);
                if (prior.done()) {
                    best = better(best, finished(job, at, prior));
                    if (++at == tries) {
                        return ready(job, best);
                    }
                    prior.close();
                    prior = job.start(at);
                }
            } while (System.nanoTime() < until && !context.cancelled() && !context.paused());
            return context.cancelled() ? List.of() : List.of(continuation(job, at, prior, best));
        } finally {
            prior.close();
        }
    }

    private static void advance(Job job, int seed, DeepImagePrior prior) {
        prior.run(DeepImagePrior.REPORT_EVERY, (step, losses) -> {
            int all = job.step(seed, prior);
            boolean preview = step % STEPS_A_PREVIEW == 0 && !prior.done();
            for (int i = 0; i < losses.length; i++) {
                ArtifactRef picture = preview ? picture(job, all, prior, i) : null;
                job.say(job.row(i), Math.min(all, job.steps() - 1L), "loss", losses[i], picture);
            }
        });
    }

    private static ArtifactRef picture(Job job, int step, DeepImagePrior prior, int i) {
        return job.artifacts().picture(job.row(i), step, prior.preview(i));
    }

    private static List<Best> finished(Job job, int seed, DeepImagePrior prior) {
        int step = job.step(seed, prior);
        List<Best> finished = new ArrayList<>();
        for (int i = 0; i < prior.size(); i++) {
            ArtifactRef embedding = job.artifacts().embedding(job.row(i), step, prior.embedding(i));
            double steadiness = job.seeds() == 1 ? 0 : prior.steadiness(i);
            finished.add(new Best(steadiness, prior.cosine(i), picture(job, step, prior, i), embedding));
        }
        return finished;
    }

    /** Row by row the steadier; the earlier one of equals. */
    static List<Best> better(List<Best> before, List<Best> now) {
        return before.isEmpty()
                ? now
                : IntStream.range(0, now.size())
                        .mapToObj(
                                i -> now.get(i).steadiness() > before.get(i).steadiness() ? now.get(i) : before.get(i))
                        .toList();
    }

    private static List<Message> ready(Job job, List<Best> best) {
        List<Message> ready = new ArrayList<>();
        for (int i = 0; i < best.size(); i++) {
            Best one = best.get(i);
            Row row = job.row(i);
            job.say(row, job.steps(), "cosine", one.cosine(), one.picture());
            ready.add(job.artifacts().ready(row, job.steps(), one.picture(), one.cosine(), one.embedding()));
        }
        return ready;
    }

    private static Message continuation(Job job, int seed, DeepImagePrior prior, List<Best> best) {
        int step = job.step(seed, prior);
        for (int i = 0; i < prior.size(); i++) {
            // Between two seeds there is nothing new to see, and the step names the picture just finished.
            boolean between = prior.step() == 0 && !best.isEmpty();
            ArtifactRef picture = between ? best.get(i).picture() : picture(job, step, prior, i);
            // What a person sees of a unit that ends early.
            job.say(job.row(i), step, "cosine", prior.cosine(i), picture);
        }
        return job.artifacts().next(step, prior.checkpoint(), best.isEmpty() ? Map.of() : Map.of(BEST, json(best)));
    }

    private static List<Best> best(Safetensors saved) {
        String json = saved.metadata().get(BEST);
        if (json == null) {
            return List.of();
        }
        try {
            // A picture by itself was no list before there were batches.
            return Json.mapper()
                    .readerForListOf(Best.class)
                    .with(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
                    .readValue(json);
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE,
                    "The checkpoint does not say which picture was the best so far: " + e.getMessage(),
                    e);
        }
    }

    private static String json(List<Best> best) {
        try {
            return Json.mapper().writeValueAsString(best);
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot write the best pictures so far", e);
        }
    }

    private static PriorSettings settings(Target target, Backbone backbone, long seed) {
        AuditSpec.InvertSpec invert = target.invert();
        String preset = Objects.requireNonNullElse(invert.preset(), "fast");
        int fed = target.inputSize() == 0 ? backbone.inputSize() : target.inputSize();
        int size = Objects.requireNonNull(invert.size());
        return PriorSettings.of(
                preset,
                size == 0 ? PriorSettings.size(preset, fed) : size,
                Objects.requireNonNull(invert.steps()),
                seed);
    }
}
