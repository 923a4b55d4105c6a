package dev.palimpsest.cli.backbone;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JacksonException;
import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.cli.local.Home;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Backbones by name, below {@code backbones/} of the home folder: {@code sha256/} holds each content once, {@code names/NAME/} is a folder
 * in Hugging Face layout made of links to it, with what was found out about it in {@code palimpsest.json}.
 */
public final class BackboneLibrary {
    /** A file of a backbone. */
    public record Stored(String sha256, long size) {}

    /**
     * What is known about a backbone.
     *
     * @param name that specs and commands call it by
     * @param family as config.json names it
     * @param dimension width of the embedding
     * @param inputSize side of the picture in pixels
     * @param files by their name in the folder
     * @param publicNorm mean length of its embeddings of public photographs; null where none were at hand
     */
    public record Entry(
            String name,
            String family,
            int dimension,
            int inputSize,
            Map<String, Stored> files,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Double publicNorm) {
        /** Bytes of all files. */
        public long size() {
            return files.values().stream().mapToLong(Stored::size).sum();
        }
    }

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final String ENTRY = "palimpsest.json";

    private final Path names;
    private final Path contents;

    private BackboneLibrary(Path root) {
        this.names = root.resolve("names");
        this.contents = root.resolve("sha256");
    }

    public static BackboneLibrary of(Home home) {
        return new BackboneLibrary(home.root().resolve("backbones"));
    }

    /**
     * As {@link #resolve} of this user's library, which is not looked at when a folder is meant.
     *
     * @throws PalimpsestException {@code NOT_FOUND}
     */
    public static Path folder(Path base, String given) {
        Path folder = base.resolve(given);
        return BackboneFiles.isBackbone(folder) ? folder : of(Home.open()).resolve(base, given);
    }

    /** The name that a folder suggests; {@link #add} may refuse it. */
    public static String suggestedName(Path folder) {
        Path last = folder.toAbsolutePath().normalize().getFileName();
        return last == null ? "" : last.toString().toLowerCase(Locale.ROOT);
    }

    /** In alphabetical order. */
    public List<Entry> list() {
        if (!Files.isDirectory(names)) {
            return List.of();
        }
        List<Entry> entries = new ArrayList<>();
        try (Stream<Path> all = Files.list(names)) {
            for (Path folder : all.sorted().toList()) {
                if (NAME.matcher(folder.getFileName().toString()).matches()) {
                    entries.add(entry(folder.getFileName().toString()));
                }
            }
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.BAD_FILE, names + " cannot be read: " + e.getMessage(), e);
        }
        return List.copyOf(entries);
    }

    /**
     * The folder that a spec or an option means.
     *
     * @param base what a relative path is relative to
     * @param given a folder, or a name; a folder that is there goes first
     */
    public Path resolve(Path base, String given) {
        Path folder = base.resolve(given);
        if (BackboneFiles.isBackbone(folder)) {
            return folder;
        }
        if (NAME.matcher(given).matches() && Files.isDirectory(names.resolve(given))) {
            return names.resolve(given);
        }
        throw new PalimpsestException(
                ErrorCode.NOT_FOUND,
                "backbone: " + given + " is neither a folder in Hugging Face layout (" + folder
                        + " has no config.json) nor one of the names " + known()
                        + "; 'palimpsest backbone add DIR' makes a name");
    }

    private List<String> known() {
        return list().stream().map(Entry::name).toList();
    }

    /** What is known about a name. */
    public Entry entry(String name) {
        Path file = names.resolve(name).resolve(ENTRY);
        try {
            return Json.mapper().readValue(Files.readAllBytes(file), Entry.class);
        } catch (JacksonException e) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE,
                    file + " is damaged (" + e.getOriginalMessage() + "); delete its folder and add the backbone again",
                    e);
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.NOT_FOUND, file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Whether the folder is one of this library's. */
    public boolean holds(Path folder) {
        return names.equals(folder.getParent());
    }

    /** The names of files whose content is no longer what was added. */
    public List<String> damaged(String name) {
        List<String> damaged = new ArrayList<>();
        new TreeMap<>(entry(name).files()).forEach((file, stored) -> {
            Path path = names.resolve(name).resolve(file);
            try {
                if (!Files.exists(path) || !Digests.sha256(path).equals(stored.sha256())) {
                    damaged.add(file);
                }
            } catch (IOException e) {
                damaged.add(file);
            }
        });
        return damaged;
    }

    /**
     * Stores a folder that has been checked. The same content under the same name is nothing new.
     *
     * @param publicNorm as {@link Entry#publicNorm}
     * @throws PalimpsestException {@code USAGE} for a name that cannot be one, {@code CONFLICT} when it belongs to other content
     */
    public Entry add(
            Path folder, String name, String family, int dimension, int inputSize, @Nullable Double publicNorm) {
        if (!NAME.matcher(name).matches()) {
            throw new PalimpsestException(
                    ErrorCode.USAGE,
                    "'" + name + "' cannot be a name: use a-z, 0-9, '.', '_' and '-', beginning with a letter or digit,"
                            + " as in --name dinov2-base");
        }
        try {
            Files.createDirectories(contents);
            Files.createDirectories(names);
            Map<String, Stored> files = new TreeMap<>();
            for (Path file : BackboneFiles.of(folder)) {
                files.put(file.getFileName().toString(), store(file));
            }
            Entry entry = new Entry(name, family, dimension, inputSize, files, publicNorm);
            if (Files.exists(names.resolve(name))) {
                return same(entry);
            }
            link(entry);
            return entry;
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NO_SPACE, "Cannot store the backbone in " + names.getParent() + ": " + e.getMessage(), e);
        }
    }

    private Entry same(Entry entry) {
        if (!entry(entry.name()).files().equals(entry.files())) {
            throw new PalimpsestException(
                    ErrorCode.CONFLICT,
                    "The name " + entry.name() + " belongs to other files; choose another with --name, or delete "
                            + names.resolve(entry.name()));
        }
        return entry;
    }

    private Stored store(Path file) throws IOException {
        String digest = Digests.sha256(file);
        Path content = contents.resolve(digest);
        if (!Files.exists(content)) {
            Path temporary = Files.createTempFile(contents, ".new", "");
            try {
                Files.copy(file, temporary, StandardCopyOption.REPLACE_EXISTING);
                if (!Digests.sha256(temporary).equals(digest)) {
                    throw new IOException(file + " changed while it was read");
                }
                Files.move(temporary, content, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(temporary);
            }
        }
        return new Stored(digest, Files.size(content));
    }

    /** The folder appears under its name when it is complete. */
    private void link(Entry entry) throws IOException {
        Path temporary = Files.createTempDirectory(names, ".new");
        for (Map.Entry<String, Stored> file : entry.files().entrySet()) {
            Path content = Path.of("..", "..", "sha256", file.getValue().sha256());
            Files.createSymbolicLink(temporary.resolve(file.getKey()), content);
        }
        Files.write(
                temporary.resolve(ENTRY),
                Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(entry));
        try {
            Files.move(temporary, names.resolve(entry.name()), StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            throw new PalimpsestException(
                    ErrorCode.CONFLICT, "The name " + entry.name() + " was taken while this backbone was stored", e);
        }
    }
}
