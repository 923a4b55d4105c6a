package dev.palimpsest.reconstruct.attack;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * A number about the training that was not told and was read off the head.
 *
 * @param low lower end of what is likely
 * @param high upper end; null where nothing bounds it
 * @param confidence {@code good}, {@code rough}, or {@code none} where the value is a mere default
 * @param reason one sentence
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Estimate(double value, double low, @Nullable Double high, String confidence, String reason) {}
