package dev.palimpsest.embed.data;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Takes the samples of one walk and keeps those that are wanted: of each part of a class its share, with a seed those whose names have the
 * smallest keyed hashes. So a draw needs no list of the dataset, and neither the order nor the number of other classes changes it.
 */
final class Draw implements Source.Sink {
    private static final int TOLD = 20;

    private final @Nullable Long seed;
    private final Map<String, Slot> slots = new HashMap<>();
    private final List<Slot> inOrder = new ArrayList<>();
    private final Map<String, Integer> seen = new HashMap<>();
    private final List<String> skipped = new ArrayList<>();
    private int skippedInAll;
    private long walked;

    Draw(@Nullable Long seed) {
        this.seed = seed;
    }

    private record Ranked(long rank, long place, Entry entry) {}

    /** The best so many of what is offered. */
    private static final class Pick {
        private final int most;
        private final PriorityQueue<Ranked> worstFirst = new PriorityQueue<>(Comparator.comparingLong(Ranked::rank)
                .thenComparingLong(Ranked::place)
                .reversed());

        Pick(int most) {
            this.most = most;
        }

        boolean wants(long rank) {
            return worstFirst.size() < most
                    || (most > 0 && rank < worstFirst.element().rank());
        }

        void add(Ranked ranked) {
            worstFirst.add(ranked);
            if (worstFirst.size() > most) {
                worstFirst.remove();
            }
        }

        List<Entry> entries() {
            return worstFirst.stream()
                    .sorted(Comparator.comparingLong(Ranked::place))
                    .map(Ranked::entry)
                    .toList();
        }
    }

    private record Slot(String label, Pick members, Pick heldOut) {}

    /** Makes room for the samples of some of the dataset's classes, which together are (a part of) the class {@code label}. */
    void expect(Iterable<String> ownClasses, String label, int members, int heldOut) {
        Slot slot = new Slot(label, new Pick(members), new Pick(heldOut));
        ownClasses.forEach(own -> slots.put(own, slot));
        inOrder.add(slot);
    }

    @Override
    public void sample(String file, String ownClass, @Nullable String part, Content content) {
        Slot slot = slots.get(ownClass);
        if (slot == null) {
            return;
        }
        int before = seen.merge(ownClass, 1, Integer::sum) - 1;
        String given = part != null ? part : before % 2 == 0 ? Entry.MEMBER : Entry.HELD_OUT;
        Pick pick = given.equals(Entry.MEMBER) ? slot.members() : slot.heldOut();
        long place = walked++;
        long rank = seed == null ? place : hash(file, seed);
        if (!pick.wants(rank)) {
            return;
        }
        if (content.present()) {
            pick.add(new Ranked(rank, place, new Entry(file, slot.label(), given, content)));
        } else {
            skip("There is no file " + file + ", which the dataset lists.");
        }
    }

    @Override
    public void skip(String sentence) {
        if (skippedInAll++ < TOLD) {
            skipped.add(sentence);
        }
    }

    /** What was kept of a class. */
    List<Entry> entries(String label, String part) {
        return inOrder.stream()
                .filter(slot -> slot.label().equals(label))
                .flatMap(slot -> (part.equals(Entry.MEMBER) ? slot.members() : slot.heldOut()).entries().stream())
                .toList();
    }

    Listing listing(List<Entry> entries) {
        return new Listing(entries, skipped, skippedInAll);
    }

    /** FNV-1a over the name's UTF-8 bytes, then the finaliser of SplitMix64: fixed for ever, on every machine. */
    private static long hash(String name, long seed) {
        long h = 0xcbf29ce484222325L;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            h = (h ^ (b & 0xff)) * 0x100000001b3L;
        }
        h += seed * 0x9e3779b97f4a7c15L;
        h = (h ^ (h >>> 30)) * 0xbf58476d1ce4e5b9L;
        h = (h ^ (h >>> 27)) * 0x94d049bb133111ebL;
        return h ^ (h >>> 31);
    }
}
