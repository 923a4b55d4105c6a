package dev.palimpsest.embed.data;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A dataset of images: a folder with one sub-folder a class, and optionally a CSV with the columns {@code file,label,part} that says
 * which images train the head ({@code member}) and which are held out ({@code heldout}). Without it every second image of a class, by
 * name, is held out.
 */
public final class ImageFolder {
    private static final Set<String> ENDINGS = Set.of("jpg", "jpeg", "png", "bmp", "gif", "webp");
    private static final String HEADER = "file,label,part";

    private ImageFolder() {}

    /**
     * One image.
     *
     * @param file path below the dataset's folder, with forward slashes
     * @param part {@code member} or {@code heldout}
     */
    public record Entry(String file, String label, String part, Path path) {}

    /**
     * Lists the images, in the order of the split, else by class and name.
     *
     * @param classes which, in label order; empty: all that there are
     * @param perClass at most so many members a class; 0: all
     * @throws PalimpsestException NOT_FOUND, BAD_DATA: with every problem of the dataset, a line each
     */
    public static List<Entry> read(Path folder, @Nullable Path split, List<String> classes, int perClass) {
        if (!Files.isDirectory(folder)) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND, "The dataset " + folder + " is not a folder; expected one sub-folder a class");
        }
        List<Entry> all = split == null ? listed(folder, classes) : split(folder, split);
        List<Entry> chosen = new ArrayList<>();
        Set<String> labels = new LinkedHashSet<>(classes);
        if (labels.isEmpty() && split == null) {
            // A folder without an image is a class that somebody forgot.
            labels.addAll(names(folder, Files::isDirectory));
        } else if (labels.isEmpty()) {
            all.forEach(entry -> labels.add(entry.label()));
        }
        List<String> problems = new ArrayList<>();
        for (String label : labels) {
            List<Entry> ofClass =
                    all.stream().filter(entry -> entry.label().equals(label)).toList();
            List<Entry> members = ofClass.stream()
                    .filter(entry -> entry.part().equals("member"))
                    .toList();
            if (members.size() < 2) {
                problems.add("class '" + label + "' has " + (members.isEmpty() ? "no image" : "one image")
                        + " to train on; at least two are needed");
            }
            chosen.addAll(perClass > 0 ? members.subList(0, Math.min(perClass, members.size())) : members);
            ofClass.stream().filter(entry -> entry.part().equals("heldout")).forEach(chosen::add);
        }
        if (labels.size() < 2) {
            problems.add("only " + labels.size() + " class(es): " + labels + "; at least two are needed");
        }
        if (!problems.isEmpty()) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA, "The dataset " + folder + " cannot be used:\n" + String.join("\n", problems));
        }
        return chosen;
    }

    private static List<Entry> split(Path folder, Path split) {
        List<String> lines;
        try {
            lines = Files.readAllLines(split);
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND, "Cannot read the split " + split + ": " + e.getMessage(), e);
        }
        if (lines.isEmpty() || !lines.get(0).strip().equals(HEADER)) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA,
                    split + ", line 1: expected the header " + HEADER + ", found "
                            + (lines.isEmpty() ? "nothing" : lines.get(0)));
        }
        List<Entry> entries = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (int i = 1; i < lines.size(); i++) {
            if (lines.get(i).isBlank()) {
                continue;
            }
            String where = split + ", line " + (i + 1) + ": ";
            String[] fields = lines.get(i).strip().split(",", -1);
            if (fields.length != 3 || !(fields[2].equals("member") || fields[2].equals("heldout"))) {
                problems.add(where + "expected FILE,LABEL,member or FILE,LABEL,heldout, found " + lines.get(i));
                continue;
            }
            Path path = folder.resolve(fields[0]).normalize();
            if (!path.startsWith(folder.normalize()) || !Files.isRegularFile(path)) {
                problems.add(where + "no file " + fields[0] + " in " + folder);
            } else if (!seen.add(fields[0])) {
                problems.add(where + fields[0] + " is listed twice");
            } else {
                entries.add(new Entry(fields[0], fields[1], fields[2], path));
            }
        }
        if (!problems.isEmpty()) {
            throw new PalimpsestException(ErrorCode.BAD_DATA, String.join("\n", problems));
        }
        return entries;
    }

    private static List<Entry> listed(Path folder, List<String> classes) {
        List<String> labels = classes.isEmpty() ? names(folder, Files::isDirectory) : classes;
        List<Entry> entries = new ArrayList<>();
        for (String label : labels) {
            Path sub = folder.resolve(label).normalize();
            if (!sub.startsWith(folder.normalize()) || !Files.isDirectory(sub)) {
                throw new PalimpsestException(
                        ErrorCode.BAD_DATA,
                        "class '" + label + "' has no folder in " + folder + "; found "
                                + names(folder, Files::isDirectory));
            }
            List<String> images = names(sub, ImageFolder::isImage);
            for (int i = 0; i < images.size(); i++) {
                String part = i % 2 == 0 ? "member" : "heldout";
                entries.add(new Entry(label + "/" + images.get(i), label, part, sub.resolve(images.get(i))));
            }
        }
        return entries;
    }

    private static boolean isImage(Path path) {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        return Files.isRegularFile(path) && ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    private static List<String> names(Path folder, Predicate<Path> which) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(which)
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.NOT_FOUND, "Cannot list " + folder + ": " + e.getMessage(), e);
        }
    }
}
