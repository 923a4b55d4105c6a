package dev.palimpsest.contracts;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Defences of a head to train: what its training does, then what is done to its weights before they are released: rank, prune,
 * weightNoise, decimals and bits in this order.
 * Null is none. Early stop, less weight decay and a smaller head are {@code epochs}, {@code weightDecay} and {@code hidden} of
 * {@link AuditSpec.TrainSpec}.
 *
 * @param dropout share of hidden neurons dropped in each step
 * @param labelSmoothing share of each label that is spread over all classes
 * @param batch samples of a step; null: all
 * @param optimiser momentum or adam; null: plain gradient descent
 * @param embeddingNoise deviation of Gaussian noise on normalised embeddings, drawn anew in each step
 * @param dpClip DP-SGD: longest gradient of one sample
 * @param dpNoise DP-SGD: deviation of the noise on the sum of gradients, in units of {@code dpClip}
 * @param dpDelta at which epsilon is told; null: 1e-5
 * @param weightNoise deviation of Gaussian noise on released weights, in units of each tensor's root mean square
 * @param decimals that released weights are rounded to
 * @param bits of released weights: symmetric quantisation, one scale a tensor
 * @param prune share of each layer's smallest weights that becomes 0
 * @param rank of the first layer's released weights
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DefenceSpec(
        @Nullable Double dropout,
        @Nullable Double labelSmoothing,
        @Nullable Integer batch,
        @Nullable String optimiser,
        @Nullable Double embeddingNoise,
        @Nullable Double dpClip,
        @Nullable Double dpNoise,
        @Nullable Double dpDelta,
        @Nullable Double weightNoise,
        @Nullable Integer decimals,
        @Nullable Integer bits,
        @Nullable Double prune,
        @Nullable Integer rank) {
    /** Key and value of what is set, as a spec has them. */
    @Override
    public String toString() {
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("dropout", dropout);
        all.put("labelSmoothing", labelSmoothing);
        all.put("batch", batch);
        all.put("optimiser", optimiser);
        all.put("embeddingNoise", embeddingNoise);
        all.put("dpClip", dpClip);
        all.put("dpNoise", dpNoise);
        all.put("dpDelta", dpDelta);
        all.put("rank", rank);
        all.put("prune", prune);
        all.put("weightNoise", weightNoise);
        all.put("decimals", decimals);
        all.put("bits", bits);
        return all.entrySet().stream()
                .filter(entry -> entry.getValue() != null)
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
    }
}
