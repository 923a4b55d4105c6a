package dev.palimpsest.invert.unclip;

/** Where a run's standard normal numbers come from. */
public interface Noise {
    /**
     * The numbers of one draw for one picture, the same whenever they are asked for.
     *
     * @param name as in {@link Draws}
     * @param picture its number within the run, from 0
     * @param length how many
     */
    float[] draw(String name, int picture, int length);
}
