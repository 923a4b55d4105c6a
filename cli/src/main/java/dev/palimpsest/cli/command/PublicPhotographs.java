package dev.palimpsest.cli.command;

import dev.palimpsest.cli.Distribution;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.invert.unclip.PublicNorm;
import dev.palimpsest.models.Backbone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The photographs that come with Palimpsest, and how long a network's embeddings of them are. */
final class PublicPhotographs {
    /** Their mean length is within a few percent of that of many. */
    static final int COUNT = 24;

    private PublicPhotographs() {}

    /** The mean length of the network's embeddings of them; null where they did not come along. */
    static @Nullable Double norm(Backbone network) {
        Path folder = Distribution.root().resolve("examples").resolve("photos");
        if (!Files.isDirectory(folder)) {
            return null;
        }
        try (Stream<Path> files = Files.walk(folder);
                ProgressLine progress = new ProgressLine("measuring lengths", COUNT, "photographs")) {
            List<Path> pictures = files.filter(file -> file.toString().endsWith(".jpg"))
                    .sorted()
                    .limit(COUNT)
                    .toList();
            return PublicNorm.measure(network, pictures, done -> progress.at(done, ""));
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.NOT_FOUND, folder + " cannot be read: " + e.getMessage(), e);
        }
    }
}
