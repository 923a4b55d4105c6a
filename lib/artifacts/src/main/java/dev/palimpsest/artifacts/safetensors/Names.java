package dev.palimpsest.artifacts.safetensors;

/** Names from files as they may appear in messages. */
final class Names {
    private static final int SHOWN = 80;

    private Names() {}

    /** Quoted, shortened and without control characters, since the name was written by somebody else. */
    static String quote(String name) {
        String clean = name.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= SHOWN ? "'" + clean + "'" : "'" + clean.substring(0, SHOWN) + "...'";
    }
}
