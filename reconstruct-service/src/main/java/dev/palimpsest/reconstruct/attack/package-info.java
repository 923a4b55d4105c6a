/**
 * Reconstructs training members from the weights of a classifier head {@code v relu(w x + b) + c}.
 *
 * <p>At convergence under weight decay every row of the first layer is a sum of members, each with its multiplier and with the gate
 * of that neuron: {@code w_k = v_k sum_j s_jk lambda_j y_j x_j}. Start with {@link dev.palimpsest.reconstruct.attack.Attack}, which
 * chooses between three ways to use that: {@link dev.palimpsest.reconstruct.attack.NeuronDifferences} (a second, no optimisation),
 * {@link dev.palimpsest.reconstruct.attack.GatePursuit} (one output) and the optimisation of the stationarity loss for heads with
 * several outputs. Beside those, the preset {@code paper} is the published method, {@link dev.palimpsest.reconstruct.attack.PaperTrials}, to
 * compare with. Plain Java, EJML and DJL: no Quarkus, no broker, no store. The same seed gives the same candidates.
 */
@NullMarked
package dev.palimpsest.reconstruct.attack;

import org.jspecify.annotations.NullMarked;
