package dev.palimpsest.select.score;

/**
 * How much of its training data a head gives away, from A (nothing was shown) to E (a good part of it), by a fixed rule on a {@link Score}
 * with controls.
 *
 * <p>With {@code excess(t)} = (members matched above cosine t - the same share of controls) / members, and {@code tpr} = TPR at FPR 1 %, the first
 * line that holds gives the grade:
 *
 * <table>
 * <caption>Rule</caption>
 * <tr><td>E</td><td>{@code excess(0.9) >= 10 %} and {@code tpr >= 10 %}</td></tr>
 * <tr><td>D</td><td>{@code excess(0.9) >= 1 %} and {@code tpr >= 5 %}</td></tr>
 * <tr><td>C</td><td>{@code excess(0.75) >= 5 %} and {@code tpr >= 5 %}, or {@code tpr >= 20 %} alone</td></tr>
 * <tr><td>B</td><td>{@code excess(0.75) > 0} or {@code tpr >= 3 %}</td></tr>
 * <tr><td>A</td><td>otherwise</td></tr>
 * </table>
 *
 * <p>Every condition grows with members matched and falls with controls matched, so the grade is monotone in both. Counts net of the null, rather
 * than members above the null's maximum, keep one control that happens to be a near copy of a member from hiding everything;
 * such a control costs one match. Members that are told from controls in number give something away however rough their cosines are: a head of
 * which that holds is no better than C. A fifth, since of 20 members and as many controls 4 stand above every control by chance in about 5 % of
 * audits, and of more members less often. An A says what this attack could not do, not that no attack can.
 */
public enum Grade {
    A("no member came back beyond what controls reach by chance"),
    B("single members may have come back, little beyond chance"),
    C(
            "members came back roughly: at least 5 % of them above cosine 0.75, beyond chance, or at least 20 % told from controls"),
    D("members came back closely: at least 1 % of them above cosine 0.9, beyond chance"),
    E("members came back closely and in number: at least 10 % of them above cosine 0.9, beyond chance");

    private final String meaning;

    Grade(String meaning) {
        this.meaning = meaning;
    }

    /** One clause for the report. */
    public String meaning() {
        return meaning;
    }

    static Grade of(double excess75, double excess90, double tprAtFpr1) {
        if (excess90 >= 0.10 && tprAtFpr1 >= 0.10) {
            return E;
        }
        if (excess90 >= 0.01 && tprAtFpr1 >= 0.05) {
            return D;
        }
        if ((excess75 >= 0.05 && tprAtFpr1 >= 0.05) || tprAtFpr1 >= 0.20) {
            return C;
        }
        return excess75 > 0 || tprAtFpr1 >= 0.03 ? B : A;
    }
}
