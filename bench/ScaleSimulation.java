import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.SplittableRandom;

/**
 * A discrete-event simulation of many audits on many GPUs: units are placed on partitions by their key, partitions belong to workers, a worker
 * takes the unit of the audit that has had the least of its time, chains continue when their last piece is done. A GPU serves whichever stage has
 * work, as when a scaler moves it; that a pod has to start is left out. What a unit costs beyond its work
 * is what bench/Scaling.java measured. Arguments: audits, GPUs, seconds beyond the work of a unit.
 */
final class ScaleSimulation {
    private static final double UNIT = 60;
    /** Records of news a unit tells, and requests to the store it makes; from reading the invert stage. */
    private static final int NEWS = 5;

    private static final int REQUESTS = 8;

    /** What audits are like: how many of ten, attack units side by side, pictures, and units a picture. */
    private enum Kind {
        SMALL(2, 4, 2, 2),
        TYPICAL(6, 8, 8, 4),
        LARGE(2, 32, 32, 8);

        private final int ofTen;
        private final int attack;
        private final int pictures;
        private final int chain;

        Kind(int ofTen, int attack, int pictures, int chain) {
            this.ofTen = ofTen;
            this.attack = attack;
            this.pictures = pictures;
            this.chain = chain;
        }

        int inversion() {
            return pictures * chain;
        }
    }

    private static final class Audit {
        private final int id;
        private final Kind kind;
        private final double submitted;
        private int attackLeft;
        private int picturesLeft;
        private double ended;

        Audit(int id, Kind kind, double submitted) {
            this.id = id;
            this.kind = kind;
            this.submitted = submitted;
            attackLeft = kind.attack;
            picturesLeft = kind.pictures;
        }
    }

    /** @param item which attack unit or picture; @param left units of its chain after this one */
    private record Unit(Audit audit, boolean inversion, int item, int left) {}

    /** An end of a unit on a worker, or an audit's submission. */
    private record Event(double time, long order, Worker worker, Unit unit, Audit submitted) {}

    private static final class Line {
        private final Queue<Unit> waiting = new ArrayDeque<>();
        private double had;
    }

    private static final class Worker {
        private final Map<Audit, Line> lines = new HashMap<>();
        private double clock;
        private boolean busy;
        private double worked;

        void add(Unit unit) {
            Line line = lines.computeIfAbsent(unit.audit(), audit -> new Line());
            if (line.waiting.isEmpty()) {
                line.had = Math.max(line.had, clock);
            }
            line.waiting.add(unit);
        }

        Unit next() {
            Line best = null;
            int first = 0;
            for (Map.Entry<Audit, Line> entry : lines.entrySet()) {
                Line line = entry.getValue();
                int id = entry.getKey().id;
                if (!line.waiting.isEmpty()
                        && (best == null || line.had < best.had || line.had == best.had && id < first)) {
                    best = line;
                    first = id;
                }
            }
            if (best == null) {
                return null;
            }
            clock = Math.max(clock, best.had);
            Unit unit = best.waiting.remove();
            best.had += UNIT;
            lines.values().removeIf(line -> line.waiting.isEmpty() && line.had <= clock);
            return unit;
        }
    }

    private final double beyond;
    private final Worker[] workers;
    private final boolean anew;
    private final PriorityQueue<Event> events = new PriorityQueue<>((a, b) ->
            a.time() != b.time() ? Double.compare(a.time(), b.time()) : Long.compare(a.order(), b.order()));
    private long order;
    private long units;

    /** @param anew whether every piece of a chain has a key of its own, or all pieces the same */
    private ScaleSimulation(int gpus, boolean anew, double beyond) {
        this.beyond = beyond;
        this.anew = anew;
        workers = new Worker[gpus];
        Arrays.setAll(workers, i -> new Worker());
    }

    private static int unitsOfTen() {
        return Arrays.stream(Kind.values())
                .mapToInt(kind -> kind.ofTen * (kind.attack + kind.inversion()))
                .sum();
    }

