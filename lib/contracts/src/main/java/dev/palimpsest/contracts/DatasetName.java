package dev.palimpsest.contracts;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a spec calls a dataset: a path, or a layout and a path as in {@code food101:./food-101}.
 *
 * @param layout how it is laid out; null: to be recognised
 * @param path a folder or file of the machine that submits
 */
public record DatasetName(@Nullable Layout layout, String path) {
    /** How a dataset is laid out. */
    public enum Layout {
        /** One sub-folder of images a class. */
        FOLDER("folder"),
        /** Food-101 as published: images/, meta/train.txt, meta/test.txt, meta/classes.txt. */
        FOOD101("food101"),
        /** iNaturalist 2021 as published: train_mini/ or train/ with a folder a species, train_mini.json, and val/ if it is there. */
        INAT("inat"),
        /** A CSV or JSON Lines file of texts with their labels. */
        TEXTS("texts"),
        /** A safetensors or .npy file of embeddings with their labels. */
        EMBEDDINGS("embeddings");

        private final String id;

        Layout(String id) {
            this.id = id;
        }

        public String id() {
            return id;
        }
    }

    /** A word before a colon that is no layout belongs to the path. */
    public static DatasetName of(String text) {
        int colon = text.indexOf(':');
        if (colon > 0) {
            String word = text.substring(0, colon);
            Optional<Layout> layout = Arrays.stream(Layout.values())
                    .filter(known -> known.id().equals(word))
                    .findFirst();
            if (layout.isPresent()) {
                return new DatasetName(layout.get(), text.substring(colon + 1));
            }
        }
        return new DatasetName(null, text);
    }

    /** The words that may stand before the colon. */
    public static String layouts() {
        return Arrays.stream(Layout.values()).map(Layout::id).collect(Collectors.joining(", "));
    }

    @Override
    public String toString() {
        return layout == null ? path : layout.id() + ":" + path;
    }
}
