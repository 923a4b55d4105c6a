package dev.palimpsest.invert.unclip;

import java.util.LinkedHashMap;
import java.util.Map;

/** The draws of a run by name, in their order: a start for each of the two loops, and one for each of its steps but the last. */
final class Draws {
    private Draws() {}

    static String start(String loop) {
        return loop + "/initial_latents";
    }

    static String step(String loop, int step) {
        return String.format(java.util.Locale.ROOT, "%s/step_%02d/noise", loop, step);
    }

    /** All draws of a run, with the shape of one picture: {@code [3, S, S]}. */
    static Map<String, long[]> all(UnClipSettings settings, int smallSide, int largeSide) {
        Map<String, long[]> draws = new LinkedHashMap<>();
        loop(draws, UnClip.DECODER, settings.decoderSteps(), smallSide);
        loop(draws, UnClip.SUPER_RES, settings.superResSteps(), largeSide);
        return draws;
    }

    private static void loop(Map<String, long[]> draws, String loop, int steps, int side) {
        long[] shape = {UnClip.CHANNELS, side, side};
        draws.put(start(loop), shape);
        for (int i = 0; i < steps - 1; i++) {
            draws.put(step(loop, i), shape);
        }
    }
}
