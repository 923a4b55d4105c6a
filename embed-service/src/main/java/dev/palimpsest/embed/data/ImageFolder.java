package dev.palimpsest.embed.data;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder with one sub-folder of images a class, and optionally a CSV with the columns {@code file,label,part} that says which images
 * train the head ({@code member}) and which are held out ({@code heldout}). Without it every second image of a class, by name, is held out.
 */
final class ImageFolder implements Source {
    private static final String HEADER = "file,label,part";

    private final Path folder;
    private final @Nullable List<Listed> split;
    private final List<String> classes;

    /** A line of the split. */
    private record Listed(String file, String label, String part) {}

    private ImageFolder(Path folder, @Nullable List<Listed> split, List<String> classes) {
        this.folder = folder;
        this.split = split;
        this.classes = classes;
    }

    /** @throws PalimpsestException NOT_FOUND, BAD_DATA with every problem of the split */
    static ImageFolder open(Path folder, @Nullable Path split) {
        if (!Files.isDirectory(folder)) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND, "The dataset " + folder + " is not a folder; expected one sub-folder a class");
        }
        if (split == null) {
            // A folder without an image is a class that somebody forgot: it counts.
            return new ImageFolder(folder, null, Folders.names(folder, Files::isDirectory));
        }
        List<Listed> listed = split(folder, split);
        Set<String> labels = new LinkedHashSet<>();
        listed.forEach(line -> labels.add(line.label()));
        return new ImageFolder(folder, listed, List.copyOf(labels));
    }

    @Override
    public String noun() {
        return "image";
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public Set<String> named(String name) {
        return classes.contains(name) ? Set.of(name) : Set.of();
    }

    @Override
    public void walk(Set<String> wanted, Sink sink) {
        if (split != null) {
            split.forEach(line -> sink.sample(
                    line.file(), line.label(), line.part(), new Content.Image(folder.resolve(line.file()))));
            return;
        }
        for (String label : classes) {
            if (wanted.contains(label)) {
                Path sub = folder.resolve(label);
                Folders.names(sub, Folders::isImage)
                        .forEach(name ->
                                sink.sample(label + "/" + name, label, null, new Content.Image(sub.resolve(name))));
            }
        }
    }

    private static List<Listed> split(Path folder, Path split) {
        List<Listed> entries = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Folders.lines(split, (number, text) -> {
            String where = split + ", line " + number + ": ";
            if (number == 1) {
                if (!text.strip().equals(HEADER)) {
                    problems.add(where + "expected the header " + HEADER + ", found " + text);
                }
                return;
            }
            String[] fields = text.strip().split(",", -1);
            if (fields.length != 3 || !(fields[2].equals(Entry.MEMBER) || fields[2].equals(Entry.HELD_OUT))) {
                problems.add(where + "expected FILE,LABEL,member or FILE,LABEL,heldout, found " + text);
                return;
            }
            Path path = folder.resolve(fields[0]).normalize();
            if (!path.startsWith(folder.normalize()) || !Files.isRegularFile(path)) {
                problems.add(where + "no file " + fields[0] + " in " + folder);
            } else if (!seen.add(fields[0])) {
                problems.add(where + fields[0] + " is listed twice");
            } else {
                entries.add(new Listed(fields[0], fields[1], fields[2]));
            }
        });
        if (entries.isEmpty() && problems.isEmpty()) {
            problems.add(split + ": expected the header " + HEADER + " and a line an image, found nothing below it");
        }
        if (!problems.isEmpty()) {
            throw new PalimpsestException(ErrorCode.BAD_DATA, String.join("\n", problems));
        }
        return entries;
    }
}
