package dev.palimpsest.embed.data;

import dev.palimpsest.artifacts.npy.Npy;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Samples to embeddings, {@value Encoder#BATCH} places at a time; a sample that cannot be used is told of and passed over. One batch of
 * prepared inputs is all that is held.
 */
public final class Batches {
    private static final Set<ErrorCode> OF_ONE_SAMPLE =
            Set.of(ErrorCode.BAD_IMAGE, ErrorCode.BAD_FILE, ErrorCode.BAD_DATA);

    private Batches() {}

    /** One place of the dataset. */
    public interface Sample {
        /** For errors. */
        String name();

        /** As {@link Content#bytes} gives them. */
        byte[] bytes();
    }

    /** What becomes of the samples. */
    public interface Taker {
        /** @param place index in the batch */
        void embedded(int place, float[] embedding);

        /** In one sentence with the name of the sample. */
        void skipped(int place, String reason);
    }

    /**
     * Embeds one batch. A sample that is an embedding already (.npy) is taken as it is.
     *
     * @throws PalimpsestException of what is not the fault of one sample; SHAPE_MISMATCH for an embedding of another width
     */
    public static <T> void embed(Encoder<T> encoder, List<? extends Sample> batch, Taker taker) {
        float[][] rows = new float[batch.size()][];
        List<Integer> places = new ArrayList<>();
        List<T> inputs = new ArrayList<>();
        for (int place = 0; place < batch.size(); place++) {
            Sample sample = batch.get(place);
            try {
                byte[] bytes = sample.bytes();
                if (Npy.is(bytes)) {
                    rows[place] = made(bytes, sample.name(), encoder);
                } else {
                    inputs.add(encoder.prepare(bytes, sample.name()));
                    places.add(place);
                }
            } catch (PalimpsestException e) {
                if (!OF_ONE_SAMPLE.contains(e.code())) {
                    throw e;
                }
                taker.skipped(place, String.valueOf(e.getMessage()));
            }
        }
        if (!inputs.isEmpty()) {
            float[] embedded = encoder.embed(inputs);
            int d = encoder.dimension();
            for (int i = 0; i < places.size(); i++) {
                rows[places.get(i)] = Arrays.copyOfRange(embedded, i * d, (i + 1) * d);
            }
        }
        for (int place = 0; place < rows.length; place++) {
            if (rows[place] != null) {
                taker.embedded(place, rows[place]);
            }
        }
    }

    private static float[] made(byte[] npy, String name, Encoder<?> encoder) {
        float[] row = Npy.read(npy, name).toFloats();
        if (row.length != encoder.dimension()) {
            throw new PalimpsestException(
                    ErrorCode.SHAPE_MISMATCH,
                    name + " is an embedding of " + row.length + " numbers, but the backbone " + encoder.name()
                            + " makes " + encoder.dimension() + ": name the backbone that made it");
        }
        return row;
    }
}
