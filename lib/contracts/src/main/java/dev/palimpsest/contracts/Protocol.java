package dev.palimpsest.contracts;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The experiments of arXiv 2407.15845 as data: which classes, how many images of each. Everything that a protocol says can be said
 * otherwise in the spec beside it.
 *
 * <p>From the paper: the two datasets, heads of two classes (of iNaturalist: fauna against flora, the kingdoms Animalia and Plantae) and
 * of several, about a hundred training images, as many of each class. The design of this project keeps no record of which dishes and which
 * taxa the paper took beyond that, nor of how images were drawn. Chosen here: of Food-101 the first ten classes by name, for two classes
 * the first five of them against the other five; of iNaturalist for four classes the four largest groups of the 2021 edition (plants, insects, birds,
 * fungi); images drawn evenly at random by a seed; and as many held-out images as training images, so that chance is measured with as many tries.
 */
public enum Protocol {
    /** Five dishes against five, 50 images a side. */
    FOOD101_BINARY(
            "food101-binary",
            DatasetName.Layout.FOOD101,
            List.of(
                    "first=apple_pie+baby_back_ribs+baklava+beef_carpaccio+beef_tartare",
                    "second=beet_salad+beignets+bibimbap+bread_pudding+breakfast_burrito"),
            50),
    /** Ten dishes, ten images of each. */
    FOOD101_10(
            "food101-10",
            DatasetName.Layout.FOOD101,
            List.of(
                    "apple_pie",
                    "baby_back_ribs",
                    "baklava",
                    "beef_carpaccio",
                    "beef_tartare",
                    "beet_salad",
                    "beignets",
                    "bibimbap",
                    "bread_pudding",
                    "breakfast_burrito"),
            10),
    /** Animals against plants, 50 images a side. */
    INAT_BINARY("inat-binary", DatasetName.Layout.INAT, List.of("fauna=Animalia", "flora=Plantae"), 50),
    /** Plants, insects, birds and fungi, 25 images of each. */
    INAT_4(
            "inat-4",
            DatasetName.Layout.INAT,
            List.of("plants=Plantae", "insects=Insecta", "birds=Aves", "fungi=Fungi"),
            25);

    private final String id;
    private final DatasetName.Layout layout;
    private final List<String> classes;
    private final int perClass;

    Protocol(String id, DatasetName.Layout layout, List<String> classes, int perClass) {
        this.id = id;
        this.layout = layout;
        this.classes = List.copyOf(classes);
        this.perClass = perClass;
    }

    public static Optional<Protocol> named(String id) {
        return Arrays.stream(values()).filter(known -> known.id.equals(id)).findFirst();
    }

    /** The names that a spec may give. */
    public static List<String> names() {
        return Arrays.stream(values()).map(Protocol::id).toList();
    }

    /** As a spec writes it. */
    public String id() {
        return id;
    }

    /** What the dataset has to be. */
    public DatasetName.Layout layout() {
        return layout;
    }

    /** In label order, each as {@link DataClass#of} reads it. */
    public List<String> classes() {
        return classes;
    }

    /** Training images a class, and held-out images a class. */
    public int perClass() {
        return perClass;
    }
}
