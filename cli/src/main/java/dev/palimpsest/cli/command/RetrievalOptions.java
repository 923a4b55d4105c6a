package dev.palimpsest.cli.command;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.embed.data.Content;
import dev.palimpsest.embed.data.Encoder;
import dev.palimpsest.invert.retrieval.Nearest;
import dev.palimpsest.models.ImageDecoder;
import dev.palimpsest.models.Normaliser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Public samples beside an inversion, or instead of one. */
final class RetrievalOptions {
    @Option(
            names = "--gallery",
            paramLabel = "DIR",
            description =
                    "public samples: a folder of images, a .txt file with a text a line (with --backbone minilm-l6-v2), or"
                            + " embeddings (safetensors, .npy). With --method dip the nearest one is named, as a baseline")
    @Nullable
    Path gallery;

    @Option(
            names = "--top",
            defaultValue = "5",
            paramLabel = "K",
            description = "how many of --gallery; default: ${DEFAULT-VALUE}")
    int top;

    /**
     * Writes the nearest image, or to a .txt the nearest samples' cosines and names, a line each.
     *
     * @param encoder for a gallery that is not embedded yet
     * @return the exit code
     */
    int run(Supplier<Encoder<?>> encoder, @Nullable Normaliser space, double[] wanted, int threads, Path out)
            throws IOException {
        if (gallery == null) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, "--method retrieval compares with public samples; name them with --gallery");
        }
        if (top < 1) {
            throw new PalimpsestException(ErrorCode.USAGE, "--top " + top + ": expected at least 1");
        }
        List<Nearest.Hit> hits = Nearest.find(GalleryFiles.open(gallery, encoder), space, wanted, top, threads);
        if (out.toString().endsWith(".txt")) {
            Files.write(out, hits.stream().map(RetrievalOptions::line).toList());
        } else {
            String nearest = hits.get(0).name();
            if (!Files.isRegularFile(Path.of(nearest))) {
                throw new PalimpsestException(
                        ErrorCode.NOT_FOUND,
                        "The nearest sample, " + nearest + ", is no image file; use --out FILE.txt");
            }
            byte[] bytes = new Content.Image(Path.of(nearest)).bytes();
            ImageIO.write(ImageDecoder.decode(bytes, nearest), "png", out.toFile());
        }
        hits.forEach(hit -> System.out.println(line(hit)));
        return 0;
    }

    /** Names the nearest public sample, when there is a gallery. */
    void baseline(Supplier<Encoder<?>> encoder, @Nullable Normaliser space, double[] wanted, int threads) {
        if (gallery != null) {
            Nearest.Hit hit = Nearest.find(GalleryFiles.open(gallery, encoder), space, wanted, 1, threads)
                    .get(0);
            System.out.println("nearest public sample: " + line(hit));
        }
    }

    private static String line(Nearest.Hit hit) {
        return String.format(Locale.ROOT, "%.4f\t%s", hit.cosine(), hit.name());
    }
}
