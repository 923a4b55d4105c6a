package dev.palimpsest.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.palimpsest.cli.client.GatewayClient;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Follows one audit and prints how far each piece of work has come: on a terminal the newest line is redrawn in place,
 * elsewhere a line is printed when a tenth more is done.
 */
final class Watch {
    private static final int BAR = 24;
    private static final Duration EVERY = Duration.ofMillis(500);

    /** Longer than a service needs to start, and than a stack needs to stop. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final GatewayClient client;
    private final String id;
    private final PrintStream out;
    private final Supplier<Optional<PalimpsestException>> over;
    private final boolean terminal = System.console() != null;
    private final long started = System.nanoTime();
    private final Map<String, Integer> printedTenths = new HashMap<>();
    private final Map<String, Long> pieceStarted = new HashMap<>();
    private final Map<String, Sparkline> losses = new HashMap<>();
    private final Set<String> waiting = new HashSet<>();
    private String live = "";
    private int pictures;
    private long silentSince;
    private boolean paused;

    /** @param over why the gateway's stack is gone, if that is known here */
    Watch(GatewayClient client, String id, PrintStream out, Supplier<Optional<PalimpsestException>> over) {
        this.client = client;
        this.id = id;
        this.out = out;
        this.over = over;
    }

    /**
     * Returns 0 when the audit is done, 1 when it failed or was cancelled. A gateway that is silent for less than {@link #PATIENCE} is
     * being started again.
     *
     * @throws PalimpsestException what {@code over} gives, or the gateway's silence
     */
    int untilDone() {
        return untilDone(new GradeGate());
    }

    /** As {@link #untilDone()}; 3 when the grade is the gate's or worse. */
    int untilDone(GradeGate gate) {
        return Objects.requireNonNull(untilDone(gate, null), "an audit without a bound on the time has ended");
    }

