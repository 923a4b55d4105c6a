package dev.palimpsest.cli.command;

import dev.palimpsest.artifacts.safetensors.SafetensorsWriter;
import dev.palimpsest.artifacts.safetensors.Tensor;
import dev.palimpsest.cli.backbone.BackboneLibrary;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.contracts.TextBackbone;
import dev.palimpsest.embed.data.Batches;
import dev.palimpsest.embed.data.Content;
import dev.palimpsest.embed.data.Embedder;
import dev.palimpsest.embed.data.Encoder;
import dev.palimpsest.embed.data.Encoders;
import dev.palimpsest.embed.data.Entry;
import dev.palimpsest.embed.data.Listing;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "embed",
        description = "Embed images, texts or a dataset with a backbone, in this process.",
        footer = {
            "",
            "Examples:",
            "  palimpsest embed --backbone DIR --out embeddings.safetensors a.jpg b.png",
            "  palimpsest embed --backbone DIR --data food101:./food-101 --preset food101-binary --part member --out members.safetensors"
        })
final class EmbedCommand implements Callable<Integer> {
    @Option(
            names = "--backbone",
            required = true,
            paramLabel = "NAME|DIR",
            description = "a name of 'backbone list', a folder in Hugging Face layout, or minilm-l6-v2 for texts")
    String backbone;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description =
                    "safetensors: embeddings [N, d] float32; of --data also labels, parts, classes; names, skipped")
    Path out;

    @Option(
            names = "--pixel-values",
            paramLabel = "FILE",
            description = "also write the preprocessed input: pixel_values [N, 3, S, S] float32")
    @Nullable
    Path pixelValues;

    @Option(names = "--size", paramLabel = "PX", description = "side of the input; default: the backbone's own")
    int size;

    @Mixin
    ComputeOptions compute;

    @Mixin
    DataOptions data;

    @Option(
            names = "--part",
            paramLabel = "PART",
            description = "member or heldout: only these samples of --data; default: both")
    @Nullable
    String part;

    @Parameters(paramLabel = "IMAGE", arity = "0..*", description = "image files, instead of --data")
    List<Path> images = List.of();

    @Override
    public Integer call() {
        List<Entry> samples = samples();
        try (Encoder<?> encoder = encoder();
                RowFile rows = new RowFile(out);
                ProgressLine progress = new ProgressLine("embedding", samples.size(), "samples")) {
            Embedding embedding = new Embedding(samples, rows, progress);
            Batches.embed(encoder, 0, samples.size(), place -> new Sample(samples.get(place)), embedding);
            if (rows.rows() == 0) {
                throw new PalimpsestException(
                        ErrorCode.BAD_IMAGE,
                        "None of the samples can be used:\n" + String.join("\n", embedding.skipped));
            }
            SafetensorsWriter.write(out, embedding.tensors(encoder.dimension()), Map.of("backbone", encoder.name()));
            if (pixelValues != null) {
                writePixelValues(encoder, embedding.used);
            }
            embedding.skipped.forEach(reason -> System.err.println("skipped: " + reason));
            System.out.println(rows.rows() + " of " + samples.size() + " samples -> " + out);
            return embedding.skipped.isEmpty() ? 0 : 1;
        }
    }

    private Encoder<?> encoder() {
        if (TextBackbone.is(backbone)) {
            return Encoders.texts(compute.threads);
        }
        return Encoders.open(BackboneLibrary.folder(Path.of(""), backbone), size, compute.open());
    }

    private List<Entry> samples() {
        if (data.data == null) {
            if (images.isEmpty()) {
                throw new PalimpsestException(
                        ErrorCode.USAGE, "Nothing to embed: name image files, or a dataset with --data");
            }
            return images.stream()
                    .map(image -> new Entry(image.toString(), "", Entry.MEMBER, new Content.Image(image)))
                    .toList();
        }
        if (!images.isEmpty()) {
            throw new PalimpsestException(ErrorCode.USAGE, "Image files and --data are both given; keep one");
        }
        if (part != null && !part.equals(Entry.MEMBER) && !part.equals(Entry.HELD_OUT)) {
            throw new PalimpsestException(ErrorCode.USAGE, "--part " + part + ": expected member or heldout");
        }
        Listing listing = data.read(data.data);
        listing.skipped().forEach(reason -> System.err.println("left out: " + reason));
        int more = listing.skippedInAll() - listing.skipped().size();
        if (more > 0) {
            System.err.println("left out: " + more + " more");
        }
        return listing.entries().stream()
                .filter(entry -> part == null || part.equals(entry.part()))
                .toList();
    }

    private record Sample(Entry entry) implements Batches.Sample {
        @Override
        public String name() {
            return entry.file();
        }

        @Override
        public byte[] bytes() {
            return entry.content().bytes();
        }
    }

    /** What the embedded samples were; their rows go to disk. */
    private static final class Embedding implements Batches.Taker {
        private final List<Entry> samples;
        private final RowFile rows;
        private final ProgressLine progress;
        private final List<Entry> used = new ArrayList<>();
        private final List<String> skipped = new ArrayList<>();

        Embedding(List<Entry> samples, RowFile rows, ProgressLine progress) {
            this.samples = samples;
            this.rows = rows;
            this.progress = progress;
        }

        @Override
        public void embedded(int place, float[] embedding) {
            rows.add(embedding);
            used.add(samples.get(place));
        }

        @Override
        public void skipped(int place, String reason) {
            skipped.add(reason);
        }

        @Override
        public boolean next(int end) {
            progress.at(end, "");
            return true;
        }

        /** Labels are numbered as the classes come; names and reasons are UTF-8, a line each. */
        Map<String, Tensor> tensors(int width) {
            Map<String, Tensor> tensors = new TreeMap<>();
            tensors.put("embeddings", rows.tensor(width));
            List<String> classes = used.stream().map(Entry::label).distinct().toList();
            if (!classes.equals(List.of(""))) {
                tensors.put(
                        "labels",
                        Tensor.ofLongs(used.stream()
                                .mapToLong(entry -> classes.indexOf(entry.label()))
                                .toArray()));
                tensors.put(
                        "parts",
                        Tensor.ofLongs(used.stream()
                                .mapToLong(entry -> entry.part().equals(Entry.MEMBER) ? 0 : 1)
                                .toArray()));
                tensors.put("classes", lines(classes));
            }
            tensors.put("names", lines(used.stream().map(Entry::file).toList()));
            if (!skipped.isEmpty()) {
                tensors.put("skipped", lines(skipped));
            }
            return tensors;
        }

        private static Tensor lines(List<String> lines) {
            return Tensor.ofBytes(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
        }
    }

    private void writePixelValues(Encoder<?> encoder, List<Entry> used) {
        if (!(encoder instanceof Embedder embedder)) {
            throw new PalimpsestException(
                    ErrorCode.USAGE, "--pixel-values: the backbone " + encoder.name() + " takes texts");
        }
        Path file = Objects.requireNonNull(pixelValues);
        try (RowFile pixels = new RowFile(file)) {
            for (Entry entry : used) {
                pixels.add(embedder.prepare(entry.content().bytes(), entry.file()));
            }
            SafetensorsWriter.write(
                    file, Map.of("pixel_values", pixels.tensor(3, embedder.size(), embedder.size())), Map.of());
        }
    }
}
