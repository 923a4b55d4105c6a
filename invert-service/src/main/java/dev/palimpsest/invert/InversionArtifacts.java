package dev.palimpsest.invert;

import dev.palimpsest.artifacts.ArtifactStore;
import dev.palimpsest.artifacts.TensorArtifacts;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ArtifactRef;
import dev.palimpsest.contracts.Keys;
import dev.palimpsest.contracts.Message.InversionReady;
import dev.palimpsest.contracts.Message.InvertUnit;
import dev.palimpsest.contracts.Message.InvertUnit.Row;
import dev.palimpsest.contracts.Stage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import javax.imageio.ImageIO;

/** What an inversion leaves in the store and announces, whatever makes its picture. Each key says how many steps were done. */
record InversionArtifacts(InvertUnit unit, ArtifactStore store) {

    ArtifactRef picture(Row row, int step, BufferedImage picture) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            ImageIO.write(picture, "png", bytes);
            return store.put(key(row.item(), step, ".png"), bytes.toByteArray(), "image/png");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param seen {@code [d]}, the finished picture embedded anew, raw */
    ArtifactRef embedding(Row row, int step, float[] seen) {
        return new TensorArtifacts(store)
                .put(
                        key(row.item(), step, "-embedding.safetensors"),
                        Map.of("embedding", Tensor.ofFloats(seen, 1, seen.length)),
                        Map.of());
    }

    /** The unit that goes on from a state. */
    InvertUnit next(int step, Map<String, Tensor> state, Map<String, String> metadata) {
        ArtifactRef checkpoint =
                new TensorArtifacts(store).put(key(unit.item(), step, ".safetensors"), new TreeMap<>(state), metadata);
        return unit.at(step, checkpoint);
    }

    InversionReady ready(Row row, int steps, ArtifactRef picture, double cosine, ArtifactRef embedding) {
        return new InversionReady(
                unit.audit(), row.item(), unit.embeddings(), row.index(), picture, cosine, steps, embedding);
    }

    private String key(String item, int step, String ending) {
        return Keys.result(unit.audit(), Stage.INVERT, item + "-" + step + ending);
    }
}
