package dev.palimpsest.select.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssignmentTest {

    @Test
    void givesUpABestPairForABetterTotal() {
        // Greedy takes 10 + 1; the best total is 9 + 8.
        assertThat(Assignment.maximise(new double[][] {{10, 9}, {8, 1}}, 2)).containsExactly(1, 0);
    }

    @ParameterizedTest
    @CsvSource({"1, 6, 6", "2, 4, 7", "3, 7, 4", "4, 1, 5", "5, 5, 1", "6, 6, 6"})
    void equalsExhaustiveSearch(long seed, int rows, int columns) {
        Random random = new Random(seed);
        double[][] gain = new double[rows][columns];
        for (double[] row : gain) {
            // Few distinct values: ties are the hard part.
            Arrays.setAll(row, j -> random.nextInt(4) - 1.5);
        }
        int[] pairs = Assignment.maximise(gain, columns);
        int[] used = Arrays.stream(pairs).filter(j -> j >= 0).toArray();
        assertThat(used).hasSize(Math.min(rows, columns)).doesNotHaveDuplicates();
        double total = 0;
        for (int i = 0; i < rows; i++) {
            total += pairs[i] < 0 ? 0 : gain[i][pairs[i]];
        }
        assertThat(total).isCloseTo(best(gain, 0, 0, Math.max(0, rows - columns)), within(1e-12));
    }

    private static double best(double[][] gain, int row, int used, int mayStandAlone) {
        if (row == gain.length) {
            return 0;
        }
        double best = mayStandAlone > 0 ? best(gain, row + 1, used, mayStandAlone - 1) : Double.NEGATIVE_INFINITY;
        for (int j = 0; j < gain[row].length; j++) {
            if ((used & 1 << j) == 0) {
                best = Math.max(best, gain[row][j] + best(gain, row + 1, used | 1 << j, mayStandAlone));
            }
        }
        return best;
    }

    @Test
    void findsAHiddenPermutationOfManyRows() {
        int n = 300;
        int columns = 400;
        double[][] gain = new double[n][columns];
        Random random = new Random(7);
        for (int i = 0; i < n; i++) {
            Arrays.setAll(gain[i], j -> 0.5 * random.nextDouble());
            gain[i][(i * 7 + 3) % columns] = 0.9;
        }
        int[] expected = new int[n];
        Arrays.setAll(expected, i -> (i * 7 + 3) % columns);
        assertThat(Assignment.maximise(gain, columns)).isEqualTo(expected);
    }

    @Test
    void emptySidesAreLeftAlone() {
        assertThat(Assignment.maximise(new double[0][], 3)).isEmpty();
        assertThat(Assignment.maximise(new double[2][0], 0)).containsExactly(-1, -1);
    }
}
