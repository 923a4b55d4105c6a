package dev.palimpsest.chaos;

import java.util.ArrayList;
import java.util.List;

/** How much memory a worker held after how many units. */
final class MemoryCurve {
    private final List<Point> points = new ArrayList<>();

    private record Point(long units, long bytes) {}

    void add(long units, long bytes) {
        if (points.isEmpty() || units > points.get(points.size() - 1).units()) {
            points.add(new Point(units, bytes));
        }
    }

    /**
     * Bytes that a unit adds, by least squares over the points from so many units on: before, caches and compiled code fill up.
     *
     * @throws IllegalStateException with fewer than ten of them
     */
    double bytesPerUnit(long from) {
        List<Point> late =
                points.stream().filter(point -> point.units() >= from).toList();
        if (late.size() < 10) {
            throw new IllegalStateException("only " + late.size() + " points from " + from + " units on: " + this);
        }
        double units = late.stream().mapToLong(Point::units).average().orElseThrow();
        double bytes = late.stream().mapToLong(Point::bytes).average().orElseThrow();
        double both = 0;
        double square = 0;
        for (Point point : late) {
            both += (point.units() - units) * (point.bytes() - bytes);
            square += (point.units() - units) * (point.units() - units);
        }
        return both / square;
    }

    /** About ten points, in MiB. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        int every = Math.max(1, points.size() / 10);
        for (int i = 0; i < points.size(); i += every) {
            text.append("%d: %d MiB; "
                    .formatted(points.get(i).units(), points.get(i).bytes() >> 20));
        }
        return text.toString();
    }
}
