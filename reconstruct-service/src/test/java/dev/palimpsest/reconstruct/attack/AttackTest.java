package dev.palimpsest.reconstruct.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.DefenceSpec;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.HeadActivation;
import dev.palimpsest.models.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AttackTest {

    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    @Test
    void givesTheSameCandidatesEachTime() {
        PlantedHead planted = PlantedHead.of(8, 40, 120, 1, 5).balanced();

        Attack.Outcome first = run(planted.head(), new AttackSettings("fast", 8, .1, 15, 3, "cpu"));
        Attack.Outcome second = run(planted.head(), new AttackSettings("fast", 8, .1, 15, 3, "cpu"));

        assertThat(first.candidates().n()).isPositive();
        assertThat(first.candidates().x()).isEqualTo(second.candidates().x());
        assertThat(first.candidates().score()).isEqualTo(second.candidates().score());
        // 1000 starts by 300 steps.
        assertThat(first.iterations()).isEqualTo(300_000);
    }

    @Test
    void paperUsesNothingOfOurs() {
        PlantedHead planted = PlantedHead.of(8, 40, 120, 1, 5).balanced();
        Attack attack = new Attack(planted.head(), new AttackSettings("paper", 8, 0, 1, 3, "cpu"));

        Attack.Outcome outcome = finish(attack);

        assertThat(attack.differences().n()).isZero();
        assertThat(attack.notes()).isEmpty();
        assertThat(outcome.iterations()).isPositive().isLessThan(outcome.planned());
        assertThat(outcome.candidates().n()).isEqualTo(2 * 8);
        assertThat(outcome.candidates().d()).isEqualTo(40);
    }

    @Test
    void pursuesMembersOfHeadsWithSeveralOutputs() {
        PlantedHead planted = PlantedHead.of(6, 20, 60, 3, 5).balanced();
        Attack attack = new Attack(planted.head(), new AttackSettings("fast", 6, .1, 8, 3, "cpu"));

        Attack.Outcome outcome = finish(attack);
        Candidates found = outcome.candidates();

        assertThat(outcome.iterations()).isEqualTo(1_000);
        assertThat(attack.phases()).hasSize(3);
        assertThat(found.n()).isGreaterThanOrEqualTo(attack.differences().n());
        assertThat(found.score()).isSortedAccordingTo((a, b) -> Double.compare(b, a));
    }

    @Test
    void moreTimeIsNotSpentOnStartsThatOnlyHarm() {
        PlantedHead several = PlantedHead.of(6, 20, 60, 3, 5).balanced();
        PlantedHead one = PlantedHead.of(8, 40, 120, 1, 5).balanced();

        assertThat(new Attack(several.head(), new AttackSettings("fast", 6, .1, 600, 3, "cpu")).phases())
                .startsWith(new Attack.Phase("search", 3, 1));
        assertThat(new Attack(one.head(), new AttackSettings("fast", 8, .1, 600, 3, "cpu")).phases())
                .startsWith(new Attack.Phase("search", Attack.MOST_UNITS, 1));
    }

    @Test
    void saysWhatItHadToGuess() {
        PlantedHead planted = PlantedHead.of(8, 40, 120, 1, 5).balanced();

        Attack attack = new Attack(planted.head(), new AttackSettings("fast", 0, 0, 0, 0, "cpu"));

        assertThat(attack.members()).isEqualTo(8);
        assertThat(attack.phases())
                .containsExactly(
                        new Attack.Phase("search", 1, 1),
                        new Attack.Phase("pool", 3, 1),
                        new Attack.Phase("trials", 30, 1));
        assertThat(attack.notes().get(0)).contains("8 are searched for");
        assertThat(attack.notes().get(1)).contains("weight decay is not known");
        assertThat(attack.estimatedMembers()).isNotNull();
        assertThat(attack.estimatedMembers().confidence()).isEqualTo("good");
        assertThat(attack.estimatedDecay()).isNotNull();
    }

    @Test
    void eachMethodIsUsableAlone() {
        PlantedHead planted = PlantedHead.of(8, 40, 120, 1, 5);

        Attack differences = attack(planted.head(), Method.DIFFERENCES);
        Attack pursuit = attack(planted.head(), Method.PURSUIT);
        Attack optimise = attack(planted.head(), Method.OPTIMISE);

        assertThat(differences.phases()).isEmpty();
        assertThat(finish(differences).candidates().n())
                .isEqualTo(differences.differences().n());
        assertThat(pursuit.differences().n()).isZero();
        assertThat(pursuit.phases()).hasSize(3);
        assertThat(optimise.differences().n()).isZero();
        assertThat(finish(optimise).candidates().n()).isEqualTo(2 * 8);
    }

    /** Two hidden layers of GELU without biases: only the optimiser takes them. */
    @Test
    void deeperHeadsGoToTheOptimiser() {
        SplittableRandom random = new SplittableRandom(4);
        Head head = Head.of(
                HeadActivation.GELU,
                List.of(
                        new Head.Layer(30, 20, random.doubles(600, -1, 1).toArray(), null),
                        new Head.Layer(10, 30, random.doubles(300, -1, 1).toArray(), null),
                        new Head.Layer(1, 10, random.doubles(10, -1, 1).toArray(), null)));

        Attack attack = attack(head, Method.OPTIMISE);

        assertThat(attack.notes())
                .anySatisfy(note -> assertThat(note).contains("20-30-10-1, gelu, without a first bias"));
        assertThat(finish(attack).candidates().n()).isEqualTo(16);
        assertThatThrownBy(() -> attack(head, Method.PURSUIT))
                .isInstanceOfSatisfying(
                        PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_ATTACKABLE))
                .hasMessageContaining("20-30-10-1, gelu")
                .hasMessageContaining("--method optimise");
    }

    @Test
    void generalLossesHaveNoDifferences() {
        PlantedHead planted = PlantedHead.of(6, 20, 60, 3, 5);
        AttackSettings settings = new AttackSettings("fast", Method.OPTIMISE, TrainingLoss.MSE, 6, 0, 4, 3, "cpu");

        Candidates found = finish(new Attack(planted.head(), settings)).candidates();

        assertThat(found.n()).isEqualTo(12);
        for (double multiplier : found.multiplier()) {
            assertThat(multiplier).isNotNegative();
        }
        assertThatThrownBy(() -> new Attack(
                        planted.head(),
                        new AttackSettings("fast", Method.DIFFERENCES, TrainingLoss.HUBER, 6, 0, 4, 3, "cpu")))
                .hasMessageContaining("huber");
    }

    @Test
    void stopsAtOnceWhereThereIsNothingToFind() {
        Head head = atItsStart();

        Attack attack = new Attack(head, new AttackSettings("fast", 20, 0, 60, 3, "cpu"));

        assertThat(attack.phases()).isEmpty();
        assertThat(attack.diagnosis().startLeft()).isBetween(.9, 1.1);
        assertThat(attack.diagnosis().residualAtLeast()).isGreaterThan(.8);
        assertThat(attack.diagnosis().stationary()).isFalse();
        assertThat(finish(attack).candidates().n()).isZero();
        assertThat(attack.notes()).hasSize(3);
        assertThat(attack.notes().get(1)).contains("start values are still in the first layer");
    }

    /** Its time grows with the square of the dimensions: asked for by name it did not end on a head that was stopped early. */
    @Test
    void pursuitRefusesAColumnSpaceThatIsNotSmall() {
        Head head = atItsStart();

        assertThatThrownBy(() -> attack(head, Method.PURSUIT))
                .isInstanceOfSatisfying(
                        PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_ATTACKABLE))
                .hasMessageContaining("100 dimensions for 100 neurons; above 60 %")
                .hasMessageContaining("--method optimise");
        // Unless asked for by name, it is left out.
        DefenceSpec smoothing =
                new DefenceSpec(null, .2, null, null, null, null, null, null, null, null, null, null, null);
        Attack told = new Attack(
                head, new AttackSettings("fast", Method.AUTO, TrainingLoss.MARGIN, 8, .1, 4, 3, "cpu", smoothing));
        assertThat(told.phases()).extracting(Attack.Phase::name).containsExactly("search");
        assertThat(told.notes())
                .anySatisfy(note -> assertThat(note)
                        .contains("100 dimensions for 100 neurons")
                        .contains("So the optimiser runs in place of gate pursuit"));
    }

    /** Start values at full size, as without weight decay: every neuron has a direction of its own. */
    private static Head atItsStart() {
        SplittableRandom random = new SplittableRandom(4);
        double size = 1 / Math.sqrt(200);
        return Head.of(
                200,
                random.doubles(100 * 200, -size, size).toArray(),
                new double[100],
                random.doubles(100, .05, .1).toArray(),
                null);
    }

    @Test
    void saysThatALinearHeadHoldsNoSingleMembers() {
        Head probe =
                Head.of(HeadActivation.RELU, List.of(new Head.Layer(1, 3, new double[] {1, 2, 3}, new double[] {.5})));

        Attack attack = new Attack(probe, new AttackSettings("fast", 20, .1, 60, 3, "cpu"));

        assertThat(attack.phases()).isEmpty();
        assertThat(finish(attack).candidates().n()).isZero();
        assertThat(attack.notes()).singleElement().asString().contains("one weighted sum of all members");
        // Asked for or not: there is nothing that a method could search for.
        assertThat(attack(probe, Method.PURSUIT).phases()).isEmpty();
    }

    @Test
    void refusesMoreCandidatesThanMemory() {
        PlantedHead planted = PlantedHead.of(8, 40, 120, 1, 5);

        assertThatThrownBy(() -> new Attack(
                        planted.head(),
                        new AttackSettings("paper", Method.AUTO, TrainingLoss.MARGIN, 900_000_000, 0, 1, 1, "cpu")))
                .isInstanceOfSatisfying(
                        PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_SPEC))
                .hasMessageContaining("1800000000 candidates for 900000000 members of a head 40-120-1")
                .hasMessageContaining("at most about");
    }

    private static Attack attack(Head head, Method method) {
        return new Attack(head, new AttackSettings("fast", method, TrainingLoss.MARGIN, 8, .1, 4, 3, "cpu"));
    }

    @Test
    void refusesWhatItCannotAttack() {
        Head linear = Head.of(2, new double[] {1, 2, 3, 4}, new double[2], new double[2], null);

        assertThatThrownBy(() -> new Attack(linear, new AttackSettings("papre", 0, 0, 0, 0, "cpu")))
                .isInstanceOfSatisfying(
                        PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_SPEC));
        assertThatThrownBy(() -> new Attack(linear, new AttackSettings("fast", -1, 0, 0, 0, "cpu")))
                .hasMessageContaining("must not be negative");
    }

    @Test
    void candidatesSurviveTheirTensors() {
        Candidates some = new Candidates(
                1, 2, new float[] {1, 2}, new int[] {4}, new double[] {.5}, new int[] {1}, new double[] {2.5});

        Candidates back = Candidates.of(some.tensors());

        assertThat(back.x()).containsExactly(1, 2);
        assertThat(back.trial()).containsExactly(4);
        assertThat(back.multiplier()).containsExactly(.5);
        assertThat(back.score()).containsExactly(2.5);
    }

    private static Attack.Outcome run(Head head, AttackSettings settings) {
        return finish(new Attack(head, settings));
    }

    private static Attack.Outcome finish(Attack attack) {
        List<Map<String, Tensor>> found = List.of();
        for (int phase = 0; phase < attack.phases().size(); phase++) {
            List<Map<String, Tensor>> now = new ArrayList<>();
            for (int i = 0; i < attack.phases().get(phase).units(); i++) {
                now.add(attack.run(phase, i, found, null, () -> false, Progress.SILENT)
                        .tensors());
            }
            found = now;
        }
        return attack.finish(found, Progress.SILENT);
    }
}
