package dev.palimpsest.cli.command;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.embed.data.Batches;
import dev.palimpsest.embed.data.Content;
import dev.palimpsest.embed.data.Encoder;
import dev.palimpsest.invert.retrieval.Gallery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The gallery of public samples that a user names: a file of embeddings (safetensors or .npy) or a folder that holds one as {@code
 * embeddings.*}, which is mapped; a folder of images or a .txt file with a text a line, which are embedded first.
 */
final class GalleryFiles {
    private static final Set<String> IMAGES = Set.of("jpg", "jpeg", "png", "webp", "bmp", "gif");
    private static final List<String> PREPARED = List.of("embeddings.safetensors", "embeddings.npy");

    private GalleryFiles() {}

    private record Sample(String name, Content content) implements Batches.Sample {
        @Override
        public byte[] bytes() {
            return content.bytes();
        }
    }

    /**
     * Opens it.
     *
     * @param encoder opened only where something has to be embedded; closed here
     */
    static Gallery open(Path path, Supplier<Encoder<?>> encoder) {
        String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(".safetensors") || name.endsWith(".npy")) {
            return Gallery.open(path);
        }
        Optional<Path> prepared = PREPARED.stream()
                .map(path::resolve)
                .filter(Files::isRegularFile)
                .findFirst();
        if (prepared.isPresent()) {
            return Gallery.open(prepared.get());
        }
        List<Sample> samples = name.endsWith(".txt") ? texts(path) : images(path);
        if (samples.isEmpty()) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA,
                    "--gallery " + path
                            + " holds nothing to compare with: expected images, a .txt file with a text a line, or"
                            + " embeddings.safetensors or embeddings.npy");
        }
        return embed(path, samples, encoder);
    }

    private static List<Sample> images(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> IMAGES.contains(
                            file.toString().replaceAll(".*\\.", "").toLowerCase(Locale.ROOT)))
                    .sorted()
                    .map(file -> new Sample(file.toString(), new Content.Image(file)))
                    .toList();
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND, "--gallery " + folder + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static List<Sample> texts(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                    .filter(line -> !line.isBlank())
                    .map(line -> new Sample(line, new Content.Text(line)))
                    .toList();
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND, "--gallery " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Gallery embed(Path path, List<Sample> samples, Supplier<Encoder<?>> opened) {
        try (Encoder<?> encoder = opened.get();
                RowFile rows = new RowFile(scratch());
                ProgressLine progress = new ProgressLine("embedding the gallery", samples.size(), "samples")) {
            List<String> names = new ArrayList<>();
            Batches.embed(encoder, 0, samples.size(), samples::get, new Batches.Taker() {
                @Override
                public void embedded(int place, float[] embedding) {
                    rows.add(embedding);
                    names.add(samples.get(place).name());
                }

                @Override
                public void skipped(int place, String reason) {
                    System.err.println("left out: " + reason);
                }

                @Override
                public boolean next(int end) {
                    progress.at(end, "");
                    return true;
                }
            });
            // Mapped: the rows stay readable although the file's name is gone.
            return Gallery.of(path.toString(), rows.tensor(encoder.dimension()), names);
        }
    }

    private static Path scratch() {
        return Path.of(System.getProperty("java.io.tmpdir"), "gallery");
    }
}
