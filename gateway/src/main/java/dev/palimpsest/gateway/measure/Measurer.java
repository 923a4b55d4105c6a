package dev.palimpsest.gateway.measure;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.palimpsest.artifacts.Cosine;
import dev.palimpsest.artifacts.picture.Ssim;
import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.AuditRequest;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.Selection;
import dev.palimpsest.gateway.report.Thumbnail;
import dev.palimpsest.gateway.store.GatewayStore;
import dev.palimpsest.gateway.view.Gallery;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The owner's samples of one audit, to hold its pictures against; in memory for as long as it is used, see {@link TakenMeasures}. */
final class Measurer {
    private final Function<ArtifactRef, byte[]> bytes;
    private final Samples members;
    private final Samples controls;

    /**
     * Samples of one kind.
     *
     * @param rows {@code [n, d]} raw embeddings
     * @param images in the order of the rows; empty when embeddings were given
     */
    private record Samples(float[] rows, int d, List<AuditRequest.Image> images) {
        static Samples of(Safetensors file, String name) throws JsonProcessingException {
            if (!file.contains(name + "s")) {
                return new Samples(new float[0], 1, List.of());
            }
            Tensor rows = file.tensor(name + "s");
            String json = file.document(name + "_images");
            return new Samples(
                    rows.toFloats(),
                    Math.toIntExact(rows.shape()[1]),
                    json == null ? List.of() : List.of(Json.mapper().readValue(json, AuditRequest.Image[].class)));
        }

        int count() {
            return rows.length / d;
        }

        /** The row that a selection names; -1 when it is not of these. */
        int row(Selection.Neighbour named) {
            for (int i = 0; i < count(); i++) {
                boolean same = i < images.size()
                        ? images.get(i).file().equals(named.file())
                        : named.file().equals("#" + i);
                if (same) {
                    return i;
                }
            }
            return -1;
        }

        @Nullable
        ArtifactRef image(int row) {
            return row < images.size() ? images.get(row).ref() : null;
        }

        double distance(int row, float[] x) {
            return 1 - Cosine.of(rows, row * d, x, 0, d);
        }
    }

    /**
     * Over samples that are read already.
     *
     * @param file {@code members} and {@code controls}, each [n, d] and raw, and what they are embeddings of
     * @param bytes gives the content of pictures and embeddings
     */
    Measurer(Safetensors file, Function<ArtifactRef, byte[]> bytes) throws JsonProcessingException {
        this.bytes = bytes;
        members = Samples.of(file, "member");
        controls = Samples.of(file, "control");
    }

    /** Reads an audit's samples. */
    static Measurer of(GatewayStore store, ArtifactRef samples) {
        try {
            return new Measurer(tensors(store.bytes(samples), samples), store::bytes);
        } catch (JsonProcessingException e) {
            throw new PalimpsestException(ErrorCode.BAD_FILE, samples.key() + " is damaged: " + e.getMessage(), e);
        }
    }

    /** The measures of a picture; null when it was made by a release that did not embed it anew, or no member is known to be near. */
    @Nullable
    Measures of(Gallery.Entry entry) {
        ArtifactRef embedding = entry.picture().embedding();
        Selection.Representative representative = entry.representative();
        if (embedding == null || representative == null || representative.nearest() == null) {
            return null;
        }
        int member = members.row(representative.nearest());
        float[] seen = embedding(embedding);
        if (member < 0 || seen.length != members.d) {
            return null;
        }
        BufferedImage picture = Thumbnail.square(bytes.apply(entry.picture().picture()), 0);
        BufferedImage photograph = photograph(members.image(member), picture);
        Likeness itself = new Likeness(ssim(picture, photograph), members.distance(member, seen));
        Likeness bound = upperBound(entry, member, photograph);
        Selection.Neighbour control = representative.nearestControl();
        int named = control == null ? -1 : controls.row(control);
        if (control == null || named < 0) {
            return new Measures(itself, null, null, null, null, bound);
        }
        double[] distances = IntStream.range(0, controls.count())
                .mapToDouble(row -> controls.distance(row, seen))
                .toArray();
        int closest = smallest(distances);
        long closer = DoubleStream.of(distances)
                .filter(distance -> distance < itself.distance())
                .count();
        return new Measures(
                itself,
                new Likeness(ssim(picture, photograph(controls.image(closest), picture)), distances[closest]),
                closer / (double) controls.count(),
                control.file(),
                new Likeness(
                        ssim(photograph, photograph(controls.image(named), picture)),
                        1 - Cosine.of(controls.rows, named * controls.d, members.rows, member * members.d, members.d)),
                bound);
    }

    private @Nullable Likeness upperBound(Gallery.Entry entry, int member, @Nullable BufferedImage photograph) {
        InversionReady bound = entry.upperBound();
        ArtifactRef embedding = bound == null ? null : bound.embedding();
        if (bound == null || embedding == null) {
            return null;
        }
        BufferedImage picture = Thumbnail.square(bytes.apply(bound.picture()), 0);
        return new Likeness(ssim(picture, photograph), members.distance(member, embedding(embedding)));
    }

    private static int smallest(double[] distances) {
        int best = 0;
        for (int i = 1; i < distances.length; i++) {
            if (distances[i] < distances[best]) {
                best = i;
            }
        }
        return best;
    }

    /** The photograph as the backbone saw it: its short side made that of the picture, and its middle cut out. */
    private @Nullable BufferedImage photograph(@Nullable ArtifactRef ref, @Nullable BufferedImage picture) {
        return ref == null || picture == null ? null : Thumbnail.square(bytes.apply(ref), picture.getWidth());
    }

    private float[] embedding(ArtifactRef ref) {
        return tensors(bytes.apply(ref), ref).tensor("embedding").toFloats();
    }

    private static Safetensors tensors(byte[] bytes, ArtifactRef ref) {
        return Safetensors.read(new ByteArrayInputStream(bytes), ref.key());
    }

    private static @Nullable Double ssim(@Nullable BufferedImage a, @Nullable BufferedImage b) {
        return a == null || b == null ? null : Ssim.of(a, b);
    }
}
