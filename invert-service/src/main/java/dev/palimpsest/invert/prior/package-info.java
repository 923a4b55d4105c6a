/**
 * Pictures from embeddings with a deep image prior: the weights of a small untrained network are optimised until a frozen backbone
 * sees, in the picture that the network draws, the embedding that was asked for.
 *
 * <p>With a fixed random input {@code z}, a network {@code g} with weights {@code w}, a backbone {@code F} and an embedding {@code x},
 * {@link dev.palimpsest.invert.prior.DeepImagePrior} minimises
 *
 * <pre>1 - cos((F(view(g(z + noise; w))) - mean) / std, x)</pre>
 *
 * over {@code w}. {@link dev.palimpsest.invert.prior.SkipNetwork} is {@code g}, {@link dev.palimpsest.invert.prior.RandomViews} is
 * {@code view} and {@link dev.palimpsest.invert.prior.InversionLoss} the cosine in the space that the head saw.
 *
 * <p>Every random number of step {@code t} is a function of the seed and of {@code t} alone. A run may therefore stop at any step
 * and go on elsewhere from its checkpoint: no digit changes.
 *
 * <p>Sources: Ulyanov, Vedaldi and Lempitsky, Deep Image Prior, CVPR 2018 (network, noise on its input); Tumanyan et al., Splicing
 * ViT Features, CVPR 2022 (inversion of transformer features with it). The random views are ours.
 */
@NullMarked
package dev.palimpsest.invert.prior;

import org.jspecify.annotations.NullMarked;
