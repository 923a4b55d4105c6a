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

    /** @param imagesAUnit a multiple of {@link Encoder#BATCH} */
    ImageUnits(int imagesAUnit) {
        this.imagesAUnit = imagesAUnit;
    }

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

    /** Where the unit ends: as many images of the request are embedded when it is done. */
    int end(EmbedUnit unit, AuditRequest request) {
        return Math.min(unit.step() + imagesAUnit, request.images().size());
    }

    /** Embeds the unit's images and stores their rows. */
    <T> ArtifactRef run(EmbedUnit unit, AuditRequest request, Encoder<T> encoder, UnitContext context) {
        List<AuditRequest.Image> images = request.images();
        int end = end(unit, request);
        Told told = new Told(
                unit.checkpoint() == null ? new Skipped(0, List.of()) : skipped(stored(unit.checkpoint(), context)));
        List<Row> rows = new ArrayList<>();
        for (int from = unit.step(); from < end; from += Encoder.BATCH) {
            int first = from;
            List<Stored> batch = images.subList(from, Math.min(from + Encoder.BATCH, end)).stream()
                    .map(image -> new Stored(image, context))
                    .toList();
            Batches.embed(encoder, batch, new Batches.Taker() {
                @Override
                public void embedded(int place, float[] embedding) {
                    rows.add(new Row(first + place, embedding));
                }

                @Override
                public void skipped(int place, String reason) {
                    told.add(new Left(images.get(first + place).file(), reason));
                }
            });
            int to = from + batch.size();
            context.progress("images", to, images.size(), "images", told.soFar.text(), Map.of(), null);
        }
        return store(unit, end, rows, told, context);
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

    /** What a unit left out: of all units so far the number, of its own all. */
    private static final class Told {
        private final List<Left> here = new ArrayList<>();
        private Skipped soFar;

        Told(Skipped before) {
            this.soFar = before;
        }

        void add(Left left) {
            here.add(left);
            soFar = soFar.and(left.reason());
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

    private static List<Row> rowsOf(Safetensors file) {
        int[] places = file.tensor(PLACES).toInts();
        float[] values = file.tensor(ROWS).toFloats();
        int d = values.length / places.length;
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < places.length; i++) {
            rows.add(new Row(places[i], Arrays.copyOfRange(values, i * d, (i + 1) * d)));
        }
        return rows;
    }

    private static ArtifactRef store(EmbedUnit unit, int end, List<Row> rows, Told told, UnitContext context) {
        Map<String, Tensor> tensors = new TreeMap<>();
        if (!rows.isEmpty()) {
            int d = rows.get(0).embedding().length;
            float[] values = new float[rows.size() * d];
            for (int i = 0; i < rows.size(); i++) {
                System.arraycopy(rows.get(i).embedding(), 0, values, i * d, d);
            }
            tensors.put(ROWS, Tensor.ofFloats(values, rows.size(), d));
            tensors.put(
                    PLACES, Tensor.ofLongs(rows.stream().mapToLong(Row::place).toArray(), rows.size()));
        }
        Map<String, String> metadata = new TreeMap<>();
        metadata.put(SKIPPED, text(told.soFar));
        metadata.put(LEFT, text(told.here));
        if (unit.checkpoint() != null) {
            metadata.put(BEFORE, text(unit.checkpoint()));
        }
        return new TensorArtifacts(context.store())
                .put(Keys.knowledge(unit.audit(), "images-" + end + ".safetensors"), tensors, metadata);
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
