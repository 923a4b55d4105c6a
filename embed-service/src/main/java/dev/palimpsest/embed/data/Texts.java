package dev.palimpsest.embed.data;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Texts with their labels: a CSV (or TSV) whose header names the columns {@code text} and {@code label} and perhaps {@code part}, or JSON Lines with
 * objects of these fields. {@code part} is {@code member} or {@code heldout}; without it every second text of a label is held out. Other columns
 * are passed over. The file is walked through, never held.
 */
final class Texts implements Source {
    /** Longer ones are files of something else. */
    static final int LONGEST = 100_000;

    private static final CsvMapper CSV = CsvMapper.builder()
            .enable(CsvParser.Feature.IGNORE_TRAILING_UNMAPPABLE)
            .build();

    private final Path file;
    private final String name;
    private final Set<String> labels = new LinkedHashSet<>();

    /** One line of the file, complete or not. */
    @FunctionalInterface
    private interface Line {
        void at(long row, @Nullable String text, @Nullable String label, @Nullable String part);
    }

    private Texts(Path file) {
        this.file = file;
        this.name = String.valueOf(file.getFileName());
    }

    /** By the ending, in lower case. */
    static boolean isNamed(String name) {
        return name.endsWith(".csv") || name.endsWith(".tsv") || isLines(name);
    }

    private static boolean isLines(String name) {
        return name.endsWith(".jsonl") || name.endsWith(".ndjson");
    }

    /** @throws PalimpsestException BAD_DATA, NOT_FOUND */
    static Texts open(Path file) {
        if (!isNamed(String.valueOf(file.getFileName())) || !Files.isRegularFile(file)) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA,
                    file + " is no dataset of texts: expected a file that ends in .csv, .tsv, .jsonl or .ndjson; found "
                            + Folders.found(file));
        }
        Texts texts = new Texts(file);
        texts.lines(
                (row, text, label, part) -> {
                    if (label != null && !label.isBlank()) {
                        texts.labels.add(label);
                    }
                },
                sentence -> {
                    // Told by the walk.
                });
        return texts;
    }

    @Override
    public String noun() {
        return "text";
    }

    @Override
    public List<String> classes() {
        return List.copyOf(labels);
    }

    @Override
    public Set<String> named(String label) {
        return labels.contains(label) ? Set.of(label) : Set.of();
    }

    @Override
    public void walk(Set<String> wanted, Sink sink) {
        lines(
                (row, text, label, part) -> {
                    String where = name + ", row " + row + ": ";
                    if (text == null || text.isBlank()) {
                        sink.skip(where + "no text.");
                    } else if (text.length() > LONGEST) {
                        sink.skip(where + "a text of " + text.length() + " characters, more than " + LONGEST + ".");
                    } else if (label == null || label.isBlank()) {
                        sink.skip(where + "no label.");
                    } else if (part != null && !part.equals(Entry.MEMBER) && !part.equals(Entry.HELD_OUT)) {
                        sink.skip(where + "part is '" + part + "', expected member or heldout.");
                    } else {
                        sink.sample(name + ":" + row, label, part, new Content.Text(text));
                    }
                },
                sink::skip);
    }

    private void lines(Line line, Consumer<String> unusable) {
        if (isLines(name)) {
            objects(line, unusable);
        } else {
            table(line);
        }
    }

    private void objects(Line line, Consumer<String> unusable) {
        Folders.lines(file, (number, text) -> {
            JsonNode json;
            try {
                json = Json.mapper().readTree(text);
            } catch (JacksonException e) {
                unusable.accept(name + ", row " + number + ": not JSON (" + e.getOriginalMessage() + ").");
                return;
            }
            line.at(number, value(json, "text"), value(json, "label"), value(json, "part"));
        });
    }

    private static @Nullable String value(JsonNode json, String field) {
        JsonNode value = json.path(field);
        return value.isValueNode() && !value.isNull() ? value.asText() : null;
    }

    /** Rows are counted from 1, without the header. */
    private void table(Line line) {
        CsvSchema schema = CsvSchema.emptySchema().withHeader().withColumnSeparator(name.endsWith(".tsv") ? '\t' : ',');
        try (Reader reader = Folders.reader(file);
                MappingIterator<Map<String, String>> rows =
                        CSV.readerForMapOf(String.class).with(schema).readValues(reader)) {
            for (long row = 1; rows.hasNextValue(); row++) {
                Map<String, String> fields = rows.nextValue();
                if (row == 1 && !(fields.containsKey("text") && fields.containsKey("label"))) {
                    throw new PalimpsestException(
                            ErrorCode.BAD_DATA,
                            file + ": expected a header with the columns text and label, found " + fields.keySet());
                }
                String part = fields.get("part");
                line.at(row, fields.get("text"), fields.get("label"), part == null || part.isEmpty() ? null : part);
            }
        } catch (JacksonException e) {
            throw new PalimpsestException(
                    ErrorCode.BAD_DATA,
                    file + ", near line "
                            + (e.getLocation() == null ? 0 : e.getLocation().getLineNr()) + ": not CSV ("
                            + e.getOriginalMessage() + "); is a quote missing?",
                    e);
        } catch (IOException e) {
            throw Folders.unreadable(file, e);
        }
    }
}
