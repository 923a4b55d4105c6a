package dev.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.embed.train.HeadCheck;
import dev.palimpsest.embed.train.HeadTrainer;
import dev.palimpsest.embed.train.TrainSettings;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.reconstruct.attack.RowSpace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * Heads that PyTorch trained in float64 beside ten of ours in float32 on the same members: the start values differ, so that it is accuracy,
 * stationarity and the row space's bound that must agree, within the spread of our seeds. Takes minutes and files that are not part of
 * this repository: {@code mvn verify -Dlong=true -Dit.test=TrainedAsFixturesIT}.
 */
class TrainedAsFixturesIT {
    private static final Path HEADS = Path.of("..", "..", "shared", "fixtures", "heads");
    private static final int SEEDS = 10;

    private record Figures(
            double trainAccuracy, double heldOutAccuracy, double loss, double residual, double bound, double within) {}

    @Test
    void ourHeadsAreLikeTheirs() {
        Path folder = HEADS.resolve("text2");
        assumeTrue(Boolean.getBoolean("long"), "takes minutes: ask for it with -Dlong=true");
        assumeTrue(Files.isDirectory(folder), folder + " is not here");
        Normaliser normaliser = Normaliser.read(folder.resolve("normaliser.safetensors"));
        Rows members = Rows.of(folder.resolve("members.safetensors"), normaliser);
        Rows controls = Rows.of(folder.resolve("controls.safetensors"), normaliser);
        Figures theirs = figures(Head.read(folder.resolve("head.safetensors")), members, controls);
        List<Figures> ours = new ArrayList<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            TrainSettings settings = TrainSettings.of(2, 500, .01, .08, 10_000, seed);
            try (HeadTrainer trainer = new HeadTrainer(settings, members.x, members.labels, Device.cpu(), null)) {
                trainer.run(10_000, epoch -> {});
                ours.add(figures(trainer.head(), members, controls));
            }
        }
        System.out.println("theirs " + theirs);
        ours.forEach(figures -> System.out.println("ours   " + figures));
        within(theirs, ours, Figures::trainAccuracy);
        within(theirs, ours, Figures::heldOutAccuracy);
        within(theirs, ours, Figures::loss);
        within(theirs, ours, Figures::residual);
        within(theirs, ours, Figures::bound);
        within(theirs, ours, Figures::within);
    }

    /** Between the least and the most of ours, which ten seeds bound loosely: half of their distance is added on both sides. */
    private static void within(Figures theirs, List<Figures> ours, ToDoubleFunction<Figures> figure) {
        DoubleSummaryStatistics all = ours.stream().mapToDouble(figure).summaryStatistics();
        double slack = (all.getMax() - all.getMin()) / 2 + 1e-9;
        assertThat(figure.applyAsDouble(theirs)).isBetween(all.getMin() - slack, all.getMax() + slack);
    }

    private static Figures figures(Head head, Rows members, Rows controls) {
        HeadCheck.Result check = HeadCheck.check(head, members.x, members.labels, .08);
        double[] bound = RowSpace.of(head).bound(members.x, members.labels.length);
        return new Figures(
                check.accuracy(),
                HeadCheck.check(head, controls.x, controls.labels, 0).accuracy(),
                check.loss(),
                check.residual(),
                Arrays.stream(bound).average().orElseThrow(),
                Arrays.stream(bound).filter(one -> one > .9).count());
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Rows(double[] x, int[] labels) {
        static Rows of(Path file, Normaliser normaliser) {
            try (Safetensors tensors = Safetensors.open(file)) {
                return new Rows(
                        normaliser.apply(tensors.tensor("embeddings").toFloats()),
                        Arrays.stream(tensors.tensor("labels").toLongs())
                                .mapToInt(Math::toIntExact)
                                .toArray());
            }
        }
    }
}
