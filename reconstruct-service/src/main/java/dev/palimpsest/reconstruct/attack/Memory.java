package dev.palimpsest.reconstruct.attack;

import com.sun.management.OperatingSystemMXBean;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** Whether the candidates of an attack fit into this machine, before anything is allocated. */
final class Memory {
    /** Arrays of the size of a layer's activations, and of the candidates, that a step of the optimiser holds at once. */
    private static final int ACTIVATIONS = 14;

    private static final int POINTS = 10;
    private static final double GB = 1e9;

    private Memory() {}

    /**
     * @param paper whether numbers have 8 bytes, else 4
     * @throws PalimpsestException {@code BAD_SPEC} with what is needed and what there is
     */
    static void require(Head head, int members, boolean paper) {
        long candidates = 2L * members;
        double each = (double) POINTS * head.inputs();
        for (Head.Layer layer : head.layers()) {
            each += (double) ACTIVATIONS * layer.outputs();
        }
        double needed = candidates * each * (paper ? 8 : 4);
        double there = memory();
        if (needed > there || candidates * head.inputs() > Integer.MAX_VALUE) {
            throw new PalimpsestException(
                    ErrorCode.BAD_SPEC,
                    String.format(
                            Locale.ROOT,
                            "%d candidates for %d members of a head %s need about %.1f GB, and this machine has %.1f GB (a matrix at most"
                                    + " %d numbers). Look for fewer members: at most about %d.",
                            candidates,
                            members,
                            head,
                            needed / GB,
                            there / GB,
                            Integer.MAX_VALUE,
                            most(each * (paper ? 8 : 4), there, head.inputs())));
        }
    }

    private static long most(double bytes, double there, int d) {
        return (long) Math.min(there / bytes, Integer.MAX_VALUE / (double) d) / 2;
    }

    private static double memory() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }
}
