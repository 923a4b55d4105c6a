package dev.palimpsest.images;

/** What an image computes on. */
enum Variant {
    /** With the engine's libraries for the CPU in a layer of its own, which is the same in every image. */
    CPU("", "cpu"),
    /** With the libraries that its base image has, since they are as large as the rest a dozen times. */
    CUDA("-cuda", "cu128");

    private final String suffix;
    private final String flavour;

    Variant(String suffix, String flavour) {
        this.suffix = suffix;
        this.flavour = flavour;
    }

    String suffix() {
        return suffix;
    }

    /** The engine's name for it. */
    String flavour() {
        return flavour;
    }
}
