package dev.palimpsest.stage;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/**
 * Of each partition that this worker has, the offset below which all units are done, and what of that the broker has taken. What it has not
 * taken is offered again, also when nothing more is done: while a group is rebalanced a broker takes nothing, and a lag that stays looks like
 * work to whoever scales workers by it. Thread-safe; {@link #commit} belongs to the consumer's thread.
 */
final class Offsets {
    private static final Logger LOG = Logger.getLogger(Offsets.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Map<TopicPartition, Progress> partitions = new HashMap<>();

    /** Of one partition, since it came to this worker. */
    private static final class Progress {
        private static final long NONE = -1;

        private final NavigableSet<Long> undone = new TreeSet<>();
        private long read = NONE;
        private long taken = NONE;

        void read(long offset) {
            if (read == NONE) {
                // It is read from where the group had come.
                taken = offset;
            }
            read = Math.max(read, offset + 1);
            undone.add(offset);
        }

        long done() {
            return undone.isEmpty() ? read : undone.first();
        }
    }

    synchronized void assigned(Collection<TopicPartition> given) {
        given.forEach(partition -> partitions.putIfAbsent(partition, new Progress()));
    }

    /** Another worker has them now, and reads again what is not committed. */
    synchronized void revoked(Collection<TopicPartition> taken) {
        partitions.keySet().removeAll(taken);
    }

    synchronized void read(TopicPartition partition, long offset) {
        Progress progress = partitions.get(partition);
        if (progress != null) {
            progress.read(offset);
        }
    }

    synchronized void done(TopicPartition partition, long offset) {
        Progress progress = partitions.get(partition);
        if (progress != null) {
            progress.undone.remove(offset);
        }
    }

    /** Tells the broker what it does not know yet. Returns whether it knows all now. */
    boolean commit(Consumer<?, ?> consumer) {
        Map<TopicPartition, OffsetAndMetadata> news = news();
        if (news.isEmpty()) {
            return true;
        }
        try {
            consumer.commitSync(news, PATIENCE);
            taken(news);
            return true;
        } catch (KafkaException e) {
            LOG.infof("offsets of %s are committed later: %s", news.keySet(), e.getMessage());
            return false;
        }
    }

    private synchronized Map<TopicPartition, OffsetAndMetadata> news() {
        Map<TopicPartition, OffsetAndMetadata> news = new HashMap<>();
        partitions.forEach((partition, progress) -> {
            if (progress.done() > progress.taken) {
                news.put(partition, new OffsetAndMetadata(progress.done()));
            }
        });
        return news;
    }

    private synchronized void taken(Map<TopicPartition, OffsetAndMetadata> offsets) {
        offsets.forEach((partition, offset) -> {
            Progress progress = partitions.get(partition);
            if (progress != null) {
                progress.taken = offset.offset();
            }
        });
    }
}
