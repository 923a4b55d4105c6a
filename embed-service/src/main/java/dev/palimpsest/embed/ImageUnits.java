package dev.palimpsest.embed;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message.EmbedUnit;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.embed.data.Batches;
import dev.palimpsest.embed.data.Encoder;
import dev.palimpsest.stage.UnitContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The images of a study through the backbone, in bounded units. A unit stores its rows in one object, which names the object of the
 * unit before: a chain that is read backwards when it is complete. Where units end changes no row: a batch is always the same
 * {@value Encoder#BATCH} places of the dataset, however many of its images can be read.
 */
final class ImageUnits {
    private static final String ROWS = "embeddings";
    private static final String PLACES = "places";
    private static final String BEFORE = "before";
    private static final String SKIPPED = "skipped";
    private static final String LEFT = "left_out";
    private static final int SKIPPED_TOLD = 3;

    private final int imagesAUnit;
    private final Duration bound;

    /**
     * @param imagesAUnit at most, a multiple of {@link Encoder#BATCH}
     * @param bound after which a unit ends with the batch that is in the network
     */
    ImageUnits(int imagesAUnit, Duration bound) {
        this.imagesAUnit = imagesAUnit;
        this.bound = bound;
    }

    /** What a unit came to: the object that ends the chain, and how many images of the dataset are embedded by it. */
    record Done(int end, ArtifactRef rows) {}

    /** One row of the dataset that could be read: the image's place in the request, and {@code [d]}. */
    record Row(int place, float[] embedding) {}

    /** A sample that could not be used, and why. */
    record Left(String file, String reason) {}

    /** The embedded dataset. */
    record Embedded(List<Row> rows, List<Left> left) {}

    /** Images that could not be read so far, and why, for the first of them. */
    private record Skipped(int count, List<String> first) {
        Skipped and(String reason) {
            List<String> more = new ArrayList<>(first);
            if (more.size() < SKIPPED_TOLD) {
                more.add(reason);
            }
            return new Skipped(count + 1, List.copyOf(more));
        }

        String text() {
            return count == 0 ? "embedding" : "embedding; skipped " + count + ": " + String.join(" ", first);
        }
    }

    /** Embeds the unit's images and stores their rows. */
    <T> Done run(EmbedUnit unit, Samples samples, Encoder<T> encoder, UnitContext context) {
        Unit run = new Unit(
                samples,
                context,
                unit.checkpoint() == null ? new Skipped(0, List.of()) : skipped(stored(unit.checkpoint(), context)),
                System.nanoTime() + bound.toNanos());
        int to = Math.min(unit.step() + imagesAUnit, samples.size());
        Batches.embed(encoder, unit.step(), to, place -> new Stored(samples.get(place), context), run);
        return new Done(run.end, store(unit, run, context));
    }

    /** A sample whose content is in the store. */
    private record Stored(AuditRequest.Image image, UnitContext context) implements Batches.Sample {
        @Override
        public String name() {
            return image.file();
        }

        @Override
        public byte[] bytes() {
            return context.store().get(image.ref());
        }
    }

    /** One unit as it goes on. Of what it left out the number counts all units so far, the list its own. */
    private static final class Unit implements Batches.Taker {
        private final Samples samples;
        private final UnitContext context;
        private final long until;
        private final List<Row> rows = new ArrayList<>();
        private final List<Left> left = new ArrayList<>();
        private Skipped soFar;
        private int end;

        Unit(Samples samples, UnitContext context, Skipped before, long until) {
            this.samples = samples;
            this.context = context;
            this.soFar = before;
            this.until = until;
        }

        @Override
        public void embedded(int place, float[] embedding) {
            rows.add(new Row(place, embedding));
        }

        @Override
        public void skipped(int place, String reason) {
            left.add(new Left(samples.get(place).file(), reason));
            soFar = soFar.and(reason);
        }

        @Override
        public boolean next(int done) {
            end = done;
            context.progress("images", done, samples.size(), "images", soFar.text(), Map.of(), null);
            return System.nanoTime() < until && !context.cancelled();
        }
    }

    /** Everything that the chain which ends with this object holds, in the order of the dataset. */
    Embedded embedded(ArtifactRef last, UnitContext context) {
        LinkedList<Row> rows = new LinkedList<>();
        LinkedList<Left> left = new LinkedList<>();
        for (ArtifactRef ref = last; ref != null; ) {
            Safetensors file = stored(ref, context);
            if (file.contains(ROWS)) {
                rows.addAll(0, rowsOf(file));
            }
            left.addAll(0, List.of(json(file.metadata().getOrDefault(LEFT, "[]"), Left[].class)));
            String before = file.metadata().get(BEFORE);
            ref = before == null ? null : json(before, ArtifactRef.class);
        }
        return new Embedded(rows, left);
    }

    static List<Row> rowsOf(Safetensors file) {
        int[] places = file.tensor(PLACES).toInts();
        float[] values = file.tensor(ROWS).toFloats();
        int d = values.length / places.length;
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            rows.add(new Row(places[i], Arrays.copyOfRange(values, i * d, (i + 1) * d)));
        }
        return rows;
    }

    /** At least one row, as {@link #rowsOf} reads them. */
    static Map<String, Tensor> tensors(List<Row> rows) {
        int d = rows.get(0).embedding().length;
        float[] values = new float[rows.size() * d];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i).embedding(), 0, values, i * d, d);
        }
        return Map.of(
                ROWS,
                Tensor.ofFloats(values, rows.size(), d),
                PLACES,
                Tensor.ofLongs(rows.stream().mapToLong(Row::place).toArray(), rows.size()));
    }

    private static ArtifactRef store(EmbedUnit unit, Unit run, UnitContext context) {
        Map<String, Tensor> tensors = run.rows.isEmpty() ? Map.of() : tensors(run.rows);
        Map<String, String> metadata = new TreeMap<>();
        metadata.put(SKIPPED, text(run.soFar));
        metadata.put(LEFT, text(run.left));
        if (unit.checkpoint() != null) {
            metadata.put(BEFORE, text(unit.checkpoint()));
        }
        return new TensorArtifacts(context.store())
                .put(Keys.knowledge(unit.audit(), "images-" + run.end + ".safetensors"), tensors, metadata);
    }

    private static Safetensors stored(ArtifactRef ref, UnitContext context) {
        return new TensorArtifacts(context.store()).get(ref);
    }

    private static Skipped skipped(Safetensors file) {
        return json(file.metadata().getOrDefault(SKIPPED, ""), Skipped.class);
    }

    private static <T> T json(String text, Class<T> type) {
        try {
            @Nullable T value = Json.mapper().readValue(text, type);
            if (value != null) {
                return value;
            }
            throw new PalimpsestException(ErrorCode.BAD_FILE, "Embedded images without their " + type.getSimpleName());
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.BAD_FILE, "Embedded images are damaged: " + e.getMessage(), e);
        }
    }

    private static String text(Object value) {
        try {
            return Json.mapper().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.INTERNAL, "Cannot encode " + value, e);
        }
    }
}
