package dev.palimpsest.contracts.spec;

/**
 * One thing that is wrong with a spec.
 *
 * @param line counted from 1; 0 when it concerns the whole file
 * @param path the key from the top, e.g. {@code target.train.epochs}; empty for the whole file
 * @param text what was found, what was expected
 */
public record Problem(int line, String path, String text) {
    @Override
    public String toString() {
        return (line > 0 ? "line " + line + ": " : "") + (path.isEmpty() ? "" : path + ": ") + text;
    }
}
