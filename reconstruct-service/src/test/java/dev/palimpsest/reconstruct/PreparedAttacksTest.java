package dev.palimpsest.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.models.Head;
import dev.palimpsest.reconstruct.attack.Attack;
import dev.palimpsest.reconstruct.attack.AttackSettings;
import org.junit.jupiter.api.Test;

class PreparedAttacksTest {
    private final PreparedAttacks prepared = new PreparedAttacks();
    private int times;

    @Test
    void isPreparedOnceForATarget() {
        Attack first = prepared.get(target(0), this::prepare);

        assertThat(prepared.get(target(0), this::prepare)).isSameAs(first);
        assertThat(times).isOne();
    }

    @Test
    void ofManyAuditsThatTakeTurnsTheOneThatWaitedLongestIsForgotten() {
        Attack used = prepared.get(target(0), this::prepare);
        Attack waiting = prepared.get(target(1), this::prepare);
        for (int i = 2; i < 5; i++) {
            prepared.get(target(i), this::prepare);
            assertThat(prepared.get(target(0), this::prepare)).isSameAs(used);
        }

        assertThat(prepared.get(target(1), this::prepare)).isNotSameAs(waiting);
        assertThat(times).isEqualTo(6);
    }

    private Attack prepare() {
        times++;
        return new Attack(
                Head.of(3, new double[] {1, 0, 0, 0, 1, 0}, new double[2], new double[] {1, 1}, null),
                new AttackSettings("fast", 2, .1, 1, 0, "cpu"));
    }

    private static ArtifactRef target(int i) {
        return new ArtifactRef("targets/a/target.json", Integer.toHexString(i).repeat(64), 1);
    }
}
