package dev.palimpsest.embed.data;

import java.util.List;

/**
 * Samples of one kind to embeddings, a batch at a time. Used from one thread.
 *
 * @param <T> a sample as the network takes it
 */
public interface Encoder<T> extends AutoCloseable {
    /** Enough to keep a core busy, few enough that a batch of large inputs stays small. */
    int BATCH = 8;

    /** What the network is called. */
    String name();

    /** The width {@code d} of an embedding. */
    int dimension();

    /**
     * Makes a sample ready.
     *
     * @param sample as {@link Content#bytes} gives it
     * @param name for errors
     * @throws dev.palimpsest.contracts.PalimpsestException BAD_IMAGE, BAD_DATA: this one cannot be used
     */
    T prepare(byte[] sample, String name);

    /**
     * @param inputs of {@link #prepare}, at most {@link #BATCH}
     * @return {@code [inputs, d]} row-major
     */
    float[] embed(List<T> inputs);

    /** Frees the network. */
    @Override
    void close();
}
