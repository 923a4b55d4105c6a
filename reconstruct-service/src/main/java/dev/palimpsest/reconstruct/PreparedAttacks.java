package dev.palimpsest.reconstruct;

import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.reconstruct.attack.Attack;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The attacks that were prepared last. Preparing one, its singular values and neuron differences, takes seconds, and an audit has dozens of
 * units: without this most of a worker's time went there. Several are kept, since audits take turns. An attack is a function of its
 * target, so that its digest names it.
 */
final class PreparedAttacks {
    private static final int KEPT = 4;

    /** Least recently used first. */
    private final Map<String, Attack> attacks = new LinkedHashMap<>(2 * KEPT, .75f, true);

    /** The attack on this target, prepared now unless it is still here. */
    synchronized Attack get(ArtifactRef target, Supplier<Attack> prepare) {
        Attack known = attacks.get(target.sha256());
        if (known != null) {
            return known;
        }
        Attack attack = prepare.get();
        attacks.put(target.sha256(), attack);
        if (attacks.size() > KEPT) {
            attacks.remove(attacks.keySet().iterator().next());
        }
        return attack;
    }
}
