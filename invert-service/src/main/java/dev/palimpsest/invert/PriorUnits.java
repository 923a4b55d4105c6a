package dev.palimpsest.invert;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Message;
import dev.palimpsest.contracts.Message.InvertUnit;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Target;
import dev.palimpsest.invert.prior.DeepImagePrior;
import dev.palimpsest.invert.prior.PriorSettings;
import dev.palimpsest.models.Backbone;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.stage.UnitContext;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Inversion with a prior, in units: one seed after the other, then the picture whose embedding stays closest when the picture is moved
 * and scaled ({@link DeepImagePrior#steadiness}). Steps count on over seeds. What is kept between units is the state of the seed at work and, as
 * metadata, the best picture so far; where units end changes no picture.
 */
final class PriorUnits {
    static final int STEPS_A_PREVIEW = 100;

    private static final String BEST = "best";

    private final Duration bound;

    /** What a unit is about. */
    private record Job(
            InvertUnit unit,
            PriorSettings settings,
            int seeds,
            Backbone backbone,
            @Nullable Normaliser normaliser,
            double[] embedding,
            UnitContext context) {
        DeepImagePrior start(int seed) {
            return DeepImagePrior.start(settings.withSeed(settings.seed() + seed), backbone, normaliser, embedding);
        }

        DeepImagePrior resume(int seed, Map<String, Tensor> checkpoint) {
            return DeepImagePrior.resume(
                    settings.withSeed(settings.seed() + seed), backbone, normaliser, embedding, checkpoint);
        }

        int step(int seed, DeepImagePrior prior) {
            return Math.toIntExact((long) seed * settings.steps() + prior.step());
        }

        int steps() {
            return seeds * settings.steps();
        }

        InversionArtifacts artifacts() {
            return new InversionArtifacts(unit, context.store());
        }
    }

    /** A finished picture; {@code steadiness} decides between seeds. */
    record Best(double steadiness, double cosine, ArtifactRef picture, ArtifactRef embedding) {}

    PriorUnits(Duration bound) {
        this.bound = bound;
    }

    /** As far as the unit goes; empty when the audit was cancelled meanwhile. */
    Optional<Message> run(
            InvertUnit unit,
            Target target,
            long seed,
            Backbone backbone,
            @Nullable Normaliser normaliser,
            double[] embedding,
            UnitContext context) {
        PriorSettings settings = settings(target, backbone, seed);
        int seeds = Objects.requireNonNullElse(target.invert().seeds(), 1);
        Job job = new Job(unit, settings, seeds, backbone, normaliser, embedding, context);
        int at = unit.step() / settings.steps();
        Best best = null;
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
                    if (++at == seeds) {
                        return Optional.of(ready(job, best));
                    }
                    prior.close();
                    prior = job.start(at);
                }
            } while (System.nanoTime() < until && !context.cancelled() && !context.paused());
            return context.cancelled() ? Optional.empty() : Optional.of(continuation(job, at, prior, best));
        } finally {
            prior.close();
        }
    }

    private static void advance(Job job, int seed, DeepImagePrior prior) {
        prior.run(DeepImagePrior.REPORT_EVERY, (step, loss) -> {
            int all = job.step(seed, prior);
            boolean preview = step % STEPS_A_PREVIEW == 0 && !prior.done();
            job.context()
                    .progress(
                            job.unit().item(),
                            Math.min(all, job.steps() - 1L),
                            job.steps(),
                            "steps",
                            String.format(Locale.ROOT, "loss %.3f", loss),
                            Map.of("loss", loss),
                            preview ? picture(job, all, prior) : null);
        });
    }

    private static ArtifactRef picture(Job job, int step, DeepImagePrior prior) {
        return job.artifacts().picture(step, prior.preview());
    }

    private static Best finished(Job job, int seed, DeepImagePrior prior) {
        int step = job.step(seed, prior);
        ArtifactRef embedding = job.artifacts().embedding(step, prior.embedding());
        double steadiness = job.seeds() == 1 ? 0 : prior.steadiness();
        return new Best(steadiness, prior.cosine(), picture(job, step, prior), embedding);
    }

    static Best better(@Nullable Best before, Best now) {
        return before == null || now.steadiness() > before.steadiness() ? now : before;
    }

    private static Message ready(Job job, Best best) {
        InvertUnit unit = job.unit();
        job.context()
                .progress(
                        unit.item(),
                        job.steps(),
                        job.steps(),
                        "steps",
                        String.format(Locale.ROOT, "cosine %.3f", best.cosine()),
                        Map.of("cosine", best.cosine()),
                        best.picture());
        return job.artifacts().ready(job.steps(), best.picture(), best.cosine(), best.embedding());
    }

    private static Message continuation(Job job, int seed, DeepImagePrior prior, @Nullable Best best) {
        InvertUnit unit = job.unit();
        int step = job.step(seed, prior);
        // What a person sees of a unit that ends early.
        double cosine = prior.cosine();
        job.context()
                .progress(
                        unit.item(),
                        step,
                        job.steps(),
                        "steps",
                        String.format(Locale.ROOT, "cosine %.3f", cosine),
                        Map.of("cosine", cosine),
                        // Between two seeds there is nothing new to see, and the step names the picture just finished.
                        prior.step() == 0 && best != null ? best.picture() : picture(job, step, prior));
        return job.artifacts().next(step, prior.checkpoint(), best == null ? Map.of() : Map.of(BEST, json(best)));
    }

    private static @Nullable Best best(Safetensors saved) {
        String json = saved.metadata().get(BEST);
        try {
            return json == null ? null : Json.mapper().readValue(json, Best.class);
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE,
                    "The checkpoint does not say which picture was the best so far: " + e.getMessage(),
                    e);
        }
    }

    private static String json(Best best) {
        try {
            return Json.mapper().writeValueAsString(best);
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot write the best picture so far", e);
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
