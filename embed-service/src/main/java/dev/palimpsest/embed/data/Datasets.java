package dev.palimpsest.embed.data;

import dev.palimpsest.contracts.DataClass;
import dev.palimpsest.contracts.DatasetName;
import dev.palimpsest.contracts.DatasetName.Layout;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Opens datasets in the layouts in which they are published, and chooses samples of them. */
public final class Datasets {
    private static final int CLASSES_TOLD = 12;

    private Datasets() {}

    /**
     * Chooses samples.
     *
     * @param base what a relative path is relative to
     * @param split see {@link ImageFolder}; for a folder of images only
     * @throws PalimpsestException NOT_FOUND, BAD_DATA: with every problem of the dataset, a line each; what can be left out is left out and
     *     listed instead
     */
    public static Listing read(Path base, DatasetName name, @Nullable Path split, Subset subset) {
        Path path = base.resolve(name.path());
        Source source = open(path, name.layout(), split);
        List<DataClass> classes = subset.classes().isEmpty()
                ? source.classes().stream()
                        .map(own -> new DataClass(own, own, List.of(own)))
                        .toList()
                : subset.classes();
        Draw draw = new Draw(subset.seed());
        Set<String> wanted = expect(path, source, classes, subset, draw);
        source.walk(wanted, draw);
        return chosen(path, source, classes, draw);
    }

    /** How the dataset at a path is laid out. */
    static Layout recognise(Path path) {
        String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
        if (Texts.isNamed(name)) {
            return Layout.TEXTS;
        }
        if (EmbeddingTable.isNamed(name)) {
            return Layout.EMBEDDINGS;
        }
        if (Food101.isLaidOut(path)) {
            return Layout.FOOD101;
        }
        return INaturalist.isLaidOut(path) ? Layout.INAT : Layout.FOLDER;
    }

    private static Source open(Path path, @Nullable Layout given, @Nullable Path split) {
        if (!Files.exists(path)) {
            throw new PalimpsestException(ErrorCode.NOT_FOUND, "There is no dataset " + path + "; check the path");
        }
        Layout layout = given == null && split != null ? Layout.FOLDER : given == null ? recognise(path) : given;
        if (split != null && layout != Layout.FOLDER) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA,
                    "The split " + split + " is for a folder of images; " + path + " is laid out as " + layout.id()
                            + " and has its own");
        }
        return switch (layout) {
            case FOLDER -> ImageFolder.open(path, split);
            case FOOD101 -> Food101.open(path);
            case INAT -> INaturalist.open(path);
            case TEXTS -> Texts.open(path);
            case EMBEDDINGS -> EmbeddingTable.open(path);
        };
    }

    private static Set<String> expect(Path path, Source source, List<DataClass> classes, Subset subset, Draw draw) {
        Set<String> wanted = new LinkedHashSet<>();
        List<String> problems = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (DataClass wish : classes) {
            if (!names.add(wish.name())) {
                problems.add("two classes are called '" + wish.name() + "'");
            }
            // A folder may have a plus or an equals sign in its name.
            List<String> parts = source.named(wish.text()).isEmpty() ? wish.parts() : List.of(wish.text());
            for (int j = 0; j < parts.size(); j++) {
                Set<String> own = source.named(parts.get(j));
                if (own.isEmpty()) {
                    problems.add("class '" + parts.get(j) + "' is not there; there are " + some(source.classes()));
                }
                for (String one : own) {
                    if (!wanted.add(one)) {
                        problems.add("'" + one + "' is asked for twice, once in class '" + wish.name() + "'");
                    }
                }
                draw.expect(
                        own,
                        wish.name(),
                        share(subset.perClass(), j, parts.size()),
                        share(subset.heldOutPerClass(), j, parts.size()));
            }
        }
        if (classes.size() < 2) {
            problems.add("only " + classes.size() + " class(es): "
                    + classes.stream().map(DataClass::name).toList() + "; at least two are needed");
        }
        refuse(path, problems);
        return wanted;
    }

    /** Of so many samples of a class, those that its part {@code j} gives. */
    private static int share(int perClass, int j, int parts) {
        return perClass == 0 ? Integer.MAX_VALUE : perClass / parts + (j < perClass % parts ? 1 : 0);
    }

    private static Listing chosen(Path path, Source source, List<DataClass> classes, Draw draw) {
        List<Entry> entries = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (DataClass wish : classes) {
            List<Entry> members = draw.entries(wish.name(), Entry.MEMBER);
            if (members.size() < 2) {
                problems.add("class '" + wish.name() + "' has " + (members.isEmpty() ? "no " : "one ") + source.noun()
                        + " to train on; at least two are needed");
            }
            entries.addAll(members);
            entries.addAll(draw.entries(wish.name(), Entry.HELD_OUT));
        }
        Listing listing = draw.listing(entries);
        if (!problems.isEmpty()) {
            problems.addAll(listing.skipped());
        }
        refuse(path, problems);
        return listing;
    }

    private static void refuse(Path path, List<String> problems) {
        if (!problems.isEmpty()) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA, "The dataset " + path + " cannot be used:\n" + String.join("\n", problems));
        }
    }

    /** The first names of a list, and how many more there are. */
    static String some(List<String> names) {
        return names.size() <= CLASSES_TOLD
                ? names.toString()
                : names.subList(0, CLASSES_TOLD) + " and " + (names.size() - CLASSES_TOLD) + " more";
    }
}