    public static void main(String[] args) {
        int audits = Integer.parseInt(args[0]);
        int gpus = Integer.parseInt(args[1]);
        double beyond = Double.parseDouble(args[2]);
        System.out.printf(Locale.ROOT, "%d audits, %d GPUs, %.4f s beyond the work of a unit%n%n", audits, gpus, beyond);
        System.out.println("All at once:\n");
        System.out.println("| pieces of a chain | hours | ideal | GPUs busy | units a second | records a second | store requests a second |"
                + " small: median h | typical | large |");
        System.out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        for (boolean anew : new boolean[] {false, true}) {
            List<Audit> all = drawn(audits, 0);
            ScaleSimulation simulation = new ScaleSimulation(gpus, anew, beyond);
            double end = simulation.run(all);
            double ideal = all.stream().mapToDouble(a -> a.kind.attack + a.kind.inversion()).sum() * UNIT / gpus;
            double rate = simulation.units / end;
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.2f | %.2f | %.1f %% | %.1f | %.0f | %.0f | %s |%n",
                    anew ? "each by a key of its own" : "on one partition",
                    end / 3600,
                    ideal / 3600,
                    100 * simulation.worked() / (gpus * end),
                    rate,
                    rate * (1 + NEWS),
                    rate * REQUESTS,
                    medians(all, 3600));
        }
        System.out.println("\nOne after the other, at random, so that 80 % of the GPUs are needed:\n");
        System.out.println("| | small: minutes, median | typical | large |");
        System.out.println("| --- | --- | --- | --- |");
        List<Audit> all = drawn(audits, unitsOfTen() / 10.0 * UNIT / gpus / 0.8);
        new ScaleSimulation(gpus, true, beyond).run(all);
        System.out.println("| seen | " + medians(all, 60) + " |");
        StringBuilder alone = new StringBuilder("| alone on all GPUs");
        for (Kind kind : Kind.values()) {
            List<Audit> one = List.of(new Audit(0, kind, 0));
            new ScaleSimulation(gpus, true, beyond).run(one);
            alone.append(" | ").append(medians(one, 60));
        }
        System.out.println(alone + " |");
    }

    /** @param gap mean seconds between two; 0: all at once */
    private static List<Audit> drawn(int audits, double gap) {
        SplittableRandom random = new SplittableRandom(1);
        List<Audit> all = new ArrayList<>();
        double time = 0;
        for (int i = 0; i < audits; i++) {
            int draw = random.nextInt(10);
            Kind kind = draw < Kind.SMALL.ofTen
                    ? Kind.SMALL
                    : draw < Kind.SMALL.ofTen + Kind.TYPICAL.ofTen ? Kind.TYPICAL : Kind.LARGE;
            all.add(new Audit(i, kind, time));
            time -= gap * Math.log(1 - random.nextDouble());
        }
        return all;
    }

    private static String medians(List<Audit> all, double unit) {
        List<String> medians = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            double[] times = all.stream()
                    .filter(audit -> audit.kind == kind)
                    .mapToDouble(audit -> (audit.ended - audit.submitted) / unit)
                    .sorted()
                    .toArray();
            if (times.length > 0) {
                medians.add(String.format(Locale.ROOT, "%.1f", times[times.length / 2]));
            }
        }
        return String.join(" | ", medians);
    }

    private double worked() {
        return Arrays.stream(workers).mapToDouble(worker -> worker.worked).sum();
    }

    /** Returns when the last audit has ended. */
    private double run(List<Audit> audits) {
        audits.forEach(audit -> events.add(new Event(audit.submitted, order++, null, null, audit)));
        double now = 0;
        while (!events.isEmpty()) {
            Event event = events.remove();
            now = event.time();
            if (event.submitted() != null) {
                for (int i = 0; i < event.submitted().kind.attack; i++) {
                    place(new Unit(event.submitted(), false, i, 0), now);
                }
            } else {
                ended(event, now);
            }
        }
        return now;
    }

    private void ended(Event event, double now) {
        units++;
        event.worker().busy = false;
        event.worker().worked += UNIT;
        Unit unit = event.unit();
        Audit audit = unit.audit();
        if (unit.left() > 0) {
            place(new Unit(audit, unit.inversion(), unit.item(), unit.left() - 1), now);
        } else if (unit.inversion()) {
            if (--audit.picturesLeft == 0) {
                audit.ended = now;
            }
        } else if (--audit.attackLeft == 0) {
            for (int i = 0; i < audit.kind.pictures; i++) {
                place(new Unit(audit, true, i, audit.kind.chain - 1), now);
            }
        }
        begin(event.worker(), now);
    }

    private void place(Unit unit, double now) {
        long key = 0x9E3779B97F4A7C15L * (1_000_003L * unit.audit().id + unit.item() + (unit.inversion() ? 7 : 0));
        long piece = anew ? key * (2L * unit.left() + 1) : key;
        Worker worker = workers[Math.floorMod((int) (piece >>> 33), workers.length)];
        worker.add(unit);
        begin(worker, now);
    }

    private void begin(Worker worker, double now) {
        if (!worker.busy) {
            Unit unit = worker.next();
            if (unit != null) {
                worker.busy = true;
                events.add(new Event(now + UNIT + beyond, order++, worker, unit, null));
            }
        }
    }
}
