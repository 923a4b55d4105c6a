package dev.palimpsest.cli.plan;

import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.Stage;
import dev.palimpsest.invert.prior.PriorSettings;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How long things take on one core of the machine that bench/ was measured on; elsewhere they take about as long or half, and on a busy
 * machine twice. What each was measured on is scaled by the work: weights times pixels for a backbone, multiplications for a head.
 */
final class Rates {
    /** bench/backbone.md: ViT-B/16, 346 MB of weights, 224 pixels, one thread, batches. */
    private static final double SECONDS_AN_IMAGE = .365;

    private static final double IMAGE_WORK = 346e6 * 224 * 224;

    /** README, bench/run train: 100 samples, 1024 wide, 500 hidden, 10 000 epochs. */
    private static final double SECONDS_A_MULTIPLICATION = 25.4 / (100.0 * 1024 * 500 * 10_000);

    /** bench/inversion.md: one step at 112 pixels takes the picture's network 71 ms, and with DINOv2-small, 88 MB of weights, 118 ms. */
    private static final double NETWORK_SECONDS_A_PIXEL = .071 / (112.0 * 112);

    private static final double BACKBONE_SECONDS = .047 / (88e6 * 112 * 112);

    /** The demo's selections take less; clustering grows with the candidates, which are not known before. */
    private static final double SELECT_SECONDS = 4;

    /** The width of the embedding is only known when the backbone was opened; that of ViT-B. */
    private static final int USUAL_WIDTH = 768;

    private static final int IMAGES_A_UNIT = 256;
    private static final int EPOCHS_A_UNIT = 2_500;
    private static final double INVERT_UNIT_SECONDS = 240;
    private static final double RECONSTRUCT_UNIT_SECONDS = 30;

    private final Plan.Inputs inputs;

    Rates(Plan.Inputs inputs) {
        this.inputs = inputs;
    }

    List<Plan.StageCost> stages(AuditSpec spec) {
        return List.of(embed(spec.target().train()), reconstruct(spec.reconstruct()), select(), invert(spec));
    }

    private Plan.StageCost embed(AuditSpec.@Nullable TrainSpec train) {
        if (train == null) {
            return new Plan.StageCost(Stage.EMBED, 1, .1, "a released head is only read");
        }
        double side = size(train.size());
        double images = inputs.samples() * SECONDS_AN_IMAGE * inputs.backboneBytes() * side * side / IMAGE_WORK;
        double training = SECONDS_A_MULTIPLICATION
                * inputs.members()
                * USUAL_WIDTH
                * number(train.hidden())
                * number(train.epochs());
        int units = 1
                + ceil(inputs.samples() / (double) IMAGES_A_UNIT)
                + ceil(number(train.epochs()) / (double) EPOCHS_A_UNIT);
        return cost(
                Stage.EMBED,
                units,
                images + training,
                (inputs.backboneBytes() == 0
                                ? "%d texts, whose embedding is not counted".formatted(inputs.samples())
                                : "%d samples at %.0f pixels".formatted(inputs.samples(), side))
                        + ", %d epochs of %d hidden neurons".formatted(train.epochs(), train.hidden()));
    }

    private static Plan.StageCost reconstruct(AuditSpec.ReconstructSpec spec) {
        int seconds = number(spec.seconds());
        return cost(
                Stage.RECONSTRUCT,
                2 + ceil(seconds / RECONSTRUCT_UNIT_SECONDS),
                seconds,
                "reconstruct.seconds: " + seconds + ", preset " + spec.preset());
    }

    private static Plan.StageCost select() {
        return cost(Stage.SELECT, 2, 2 * SELECT_SECONDS, "a first and a last selection");
    }

    private Plan.StageCost invert(AuditSpec spec) {
        AuditSpec.InvertSpec invert = spec.invert();
        AuditSpec.TrainSpec train = spec.target().train();
        double fed = size(train == null ? 0 : train.size());
        String preset = Objects.requireNonNullElse(invert.preset(), "fast");
        double side = number(invert.size()) == 0 ? PriorSettings.size(preset, (int) fed) : number(invert.size());
        double step = side * side * NETWORK_SECONDS_A_PIXEL + fed * fed * inputs.backboneBytes() * BACKBONE_SECONDS;
        double picture = number(invert.steps()) * step;
        int top = number(invert.top());
        return cost(
                Stage.INVERT,
                top * Math.max(1, ceil(picture / INVERT_UNIT_SECONDS)),
                top * picture,
                "%d pictures of %d steps at %.0f pixels".formatted(top, invert.steps(), side));
    }

    private double size(@Nullable Integer given) {
        return number(given) == 0 ? inputs.inputSize() : number(given);
    }

    private static Plan.StageCost cost(Stage stage, int units, double seconds, String from) {
        return new Plan.StageCost(stage, units, seconds / 60, from);
    }

    private static int number(@Nullable Integer given) {
        return given == null ? 0 : given;
    }

    private static int ceil(double value) {
        return (int) Math.ceil(value);
    }
}
