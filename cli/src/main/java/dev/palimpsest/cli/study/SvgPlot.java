package dev.palimpsest.cli.study;

import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A square plot with a legend beside it, drawn as SVG without anything that a page would have to load. */
final class SvgPlot {
    private static final int SIDE = 420;
    private static final int LEFT = 64;
    private static final int TOP = 40;
    private static final int LEGEND = 380;
    /** Of a letter, about. */
    private static final int LETTER = 7;

    private static final int LINE = 20;

    private final StringBuilder body = new StringBuilder();
    private final List<Rectangle2D> words = new ArrayList<>();
    private final String title;
    private final Axis x;
    private final Axis y;
    private int lines;
    private int longest;

    /**
     * What lies along a side.
     *
     * @param ticks where values are written, rising; the first and last are the ends
     * @param log whether equal factors are equally far apart
     */
    record Axis(String label, List<Double> ticks, boolean log) {
        /** From 0 to 1. */
        static Axis share(String label) {
            return new Axis(label, List.of(0., .2, .4, .6, .8, 1.), false);
        }

        /** From 0 or 1, whichever {@code fromOne} says, to where the values end: five equal steps of a twentieth, a tenth or a fifth. */
        static Axis shares(String label, double[] values, boolean fromOne) {
            double reach = Arrays.stream(values)
                    .map(value -> fromOne ? 1 - value : value)
                    .max()
                    .orElse(1);
            double step = reach <= .25 ? .05 : reach <= .5 ? .1 : .2;
            return new Axis(
                    label,
                    IntStream.rangeClosed(0, 5)
                            .mapToObj(i ->
                                    (fromOne ? 20 - Math.round(20 * step * (5 - i)) : Math.round(20 * step * i)) / 20.)
                            .toList(),
                    false);
        }

        double place(double value) {
            double from = ticks.get(0);
            double to = ticks.get(ticks.size() - 1);
            return from == to ? .5 : log ? Math.log(value / from) / Math.log(to / from) : (value - from) / (to - from);
        }
    }

    SvgPlot(String title, Axis x, Axis y) {
        this.title = title;
        this.x = x;
        this.y = y;
    }

    /** A colour that differs from those of the numbers before. */
    static String colour(int number) {
        return "hsl(" + number * 137 % 360 + ",65%,40%)";
    }

    /** A disc, or a ring where {@code hollow}, with its intervals as bars. */
    void point(
            double atX,
            double atY,
            @Nullable Interval acrossX,
            @Nullable Interval acrossY,
            String colour,
            boolean hollow,
            @Nullable String href) {
        bar(acrossX, atY, colour, true);
        bar(acrossY, atX, colour, false);
        String disc = format(
                "<circle cx='%.1f' cy='%.1f' r='4.5' fill='%s' stroke='%s' stroke-width='1.5'/>",
                px(atX), py(atY), hollow ? "white" : colour, colour);
        body.append(href == null ? disc : "<a href='" + escaped(href) + "'>" + disc + "</a>")
                .append('\n');
    }

    private void bar(@Nullable Interval interval, double at, String colour, boolean alongX) {
        Double low = interval == null ? null : interval.low();
        Double high = interval == null ? null : interval.high();
        if (low != null && high != null) {
            body.append(
                    alongX
                            ? segment(px(low), py(at), px(high), py(at), colour)
                            : segment(px(at), py(low), px(at), py(high), colour));
        }
    }

    /** Straight lines from point to point. */
    void line(List<double[]> points, String colour, boolean dashed) {
        List<String> places = new ArrayList<>();
        points.forEach(point -> places.add(format("%.1f,%.1f", px(point[0]), py(point[1]))));
        body.append(format(
                "<polyline points='%s' fill='none' stroke='%s' stroke-width='1.5'%s/>%n",
                String.join(" ", places), colour, dashed ? " stroke-dasharray='5 4'" : ""));
    }

    /** A word beside a point: right of it, or as far to the left as there is no other word. */
    void word(double atX, double atY, String word, String colour) {
        double width = LETTER * word.length();
        Rectangle2D place = new Rectangle2D.Double(px(atX) + 7, py(atY) - 15, width, 10);
        for (double left = px(atX) - 8 - width; words.stream().anyMatch(place::intersects); left -= width + 4) {
            place = new Rectangle2D.Double(left, place.getY(), width, 10);
        }
        words.add(place);
        body.append(format(
                "<text x='%.1f' y='%.1f' fill='%s'>%s</text>%n", place.getX(), place.getMaxY(), colour, escaped(word)));
    }

    /** A line of the legend. */
    void legend(String text, String colour) {
        longest = Math.max(longest, text.length());
        body.append(format(
                "<text x='%d' y='%d' fill='%s'>%s</text>%n",
                LEFT + SIDE + 20, TOP + LINE * ++lines, colour, escaped(text)));
    }

    /** The whole document. */
    String svg() {
        StringBuilder svg = new StringBuilder(format(
                "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' font-family='sans-serif' font-size='12'>%n"
                        + "<rect width='100%%' height='100%%' fill='white'/>%n",
                LEFT + SIDE + Math.max(LEGEND, 40 + LETTER * longest), Math.max(TOP + SIDE, TOP + LINE * lines) + 60));
        svg.append(format("<text x='%d' y='22' font-size='15'>%s</text>%n", LEFT, escaped(title)));
        for (double tick : x.ticks()) {
            svg.append(segment(px(tick), TOP, px(tick), TOP + SIDE, "#ddd"));
            svg.append(format(
                    "<text x='%.1f' y='%d' text-anchor='middle'>%s</text>%n", px(tick), TOP + SIDE + 16, plain(tick)));
        }
        for (double tick : y.ticks()) {
            svg.append(segment(LEFT, py(tick), LEFT + SIDE, py(tick), "#ddd"));
            svg.append(
                    format("<text x='%d' y='%.1f' text-anchor='end'>%s</text>%n", LEFT - 6, py(tick) + 4, plain(tick)));
        }
        svg.append(format(
                "<text x='%d' y='%d' text-anchor='middle'>%s</text>%n",
                LEFT + SIDE / 2, TOP + SIDE + 36, escaped(x.label())));
        svg.append(format(
                "<text transform='translate(16,%d) rotate(-90)' text-anchor='middle'>%s</text>%n",
                TOP + SIDE / 2, escaped(y.label())));
        return svg.append(body).append("</svg>\n").toString();
    }

    private static String segment(double x1, double y1, double x2, double y2, String colour) {
        return format("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='%s'/>%n", x1, y1, x2, y2, colour);
    }

    private double px(double value) {
        return LEFT + SIDE * x.place(value);
    }

    private double py(double value) {
        return TOP + SIDE * (1 - y.place(value));
    }

    private static String plain(double value) {
        return value == Math.rint(value) && Math.abs(value) >= 1
                ? String.valueOf((long) value)
                : value == 0 ? "0" : format("%.3f", value).replaceAll("0+$", "");
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;");
    }
}
