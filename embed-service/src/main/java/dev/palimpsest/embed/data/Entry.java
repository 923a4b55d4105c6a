package dev.palimpsest.embed.data;

/**
 * One sample that was chosen.
 *
 * @param file its name within the dataset, for people: a path with forward slashes, or a file and a row
 * @param label what its class is called
 * @param part {@link #MEMBER} or {@link #HELD_OUT}
 */
public record Entry(String file, String label, String part, Content content) {
    /** Trains the head. */
    public static final String MEMBER = "member";
    /** Never trained on. */
    public static final String HELD_OUT = "heldout";
}
