/**
 * The networks of unCLIP (Ramesh et al. 2022) as Karlo publishes them in diffusers layout: from a CLIP image embedding to a picture.
 *
 * <p>{@link dev.palimpsest.models.unclip.TextProjection} turns the embedding and an empty prompt ({@link
 * dev.palimpsest.models.ClipText}) into what the decoder is told; {@link dev.palimpsest.models.unclip.UNet} is the decoder and both
 * super-resolution networks. Sizes come from config.json alone. How they are run, step by step, is the invert service's business.
 */
@NullMarked
package dev.palimpsest.models.unclip;

import org.jspecify.annotations.NullMarked;
