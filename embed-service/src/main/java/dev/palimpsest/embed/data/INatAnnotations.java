package dev.palimpsest.embed.data;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The annotations of one archive of iNaturalist 2021: {@code images} (id, file_name), {@code categories} (id, image_dir_name, taxonomy) and
 * {@code annotations} (image_id, category_id). The file of the large archive has 1.3 GB, so it is walked through and never held: what is
 * kept are the names of the species and four bytes an image.
 */
final class INatAnnotations {
    /** Elements of one document are read one by one, which the mapper of whole documents refuses. */
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int LARGEST_ID = 50_000_000;

    private final Path file;
    private final Map<Integer, String> speciesOfCategory = new HashMap<>();
    /** Category plus one, by image; 0: none. */
    private int[] categoryOfImage = new int[1 << 10];

    private INatAnnotations(Path file) {
        this.file = file;
    }

    /** @throws PalimpsestException BAD_DATA */
    static INatAnnotations read(Path file) {
        INatAnnotations read = new INatAnnotations(file);
        read.elements(Map.of("categories", read::category, "annotations", read::annotation));
        if (read.speciesOfCategory.isEmpty()) {
            throw read.bad("it has no categories with an id and an image_dir_name");
        }
        return read;
    }

    /** Names of the species' folders, sorted. */
    Set<String> species() {
        return new TreeSet<>(speciesOfCategory.values());
    }

    /** The images in the order of the file, those that lack something as sentences. */
    void walk(Path images, @Nullable String part, Set<String> wanted, Source.Sink sink) {
        Path root = images.toAbsolutePath().normalize().getParent();
        String origin = String.valueOf(file.getFileName());
        elements(Map.of("images", image -> {
            String name = image.path("file_name").asText("");
            int id = id(image.path("id"));
            if (name.isEmpty() || id < 0) {
                sink.skip(origin + ": an image has no id or no file_name: " + shown(image) + ".");
                return;
            }
            int category = id < categoryOfImage.length ? categoryOfImage[id] - 1 : -1;
            String species = speciesOfCategory.get(category);
            if (species == null) {
                sink.skip(origin + ": " + name
                        + (category < 0
                                ? " has no annotation."
                                : " has category " + category + ", which is not among the categories."));
            } else if (!name.contains("/" + species + "/")) {
                sink.skip(origin + ": " + name + " is annotated as " + species + ".");
            } else if (wanted.contains(species)) {
                Path path =
                        root == null ? images.resolve(name) : root.resolve(name).normalize();
                if (root != null && !path.startsWith(root)) {
                    sink.skip(origin + ": " + name + " leads out of the dataset.");
                    return;
                }
                sink.sample(name, species, part, new Content.Image(path));
            }
        }));
    }

    private void category(JsonNode category) {
        int id = id(category.path("id"));
        String folder = category.path("image_dir_name").asText("");
        if (id >= 0 && !folder.isEmpty()) {
            speciesOfCategory.put(id, folder);
        }
    }

    private void annotation(JsonNode annotation) {
        int image = id(annotation.path("image_id"));
        int category = id(annotation.path("category_id"));
        if (image < 0 || category < 0) {
            // The image is then told of as one without an annotation.
            return;
        }
        if (image >= categoryOfImage.length) {
            categoryOfImage = Arrays.copyOf(categoryOfImage, Math.max(image + 1, 2 * categoryOfImage.length));
        }
        categoryOfImage[image] = category + 1;
    }

    /** -1 for what cannot be one. */
    private static int id(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToInt() && node.intValue() < LARGEST_ID
                ? Math.max(-1, node.intValue())
                : -1;
    }

    /** Goes through the file once and hands over the elements of some of its lists. */
    private void elements(Map<String, Consumer<JsonNode>> takers) {
        try (JsonParser json = JSON.createParser(file.toFile())) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw bad("it is not a JSON object with images, categories and annotations");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                Consumer<JsonNode> taker = takers.get(json.currentName());
                JsonToken value = json.nextToken();
                if (taker == null || value != JsonToken.START_ARRAY) {
                    json.skipChildren();
                    continue;
                }
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    JsonNode element = json.readValueAsTree();
                    taker.accept(element);
                }
            }
        } catch (JacksonException e) {
            throw bad("it is not JSON or was cut off: " + e.getOriginalMessage() + ", line "
                    + (e.getLocation() == null ? 0 : e.getLocation().getLineNr()));
        } catch (IOException e) {
            throw Folders.unreadable(file, e);
        }
    }

    private static String shown(JsonNode node) {
        String text = node.toString();
        return text.length() > 100 ? text.substring(0, 100) + "..." : text;
    }

    private PalimpsestException bad(String what) {
        return new PalimpsestException(ErrorCode.BAD_DATA, file + " cannot be used as annotations: " + what);
    }
}
