package dev.palimpsest.embed.data;

import dev.palimpsest.artifacts.npy.Npy;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Samples to embeddings, {@value Encoder#BATCH} places at a time; a sample that cannot be used is told of and passed over. While the network
 * has one batch, a second thread reads, decodes and resizes the next: two batches of prepared inputs are all that is ever held.
 */
public final class Batches {
    private static final Set<ErrorCode> OF_ONE_SAMPLE =
            Set.of(ErrorCode.BAD_IMAGE, ErrorCode.BAD_FILE, ErrorCode.BAD_DATA);

    private Batches() {}

    /** One place of the dataset. */
    public interface Sample {
        /** For errors. */
        String name();

        /** As {@link Content#bytes} gives them; called from another thread. */
        byte[] bytes();
    }

    /** What becomes of the samples, in their order. */
    public interface Taker {
        void embedded(int place, float[] embedding);

        /** In one sentence with the name of the sample. */
        void skipped(int place, String reason);

        /**
         * A batch is done.
         *
         * @param end the first place that is not
         * @return whether to go on
         */
        boolean next(int end);
    }

    /** A sample on its way: an input of the network, or its embedding, or why it is neither. */
    private record Prepared<T>(
            @Nullable T input,
            float @Nullable [] row,
            @Nullable String reason) {}

    /**
     * Embeds the places from {@code from} until {@code to}, or until the taker has enough. A sample that is an embedding already (.npy) is
     * taken as it is.
     *
     * @param at the sample at a place; called from this thread, in order, at most two batches ahead of the taker
     * @throws PalimpsestException of what is not the fault of one sample; SHAPE_MISMATCH for an embedding of another width
     */
    public static <T> void embed(Encoder<T> encoder, int from, int to, IntFunction<? extends Sample> at, Taker taker) {
        ExecutorService preparer = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "prepares-batches");
            thread.setDaemon(true);
            return thread;
        });
        try {
            Future<List<Prepared<T>>> coming = prepare(preparer, encoder, samples(from, to, at));
            for (int first = from; first < to; first += Encoder.BATCH) {
                List<Prepared<T>> batch = outcome(coming);
                int end = first + batch.size();
                coming = prepare(preparer, encoder, samples(end, to, at));
                embed(encoder, batch, first, taker);
                if (!taker.next(end)) {
                    return;
                }
            }
        } finally {
            preparer.shutdownNow();
        }
    }

    private static List<? extends Sample> samples(int from, int to, IntFunction<? extends Sample> at) {
        List<Sample> samples = new ArrayList<>();
        for (int place = from; place < Math.min(from + Encoder.BATCH, to); place++) {
            samples.add(at.apply(place));
        }
        return samples;
    }

    private static <T> Future<List<Prepared<T>>> prepare(
            ExecutorService preparer, Encoder<T> encoder, List<? extends Sample> samples) {
        return preparer.submit(() -> {
            List<Prepared<T>> prepared = new ArrayList<>();
            for (Sample sample : samples) {
                prepared.add(prepared(encoder, sample));
            }
            return prepared;
        });
    }

    private static <T> Prepared<T> prepared(Encoder<T> encoder, Sample sample) {
        try {
            byte[] bytes = sample.bytes();
            return Npy.is(bytes)
                    ? new Prepared<>(null, made(bytes, sample.name(), encoder), null)
                    : new Prepared<>(encoder.prepare(bytes, sample.name()), null, null);
        } catch (PalimpsestException e) {
            if (!OF_ONE_SAMPLE.contains(e.code())) {
                throw e;
            }
            return new Prepared<>(null, null, String.valueOf(e.getMessage()));
        }
    }

    private static <T> T outcome(Future<T> coming) {
        try {
            return coming.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while samples were prepared");
        }
    }

    private static <T> void embed(Encoder<T> encoder, List<Prepared<T>> batch, int first, Taker taker) {
        List<T> inputs = new ArrayList<>();
        for (Prepared<T> prepared : batch) {
            if (prepared.input() != null) {
                inputs.add(prepared.input());
            }
        }
        float[] embedded = inputs.isEmpty() ? new float[0] : encoder.embed(inputs);
        int d = encoder.dimension();
        int done = 0;
        for (int i = 0; i < batch.size(); i++) {
            Prepared<T> prepared = batch.get(i);
            if (prepared.reason() != null) {
                taker.skipped(first + i, prepared.reason());
            } else if (prepared.row() != null) {
                taker.embedded(first + i, prepared.row());
            } else {
                taker.embedded(first + i, Arrays.copyOfRange(embedded, done * d, (done + 1) * d));
                done++;
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
