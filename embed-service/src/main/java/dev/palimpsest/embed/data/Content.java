package dev.palimpsest.embed.data;

import dev.palimpsest.artifacts.npy.Npy;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.ImageDecoder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a sample is made of; read when it is asked for, so that a list of samples holds names and not pictures. */
public sealed interface Content {
    /**
     * The sample as it travels and is stored: an image file, a text in UTF-8, an embedding as .npy.
     *
     * @throws PalimpsestException BAD_IMAGE when the file cannot be read
     */
    byte[] bytes();

    /** Whether it is where the dataset says. */
    default boolean present() {
        return true;
    }

    /** A file with an image. */
    record Image(Path path) implements Content {
        @Override
        public byte[] bytes() {
            try (InputStream in = Files.newInputStream(path)) {
                // One byte more than is decoded is enough to be refused as too large.
                return in.readNBytes(ImageDecoder.MAX_BYTES + 1);
            } catch (IOException e) {
                throw new PalimpsestException(
                        ErrorCode.BAD_IMAGE, "Cannot read " + path + " (" + e.getMessage() + "); check the path", e);
            }
        }

        @Override
        public boolean present() {
            return Files.isRegularFile(path);
        }
    }

    /** A text. */
    record Text(String text) implements Content {
        @Override
        public byte[] bytes() {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** A row of a table of embeddings. */
    record Row(Tensor table, long index) implements Content {
        @Override
        public byte[] bytes() {
            return Npy.write(values());
        }

        /** {@code [d]}. */
        public float[] values() {
            return table.row(index);
        }
    }
}
