package dev.palimpsest.gateway.measure;

import org.jspecify.annotations.Nullable;

/**
 * Two pictures side by side.
 *
 * @param ssim {@link dev.palimpsest.artifacts.picture.Ssim}, at the size of the reconstructed picture; null when the owner gave embeddings
 *     instead of photographs
 * @param distance {@code 1 - cos} of the two raw embeddings, 0 to 2: perceptual, in the features of the backbone that was inverted
 */
public record Likeness(@Nullable Double ssim, double distance) {}
