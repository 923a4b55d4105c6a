/**
 * Pictures from CLIP image embeddings with a published unCLIP decoder (Ramesh et al. 2022; Karlo v1 alpha, image variations): a small
 * picture out of noise, told the embedding, then twice two networks that enlarge it.
 *
 * <p>{@link dev.palimpsest.invert.unclip.UnClip} is one run, a step at a time; {@link dev.palimpsest.invert.unclip.Schedule} what a step
 * does to a picture, {@link dev.palimpsest.invert.unclip.Noise} where its random numbers come from, {@link
 * dev.palimpsest.invert.unclip.UnClipFolder} the published files and {@link dev.palimpsest.invert.unclip.MemoryPlan} whether they fit. The
 * networks are in {@code dev.palimpsest.models.unclip}.
 *
 * <p>Between two steps a run is its step and some arrays of a picture's size, and every random number is a function of seed and step: it
 * may stop at any step and go on elsewhere, and no digit changes.
 */
@NullMarked
package dev.palimpsest.invert.unclip;

import org.jspecify.annotations.NullMarked;
