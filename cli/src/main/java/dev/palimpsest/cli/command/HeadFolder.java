package dev.palimpsest.cli.command;

import dev.palimpsest.artifacts.safetensors.Safetensors;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.Head;
import dev.palimpsest.models.HeadActivation;
import dev.palimpsest.models.Normaliser;
import dev.palimpsest.select.score.HeadSpace;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The folder of one head: {@code head.safetensors}, {@code normaliser.safetensors} if it was released, and what the owner adds. */
final class HeadFolder {
    static final String NO_NORMALISER =
            "No normaliser was released: what comes back is in the standardised space of the head's input. Directions there are not those"
                    + " of raw embeddings, so that no picture can be made of it; members and controls must be standardised the same way"
                    + " to be compared with it.";

    private HeadFolder() {}

    /** @param activation by name; null: as the file says */
    static Head head(Path folder, @Nullable String activation) {
        Path file = folder.resolve("head.safetensors");
        if (!Files.isRegularFile(file)) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND,
                    "There is no " + file.toAbsolutePath()
                            + ". Give a folder with head.safetensors: the state_dict of the head's Linear layers.");
        }
        Head head = Head.read(file);
        return activation == null ? head : head.with(HeadActivation.named(activation));
    }

    static @Nullable Normaliser normaliser(Path folder, Head head) {
        Path file = folder.resolve("normaliser.safetensors");
        if (!Files.exists(file)) {
            return null;
        }
        Normaliser normaliser = Normaliser.read(file);
        head.requireInputs(normaliser.width(), file.toString());
        return normaliser;
    }

    /** {@code embeddings [n, d]} of a file in the space that the head saw. */
    static float[] points(Path file, @Nullable Normaliser normaliser, int d) {
        try (Safetensors tensors = Safetensors.open(file)) {
            return HeadSpace.read(tensors, "embeddings", normaliser, d);
        }
    }
}
