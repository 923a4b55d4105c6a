package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.HeadActivation;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BaselinesTest {
    /** A linear head is answered most surely along its weights: the optimum is known. */
    @Test
    void activationOfALinearHeadGoesAlongItsWeights() {
        Head probe = Head.of(
                HeadActivation.RELU, List.of(new Head.Layer(1, 4, new double[] {1, 2, 3, -4}, new double[] {.5})));

        Candidates found = ActivationMaximisation.find(probe, 2, Device.cpu(), 1);

        assertThat(found.n()).isEqualTo(4);
        for (int i = 0; i < 4; i++) {
            double side = found.label()[i] == 1 ? 1 : -1;
            double[] w = {1, 2, 3, -4};
            for (int c = 0; c < 4; c++) {
                assertThat((double) found.row(i)[c]).isCloseTo(side * 2 * w[c] / Math.sqrt(30), within(.01));
            }
        }
    }

    @Test
    void activationHasTheLabelThatWasAskedFor() {
        PlantedHead planted = PlantedHead.of(6, 20, 60, 3, 5).balanced();
        Head head = planted.head();

        Candidates found = ActivationMaximisation.find(head, 6, Device.cpu(), 1);

        ReducedHead reduced = new ReducedHead(head, RowSpace.of(head));
        RowSpace rows = RowSpace.of(head);
        for (int i = 0; i < found.n(); i++) {
            float[] row = found.row(i);
            double[] x = IntStream.range(0, row.length).mapToDouble(c -> row[c]).toArray();
            assertThat(reduced.answer(rows.coordinates(x, 1)).label()).isEqualTo(found.label()[i]);
        }
        assertThat(ActivationMaximisation.find(head, 6, Device.cpu(), 1).x()).isEqualTo(found.x());
    }

    @Test
    void aRandomHeadHasTheShapeAndOtherNumbers() {
        Head head = PlantedHead.of(6, 20, 60, 3, 5).head();

        Head random = RandomHead.like(head, 1);

        assertThat(random.toString()).isEqualTo(head.toString());
        assertThat(random.w()).isNotEqualTo(head.w());
        assertThat(random.biased()).isEqualTo(head.biased());
        assertThat(IntStream.range(0, random.w().length)
                        .mapToDouble(i -> Math.abs(random.w()[i]))
                        .max()
                        .orElse(9))
                .isBetween(.9 / Math.sqrt(20), 1 / Math.sqrt(20));
    }
}
