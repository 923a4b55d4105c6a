package dev.palimpsest.invert.unclip;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import dev.palimpsest.models.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A published unCLIP pipeline in diffusers layout: one folder for each network and schedule. */
public final class UnClipFolder {
    static final String TEXT_ENCODER = "text_encoder";
    static final String TEXT_PROJECTION = "text_proj";
    static final String DECODER = "decoder";
    static final String SUPER_RES_FIRST = "super_res_first";
    static final String SUPER_RES_LAST = "super_res_last";
    static final String IMAGE_ENCODER = "image_encoder";
    /** What transformers calls weights. */
    static final String MODEL = "model";

    private static final String DIFFUSERS = "diffusion_pytorch_model";
    /** What the weights of each network are called. */
    private static final Map<String, String> NETWORKS = networks();

    private static final List<String> SCHEDULES = List.of("decoder_scheduler", "super_res_scheduler");

    private final Path root;
    private final int smallSide;
    private final int largeSide;

    private UnClipFolder(Path root) {
        this.root = root;
        this.smallSide = ModelConfig.read(part(DECODER), "config.json").count("sample_size");
        this.largeSide = ModelConfig.read(part(SUPER_RES_FIRST), "config.json").count("sample_size");
    }

    private static Map<String, String> networks() {
        Map<String, String> networks = new LinkedHashMap<>();
        networks.put(TEXT_ENCODER, MODEL);
        networks.put(TEXT_PROJECTION, DIFFUSERS);
        networks.put(DECODER, DIFFUSERS);
        networks.put(SUPER_RES_FIRST, DIFFUSERS);
        networks.put(SUPER_RES_LAST, DIFFUSERS);
        return networks;
    }

    /** @throws PalimpsestException {@code NOT_FOUND} that lists all parts that are missing, and says what to do about .bin files */
    public static UnClipFolder open(Path root) {
        List<String> missing = new ArrayList<>();
        List<String> pickled = new ArrayList<>();
        NETWORKS.forEach((part, stem) -> {
            Path folder = root.resolve(part);
            require(folder, "config.json", missing);
            if (!hasWeights(folder, stem)) {
                missing.add(part + "/" + stem + ".safetensors");
                if (hasPickle(folder)) {
                    pickled.add(part);
                }
            }
        });
        for (String schedule : SCHEDULES) {
            require(root.resolve(schedule), "scheduler_config.json", missing);
        }
        if (!missing.isEmpty()) {
            throw new PalimpsestException(ErrorCode.NOT_FOUND, message(root, missing, pickled));
        }
        return new UnClipFolder(root);
    }

    private static String message(Path root, List<String> missing, List<String> pickled) {
        String message = root + " is not a whole unCLIP pipeline; it lacks " + String.join(", ", missing) + ".";
        if (pickled.isEmpty()) {
            return message + " Download them from the same repository, in the same folders.";
        }
        return message + " " + String.join(", ", pickled)
                + " have .bin files, which can run code when they are read, so Palimpsest does not. Take the safetensors files of the"
                + " repository's refs/pr, or convert them on a machine that may be harmed: with Python and diffusers,"
                + " UnCLIPImageVariationPipeline.from_pretrained(DIR).save_pretrained(OUT, safe_serialization=True).";
    }

    private static void require(Path folder, String name, List<String> missing) {
        if (!Files.exists(folder.resolve(name))) {
            missing.add(folder.getFileName() + "/" + name);
        }
    }

    private static boolean hasWeights(Path folder, String stem) {
        return Files.exists(folder.resolve(stem + ".safetensors"))
                || Files.exists(folder.resolve(stem + ".safetensors.index.json"));
    }

    private static boolean hasPickle(Path folder) {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.toString().endsWith(".bin"));
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.BAD_FILE, folder + " cannot be read: " + e.getMessage() + ".", e);
        }
    }

    /** A network's folder. */
    Path part(String name) {
        return root.resolve(name);
    }

    /** Networks in the order of their use, and what their weights are called. */
    static Map<String, String> weights() {
        return NETWORKS;
    }

    Schedule decoderSchedule() {
        return Schedule.read(root.resolve(SCHEDULES.get(0)));
    }

    Schedule superResSchedule() {
        return Schedule.read(root.resolve(SCHEDULES.get(1)));
    }

    /** Side of the decoder's picture in pixels. */
    int smallSide() {
        return smallSide;
    }

    /** Side of the final picture in pixels. */
    public int largeSide() {
        return largeSide;
    }

    /** The width D of the embeddings that the decoder takes. */
    public int width() {
        return ModelConfig.read(part(TEXT_PROJECTION), "config.json").count("clip_embeddings_dim");
    }

    /** The network that made the embeddings, where it came along with its preprocessing; not needed to make a picture. */
    public Optional<Path> imageEncoder() {
        Path folder = root.resolve(IMAGE_ENCODER);
        boolean whole = Files.exists(folder.resolve("config.json"))
                && hasWeights(folder, MODEL)
                && (Files.exists(folder.resolve("preprocessor_config.json"))
                        || Files.exists(root.resolve("feature_extractor").resolve("preprocessor_config.json")));
        return whole ? Optional.of(folder) : Optional.empty();
    }

    @Override
    public String toString() {
        return root.toString();
    }
}
