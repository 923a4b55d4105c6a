package dev.palimpsest.contracts;

/** The one backbone that takes texts. It comes with the build, so that a spec names it and no folder; no folder can take its name. */
public final class TextBackbone {
    /** What a spec calls it, and the {@code model_type} of its config.json. */
    public static final String NAME = "minilm-l6-v2";

    private TextBackbone() {}

    /** Whether a spec's {@code backbone} means it. */
    public static boolean is(String backbone) {
        return backbone.equals(NAME);
    }
}
