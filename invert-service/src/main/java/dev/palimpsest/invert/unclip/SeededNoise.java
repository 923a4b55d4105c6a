package dev.palimpsest.invert.unclip;

import dev.palimpsest.artifacts.Digests;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * Numbers from a seed. Each draw has a generator of its own, so neither the order of draws nor what is computed together nor where a run
 * was interrupted changes a number.
 *
 * @param seed of the first picture; the next has the next
 */
public record SeededNoise(long seed) implements Noise {

    @Override
    public float[] draw(String name, int picture, int length) {
        String stream = (seed + picture) + "/" + name;
        String digest = Digests.sha256(stream.getBytes(StandardCharsets.UTF_8));
        SplittableRandom random = new SplittableRandom(Long.parseUnsignedLong(digest.substring(0, 16), 16));
        float[] numbers = new float[length];
        for (int i = 0; i < length; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }
}
