package dev.palimpsest.embed.data;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Food-101 (Bossard, Guillaumin and Van Gool, 2014) as it is published: {@code images/<class>/<id>.jpg}; {@code meta/classes.txt} with a
 * class a line; {@code meta/train.txt} and {@code meta/test.txt} with {@code <class>/<id>} a line, 750 and 250 a class. What train.txt lists
 * trains the head, what test.txt lists is held out. {@code meta/labels.txt}, if it is there, gives each class a name with spaces,
 * which a spec may use too. JSON files beside them say the same and are not read.
 */
final class Food101 implements Source {
    private static final List<String> EXPECTED =
            List.of("images", "meta/classes.txt", "meta/train.txt", "meta/test.txt");

    private final Path folder;
    private final Set<String> classes;
    private final Map<String, String> byLabel;

    private Food101(Path folder, Set<String> classes, Map<String, String> byLabel) {
        this.folder = folder;
        this.classes = classes;
        this.byLabel = byLabel;
    }

    /** Whether a folder looks so much like it that nothing else can be meant. */
    static boolean isLaidOut(Path folder) {
        return Files.isDirectory(folder.resolve("images"))
                && (Files.isRegularFile(folder.resolve("meta/train.txt"))
                        || Files.isRegularFile(folder.resolve("meta/classes.txt")));
    }

    /** @throws PalimpsestException BAD_DATA, with what is expected and what is there */
    static Food101 open(Path folder) {
        List<String> missing = EXPECTED.stream()
                .filter(name -> !Files.exists(folder.resolve(name)))
                .toList();
        if (!missing.isEmpty()) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA,
                    folder + " is not laid out as Food-101 is published: expected " + String.join(", ", EXPECTED)
                            + "; missing " + String.join(", ", missing) + "; found " + Folders.found(folder));
        }
        Set<String> classes = new LinkedHashSet<>(column(folder.resolve("meta/classes.txt")));
        Map<String, String> byLabel = new HashMap<>();
        Path labels = folder.resolve("meta/labels.txt");
        if (Files.isRegularFile(labels)) {
            List<String> names = column(labels);
            if (names.size() != classes.size()) {
                throw new PalimpsestException(
                        ErrorCode.BAD_DATA,
                        labels + " has " + names.size() + " lines, but classes.txt beside it has " + classes.size());
            }
            int at = 0;
            for (String own : classes) {
                byLabel.put(names.get(at++), own);
            }
        }
        return new Food101(folder, classes, byLabel);
    }

    @Override
    public String noun() {
        return "image";
    }

    @Override
    public List<String> classes() {
        return List.copyOf(classes);
    }

    @Override
    public Set<String> named(String name) {
        String own = byLabel.getOrDefault(name, name);
        return classes.contains(own) ? Set.of(own) : Set.of();
    }

    @Override
    public void walk(Set<String> wanted, Sink sink) {
        walk("meta/train.txt", Entry.MEMBER, wanted, sink);
        walk("meta/test.txt", Entry.HELD_OUT, wanted, sink);
    }

    private void walk(String list, String part, Set<String> wanted, Sink sink) {
        Path images = folder.resolve("images").normalize();
        Folders.lines(folder.resolve(list), (number, text) -> {
            String item = text.strip();
            int slash = item.indexOf('/');
            String own = slash < 0 ? "" : item.substring(0, slash);
            Path image = images.resolve(item + ".jpg").normalize();
            if (!classes.contains(own) || !image.startsWith(images)) {
                sink.skip(list + ", line " + number + ": expected CLASS/ID with a class of classes.txt, found " + item
                        + ".");
            } else if (wanted.contains(own)) {
                sink.sample("images/" + item + ".jpg", own, part, new Content.Image(image));
            }
        });
    }

    private static List<String> column(Path file) {
        List<String> values = new ArrayList<>();
        Folders.lines(file, (number, text) -> values.add(text.strip()));
        return values;
    }
}
