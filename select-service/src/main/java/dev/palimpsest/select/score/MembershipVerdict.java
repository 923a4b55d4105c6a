package dev.palimpsest.select.score;

import dev.palimpsest.models.Head;
import java.util.Arrays;

/**
 * How well {@link Membership} tells members from controls in one pool of both.
 *
 * @param controls how many were used: at most as many as members
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record MembershipVerdict(
        double auc,
        double tprAtFpr1,
        double tprAtFpr5,
        Interval aucInterval,
        Interval tprAtFpr1Interval,
        double residual,
        int controls,
        double[] memberScores,
        double[] controlScores) {

    /**
     * @param members {@code [n, d]} in the space that the head saw
     * @param controls {@code [c, d]}, c at least 1
     */
    public static MembershipVerdict of(Head head, float[] members, float[] controls) {
        int d = head.inputs();
        int n = members.length / d;
        int used = Math.min(n, controls.length / d);
        float[] some = Calibration.evenlySpaced(controls, controls.length / d, d, used);
        float[] pool = Arrays.copyOf(members, members.length + some.length);
        System.arraycopy(some, 0, pool, members.length, some.length);
        Membership fit = Membership.of(head, pool, n + used);
        double[] inside = Arrays.copyOf(fit.score(), n);
        double[] outside = Arrays.copyOfRange(fit.score(), n, n + used);
        return new MembershipVerdict(
                Discrimination.auc(inside, outside),
                Discrimination.tprAt(.01, inside, outside),
                Discrimination.tprAt(.05, inside, outside),
                Bootstrap.interval(inside, outside, Discrimination::auc),
                Bootstrap.interval(inside, outside, (m, q) -> Discrimination.tprAt(.01, m, q)),
                fit.residual(),
                used,
                inside,
                outside);
    }

    /** For the report. */
    public String sentence() {
        return "With members and controls in hand, the head tells them apart: AUC %.2f (%.2f to %.2f), TPR at FPR 1 %% %.0f %%."
                .formatted(auc, aucInterval.low(), aucInterval.high(), 100 * tprAtFpr1);
    }
}
