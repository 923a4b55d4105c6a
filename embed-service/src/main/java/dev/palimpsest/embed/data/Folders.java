package dev.palimpsest.embed.data;

import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the readers need of the file system, with the errors that a person can use. */
final class Folders {
    private static final Set<String> ENDINGS = Set.of("jpg", "jpeg", "png", "bmp", "gif", "webp");

    private Folders() {}

    /** A line of a file, counted from 1. */
    @FunctionalInterface
    interface Line {
        void at(int number, String text);
    }

    /** Names in a folder, sorted. */
    static List<String> names(Path folder, Predicate<Path> which) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(which)
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.NOT_FOUND, "Cannot list " + folder + ": " + e.getMessage(), e);
        }
    }

    static boolean isImage(Path path) {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        return ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1)) && Files.isRegularFile(path);
    }

    /** Text in UTF-8, without the byte order mark that some editors put before it. */
    static BufferedReader reader(Path file) throws IOException {
        BufferedReader reader = Files.newBufferedReader(file);
        reader.mark(1);
        if (reader.read() != '\uFEFF') {
            reader.reset();
        }
        return reader;
    }

    /** Goes through the lines that are not blank, without keeping them. */
    static void lines(Path file, Line line) {
        try (BufferedReader reader = reader(file)) {
            int number = 1;
            for (String text = reader.readLine(); text != null; text = reader.readLine(), number++) {
                if (!text.isBlank()) {
                    line.at(number, text);
                }
            }
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    static PalimpsestException unreadable(Path file, IOException e) {
        if (e instanceof CharacterCodingException) {
            return new PalimpsestException(
                    ErrorCode.BAD_DATA, file + " is not text in UTF-8; convert it, as with iconv -t UTF-8", e);
        }
        return new PalimpsestException(ErrorCode.NOT_FOUND, "Cannot read " + file + ": " + e.getMessage(), e);
    }

    /** What stands at a path, for a message about what was expected there. */
    static String found(Path path) {
        if (!Files.isDirectory(path)) {
            return Files.exists(path) ? "a file" : "nothing";
        }
        List<String> names = names(path, any -> true);
        return names.isEmpty() ? "an empty folder" : Datasets.some(names);
    }
}
