package dev.palimpsest.cli.command;

import java.util.Locale;

/** Colours, on a terminal that wants them and nowhere else; <a href="https://no-color.org">NO_COLOR</a> turns them off. */
final class Style {
    private static final String OFF = "\u001b[0m";

    private final boolean on;

    Style(boolean on) {
        this.on = on;
    }

    static Style here() {
        return new Style(
                System.console() != null && System.getenv("NO_COLOR") == null && !"dumb".equals(System.getenv("TERM")));
    }

    /** A state, padded to a width before it is coloured. */
    String state(String state, int width) {
        return coloured(
                padded(state, width),
                switch (state.toLowerCase(Locale.ROOT)) {
                    case "done", "dropped", "replayed" -> 32;
                    case "failed", "open" -> 31;
                    case "cancelled", "paused", "erased" -> 33;
                    default -> 36;
                });
    }

    /** A grade from A to E, likewise. */
    String grade(String grade, int width) {
        return coloured(
                padded(grade, width),
                switch (grade) {
                    case "A" -> 32;
                    case "B", "C" -> 33;
                    case "D", "E" -> 31;
                    default -> 39;
                });
    }

    private String coloured(String text, int colour) {
        return on ? "\u001b[" + colour + "m" + text + OFF : text;
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
