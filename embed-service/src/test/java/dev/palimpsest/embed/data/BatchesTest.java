package dev.palimpsest.embed.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.palimpsest.artifacts.npy.Npy;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BatchesTest {
    private static final int MANY = 10_000;

    @Test
    void twoBatchesAreHeldHoweverManySamplesThereAre() {
        Counting encoder = new Counting();
        Collected taker = new Collected(MANY);
        Batches.embed(encoder, 0, MANY, BatchesTest::sample, taker);

        assertThat(taker.rows).isEqualTo(MANY);
        assertThat(encoder.most.get()).isBetween(Encoder.BATCH, 2 * Encoder.BATCH);
    }

    /** The network waits for a sample of the next batch: without a second thread it would wait for ever. */
    @Test
    void theNextBatchIsPreparedWhileTheNetworkHasThisOne() {
        CountDownLatch nextBatch = new CountDownLatch(1);
        Counting encoder = new Counting() {
            @Override
            public Integer prepare(byte[] sample, String name) {
                if (name.equals("sample " + Encoder.BATCH)) {
                    nextBatch.countDown();
                }
                return super.prepare(sample, name);
            }

            @Override
            public float[] embed(List<Integer> inputs) {
                try {
                    assertThat(nextBatch.await(20, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                return super.embed(inputs);
            }
        };
        Collected taker = new Collected(MANY);
        Batches.embed(encoder, 0, 2 * Encoder.BATCH, BatchesTest::sample, taker);

        assertThat(taker.rows).isEqualTo(2 * Encoder.BATCH);
    }

    @Test
    void whatCannotBeUsedIsToldOfInItsPlace() {
        Collected taker = new Collected(MANY);
        Batches.embed(
                new Counting(),
                3,
                12,
                place -> place == 5
                        ? sample(place, new byte[0])
                        : place == 7 ? sample(place, Npy.write(new float[] {70})) : sample(place),
                taker);

        assertThat(taker.told)
                .containsExactly(
                        "3: 3.0",
                        "4: 4.0",
                        "5: sample 5 is empty",
                        "6: 6.0",
                        "7: 70.0",
                        "8: 8.0",
                        "9: 9.0",
                        "10: 10.0",
                        "11: 11.0");
    }

    @Test
    void endsWithTheBatchAfterWhichTheTakerHasEnough() {
        Collected taker = new Collected(2 * Encoder.BATCH);
        Batches.embed(new Counting(), 0, MANY, BatchesTest::sample, taker);

        assertThat(taker.rows).isEqualTo(2 * Encoder.BATCH);
    }

    @Test
    void whatIsNotTheFaultOfOneSampleEndsTheRun() {
        assertThatThrownBy(() -> Batches.embed(
                        new Counting(),
                        0,
                        MANY,
                        place -> sample(place, Npy.write(new float[] {1, 2})),
                        new Collected(MANY)))
                .isInstanceOfSatisfying(
                        PalimpsestException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SHAPE_MISMATCH))
                .hasMessageContaining("sample 0 is an embedding of 2 numbers");
    }

    private static Batches.Sample sample(int place) {
        return sample(place, new byte[] {(byte) place});
    }

    private static Batches.Sample sample(int place, byte[] bytes) {
        return new Batches.Sample() {
            @Override
            public String name() {
                return "sample " + place;
            }

            @Override
            public byte[] bytes() {
                return bytes;
            }
        };
    }

    /** Embeds a byte as itself; counts the inputs that are prepared and not embedded yet. */
    private static class Counting implements Encoder<Integer> {
        private final AtomicInteger held = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();

        @Override
        public String name() {
            return "bytes";
        }

        @Override
        public int dimension() {
            return 1;
        }

        @Override
        public Integer prepare(byte[] sample, String name) {
            if (sample.length == 0) {
                throw new PalimpsestException(ErrorCode.BAD_IMAGE, name + " is empty");
            }
            most.accumulateAndGet(held.incrementAndGet(), Math::max);
            return (int) sample[0];
        }

        @Override
        public float[] embed(List<Integer> inputs) {
            float[] rows = new float[inputs.size()];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = inputs.get(i);
            }
            held.addAndGet(-inputs.size());
            return rows;
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    }

    private static final class Collected implements Batches.Taker {
        private final int enough;
        private final List<String> told = new ArrayList<>();
        private int rows;

        Collected(int enough) {
            this.enough = enough;
        }

        @Override
        public void embedded(int place, float[] embedding) {
            rows++;
            told.add(place + ": " + embedding[0]);
        }

        @Override
        public void skipped(int place, String reason) {
            told.add(place + ": " + reason);
        }

        @Override
        public boolean next(int end) {
            return end < enough;
        }
    }
}
