package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.DefenceSpec;
import dev.palimpsest.models.Head;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ToldDefenceTest {
    private static final int MEMBERS = 8;
    private static final PlantedHead PLANTED = PlantedHead.of(MEMBERS, 40, 120, 1, 5);

    /** Noise fills the space; an attacker who knows how much there is finds how many members there are. */
    @Test
    void keepsWhatStandsAboveTheNoise() {
        double noise = .1;
        Head noisy = noisy(PLANTED.head(), noise);
        assertThat(RowSpace.of(noisy).rank()).isEqualTo(40);

        ToldDefence told = ToldDefence.of(noisy, spec(noise, null));

        assertThat(told.kept()).isBetween(MEMBERS / 2, MEMBERS);
        assertThat(RowSpace.of(told.head()).rank()).isEqualTo(told.kept());
        assertThat(distance(told.head(), PLANTED.head())).isLessThan(.6 * distance(noisy, PLANTED.head()));
        assertThat(told.note()).contains("weightNoise 0.1", told.kept() + " of 40 directions");
    }

    @Test
    void searchesWhereTheDefenceIsKnownAndSaysSo() {
        Head noisy = noisy(PLANTED.head(), .1);
        Attack without = new Attack(noisy, new AttackSettings("fast", MEMBERS, .1, 4, 3, "cpu"));
        Attack with = new Attack(noisy, settings(spec(.1, null)));

        assertThat(without.phases()).isEmpty();
        assertThat(with.phases()).isNotEmpty();
        assertThat(with.notes()).last().asString().contains("was told of the defence");
    }

    @Test
    void saysWhenEverythingIsBelowTheNoise() {
        Attack attack = new Attack(noisy(PLANTED.head(), 50), settings(spec(50., null)));

        assertThat(attack.phases()).isEmpty();
        assertThat(attack.notes()).anyMatch(note -> note.contains("stands above the noise of the defence"));
    }

    @Test
    void roundingIsNoiseOfItsStep() {
        Head.Layer first = PLANTED.head().layers().get(0);
        double largest = Arrays.stream(first.weight()).map(Math::abs).max().orElseThrow();
        String deviation = String.format(Locale.ROOT, "%.2g", largest / 7 / Math.sqrt(12));
        assertThat(ToldDefence.of(PLANTED.head(), spec(null, 4)).note()).contains("bits 4", "deviation " + deviation);
    }

    private static AttackSettings settings(DefenceSpec defence) {
        return new AttackSettings("fast", Method.AUTO, TrainingLoss.MARGIN, MEMBERS, .1, 4, 3, "cpu", defence);
    }

    private static DefenceSpec spec(@Nullable Double noise, @Nullable Integer bits) {
        return new DefenceSpec(null, null, null, null, null, null, null, null, noise, null, bits, null, null);
    }

    private static Head noisy(Head head, double noise) {
        SplittableRandom random = new SplittableRandom(1);
        List<Head.Layer> layers = new ArrayList<>(head.layers());
        Head.Layer first = layers.get(0);
        double[] weight = first.weight().clone();
        double rms = Math.sqrt(Arrays.stream(weight).map(one -> one * one).sum() / weight.length);
        for (int i = 0; i < weight.length; i++) {
            weight[i] += noise * rms * random.nextGaussian();
        }
        layers.set(0, new Head.Layer(first.outputs(), first.inputs(), weight, first.bias()));
        return Head.of(head.activation(), layers);
    }

    private static double distance(Head a, Head b) {
        double sum = 0;
        for (int i = 0; i < a.w().length; i++) {
            sum += (a.w()[i] - b.w()[i]) * (a.w()[i] - b.w()[i]);
        }
        return Math.sqrt(sum);
    }
}