    /** As above; null when the audit has not ended after {@code longest}. */
    @Nullable
    Integer untilDone(GradeGate gate, @Nullable Duration longest) {
        ScheduledThreadPoolExecutor clock = new ScheduledThreadPoolExecutor(1);
        AtomicReference<@Nullable JsonNode> last = new AtomicReference<>();
        AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
        try {
            clock.scheduleWithFixedDelay(
                    () -> {
                        try {
                            JsonNode view = look();
                            if (view != null) {
                                show(view);
                                last.set(view);
                                if (isFinal(view)) {
                                    clock.shutdown();
                                }
                            }
                        } catch (RuntimeException e) {
                            failure.set(e);
                            clock.shutdown();
                        }
                    },
                    0,
                    EVERY.toMillis(),
                    TimeUnit.MILLISECONDS);
            if (!clock.awaitTermination(longest == null ? Long.MAX_VALUE : longest.toMillis(), TimeUnit.MILLISECONDS)) {
                return null;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        } finally {
            clock.shutdownNow();
        }
        RuntimeException failed = failure.get();
        if (failed != null) {
            erase();
            throw failed;
        }
        JsonNode view = Objects.requireNonNull(last.get(), "no view");
        return gate.code(view, summary(view));
    }

    /** The view, or null while the gateway is silent and may come back. */
    private @Nullable JsonNode look() {
        Optional<PalimpsestException> gone = over.get();
        if (gone.isPresent()) {
            throw gone.get();
        }
        try {
            JsonNode view = client.get(id);
            silentSince = 0;
            return view;
        } catch (PalimpsestException e) {
            long now = System.nanoTime();
            if (!e.retryable() || silentSince != 0 && now - silentSince > PATIENCE.toNanos()) {
                throw e;
            }
            silentSince = silentSince == 0 ? now : silentSince;
            return null;
        }
    }

    private static boolean isFinal(JsonNode view) {
        return switch (state(view)) {
            case "done", "failed", "cancelled", "erased" -> true;
            default -> false;
        };
    }

    private static String state(JsonNode view) {
        return view.path("state").asText().toLowerCase(Locale.ROOT);
    }

    private void show(JsonNode view) {
        waits(view.path("waits"));
        paused(state(view).equals("paused"));
        for (JsonNode stage : view.path("stages")) {
            for (JsonNode piece : stage.path("pieces")) {
                piece(stage.path("stage").asText(), piece);
            }
        }
        int now = view.path("pictures").size();
        if (now > pictures) {
            pictures = now;
            line(String.format(
                    Locale.ROOT,
                    "picture %d of %d is finished",
                    now,
                    view.path("expectedPictures").asInt()));
        }
    }

    /** Says once that a stage waits; its figures change from one try to the next. */
    private void waits(JsonNode sentences) {
        Set<String> now = new HashSet<>();
        for (JsonNode sentence : sentences) {
            String text = sentence.asText();
            String stage = text.substring(0, Math.max(0, text.indexOf(' ')));
            now.add(stage);
            if (!waiting.contains(stage)) {
                line(text);
            }
        }
        waiting.stream().filter(stage -> !now.contains(stage)).forEach(stage -> line(stage + " goes on"));
        waiting.clear();
        waiting.addAll(now);
    }

    private void paused(boolean now) {
        if (now != paused) {
            line(now ? "paused; 'palimpsest resume " + id + "' lets it go on" : "goes on");
            paused = now;
        }
    }

    private void piece(String stage, JsonNode piece) {
        String key = stage + "/" + piece.path("piece").asText();
        long total = Math.max(1, piece.path("total").asLong());
        long done = Math.min(total, piece.path("done").asLong());
        String state = piece.path("state").asText();
        int tenths = "done".equals(state) ? 11 : (int) (10 * done / total);
        int before = printedTenths.getOrDefault(key, -1);
        if (before >= 11) {
            return;
        }
        pieceStarted.putIfAbsent(key, System.nanoTime());
        String text = describe(key, stage, piece, done, total);
        if (tenths == 11 || !terminal && tenths > before) {
            line(text);
        } else if (terminal && !text.equals(live)) {
            redraw(text);
        }
        printedTenths.put(key, Math.max(before, tenths));
    }

    private String describe(String key, String stage, JsonNode piece, long done, long total) {
        int filled = (int) (BAR * done / total);
        String bar = "=".repeat(filled) + " ".repeat(BAR - filled);
        double spent = (System.nanoTime() - pieceStarted.getOrDefault(key, System.nanoTime())) / 1e9;
        String eta = done > 0 && done < total && spent > 2
                ? String.format(Locale.ROOT, "  about %.0f s left", spent * (total - done) / done)
                : "";
        return String.format(
                Locale.ROOT,
                "%-12s %-14s [%s] %d/%d %s  %s%s%s%s",
                stage.toLowerCase(Locale.ROOT),
                piece.path("piece").asText(),
                bar,
                done,
                total,
                piece.path("noun").asText(),
                piece.path("text").asText(),
                loss(key, piece.path("figures").path("loss")),
                attempt(piece.path("figures").path("attempt").asInt(1)),
                eta);
    }

    /** On a terminal, how the loss went; elsewhere the text alone says it. */
    private String loss(String key, JsonNode loss) {
        if (!terminal || !loss.isNumber()) {
            return "";
        }
        Sparkline line = losses.computeIfAbsent(key, first -> new Sparkline());
        line.add(loss.asDouble());
        return " " + line;
    }

    private static String attempt(int attempt) {
        return attempt > 1 ? "  attempt " + attempt : "";
    }

    private void line(String text) {
        erase();
        out.printf(Locale.ROOT, "%5.0f s  %s%n", (System.nanoTime() - started) / 1e9, text);
    }

    private void redraw(String text) {
        erase();
        live = text;
        out.print(text);
        out.flush();
    }

    private void erase() {
        if (terminal && !live.isEmpty()) {
            out.print("\r" + " ".repeat(live.length()) + "\r");
            live = "";
        }
    }

    private int summary(JsonNode view) {
        erase();
        for (JsonNode failure : view.path("failures")) {
            out.println("! " + failure.asText());
        }
        if (!state(view).equals("done")) {
            out.println("The audit " + (state(view).equals("erased") ? "was erased." : state(view) + "."));
            return 1;
        }
        JsonNode verdict = view.path("verdict");
        if (verdict.isObject()) {
            out.printf(
                    Locale.ROOT,
                    "%nGrade %s. %s%n",
                    verdict.path("grade").asText(),
                    verdict.path("rule").asText());
            verdict.path("matched")
                    .properties()
                    .forEach(entry -> out.printf(
                            Locale.ROOT,
                            "  above cosine %-5s %3d of %d members recovered, of %d recoverable; controls matched as"
                                    + " well: %d%n",
                            entry.getKey(),
                            entry.getValue().asInt(),
                            verdict.path("members").asInt(),
                            verdict.path("recoverable").path(entry.getKey()).asInt(),
                            verdict.path("matchedControls").path(entry.getKey()).asInt()));
            out.printf(
                    Locale.ROOT,
                    "  best cosine of any photograph that was not trained on: %.2f%n",
                    verdict.path("nullMaximum").asDouble());
        }
        int shown = view.path("pictures").size();
        out.printf(
                Locale.ROOT,
                "The gallery shows %d %s made from the head's weights alone, chosen without looking at a member,"
                        + " beside the%nmembers closest to what came back. It shows what comes back, not everything that"
                        + " could; a picture is an%nimpression of what the embedding holds, and its colours and details"
                        + " can be wrong.%n",
                shown,
                shown == 1 ? "picture" : "pictures");
        return 0;
    }
}
