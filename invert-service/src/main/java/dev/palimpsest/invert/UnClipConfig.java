package dev.palimpsest.invert;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** Where a worker has its unCLIP pipeline, if it has one. */
@ConfigMapping(prefix = "palimpsest.unclip")
interface UnClipConfig {
    /** The published pipeline in diffusers layout. */
    Optional<String> folder();

    /** The length that embeddings are given: the mean of public ones, as {@code invert --norm public} prints it. */
    Optional<Double> norm();
}
