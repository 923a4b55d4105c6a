package dev.palimpsest.embed.train.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.palimpsest.contracts.DefenceSpec;
import dev.palimpsest.models.Head;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.SingularOps_DDRM;
import org.junit.jupiter.api.Test;

class ReleaseDefenceTest {
    private static final int D = 12;
    private static final int H = 30;
    private static final Head HEAD = head();

    @Test
    void lowRankKeepsTheLargestSingularValues() {
        double[] before = singular(HEAD.w());
        Head low = new LowRank(3).apply(HEAD);
        double[] after = singular(low.w());
        for (int i = 0; i < D; i++) {
            assertThat(after[i]).isCloseTo(i < 3 ? before[i] : 0, within(1e-9));
        }
        // Eckart and Young: what is lost is what the other singular values hold.
        double lost = IntStream.range(0, H * D)
                .mapToDouble(i -> Math.pow(low.w()[i] - HEAD.w()[i], 2))
                .sum();
        assertThat(lost).isCloseTo(Arrays.stream(before, 3, D).map(x -> x * x).sum(), within(1e-9));
        assertThat(low.b()).containsExactly(HEAD.b());
        assertThat(new LowRank(D).apply(HEAD)).isSameAs(HEAD);
    }

    @Test
    void pruningTakesTheSmallestOfEachLayer() {
        Head pruned = new Pruning(.25).apply(HEAD);
        double[] w = HEAD.w();
        double largestGone = 0;
        double smallestKept = 9;
        int gone = 0;
        for (int i = 0; i < w.length; i++) {
            if (pruned.w()[i] == 0) {
                gone++;
                largestGone = Math.max(largestGone, Math.abs(w[i]));
            } else {
                assertThat(pruned.w()[i]).isEqualTo(w[i]);
                smallestKept = Math.min(smallestKept, Math.abs(w[i]));
            }
        }
        assertThat(gone).isEqualTo(H * D / 4);
        assertThat(largestGone).isLessThan(smallestKept);
        assertThat(Arrays.stream(pruned.v()).filter(x -> x == 0).count()).isEqualTo(H / 4);
    }

    @Test
    void noiseIsRelativeAndOfASeed() {
        Head noisy = new WeightNoise(.5, 3).apply(HEAD);
        double rms = Math.sqrt(Arrays.stream(HEAD.w()).map(x -> x * x).average().orElseThrow());
        double noise = Math.sqrt(IntStream.range(0, H * D)
                .mapToDouble(i -> Math.pow(noisy.w()[i] - HEAD.w()[i], 2))
                .average()
                .orElseThrow());
        assertThat(noise / rms).isCloseTo(.5, within(.08));
        assertThat(new WeightNoise(.5, 3).apply(HEAD).w()).containsExactly(noisy.w());
        assertThat(new WeightNoise(.5, 4).apply(HEAD).w()).isNotEqualTo(noisy.w());
    }

    @Test
    void roundingLeavesDecimals() {
        Head rounded = new Rounding(2).apply(HEAD);
        for (int i = 0; i < H * D; i++) {
            assertThat(rounded.w()[i]).isCloseTo(HEAD.w()[i], within(.005 + 1e-12));
            assertThat(rounded.w()[i] * 100).isCloseTo(Math.rint(HEAD.w()[i] * 100), within(1e-9));
        }
    }

    @Test
    void quantisedWeightsTakeFewValues() {
        Head quantised = new Quantisation(4).apply(HEAD);
        double step = Arrays.stream(HEAD.w()).map(Math::abs).max().orElseThrow() / 7;
        assertThat(Arrays.stream(quantised.w()).distinct().count()).isLessThanOrEqualTo(15);
        for (int i = 0; i < H * D; i++) {
            assertThat(quantised.w()[i]).isCloseTo(HEAD.w()[i], within(step / 2 + 1e-12));
        }
        Head zero = Head.of(1, new double[2], new double[2], new double[2], null);
        assertThat(new Quantisation(8).apply(zero).w()).containsOnly(0);
    }

    @Test
    void aSpecBecomesAChainInOrder() {
        DefenceSpec spec = new DefenceSpec(null, null, null, null, null, null, null, null, .1, 3, 8, .2, 5);
        assertThat(ReleaseDefence.of(spec, 9))
                .containsExactly(
                        new LowRank(5), new Pruning(.2), new WeightNoise(.1, 9), new Rounding(3), new Quantisation(8));
        assertThat(ReleaseDefence.of(null, 9)).isEmpty();
    }

    private static double[] singular(double[] w) {
        double[] values = SingularOps_DDRM.singularValues(DMatrixRMaj.wrap(H, D, w.clone()));
        return IntStream.range(0, D).mapToDouble(i -> values[i]).toArray();
    }

    private static Head head() {
        SplittableRandom random = new SplittableRandom(1);
        return Head.of(D, gaussian(random, H * D), gaussian(random, H), gaussian(random, H), null);
    }

    private static double[] gaussian(SplittableRandom random, int n) {
        return IntStream.range(0, n).mapToDouble(i -> random.nextGaussian()).toArray();
    }
}
