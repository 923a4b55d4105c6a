package dev.palimpsest.cli.study;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * A study as a person writes it: {@code audit} is a spec without a name; {@code grid} gives values to keys of it by their path, and every
 * combination is a cell; {@code variants} are named sets of such keys, each with every combination;
 * {@code plot} is the key of the grid that the result is drawn against.
 *
 * @param base what paths in it are relative to
 * @param plot key of the grid whose values are drawn along an axis; null: none
 */
public record Study(
        String name, Path base, List<Cell> cells, @Nullable String plot) {
    /** More are refused. */
    public static final int MOST_CELLS = 10_000;

    private static final Set<String> KEYS = Set.of("apiVersion", "name", "audit", "grid", "variants", "plot");

    /** @throws PalimpsestException NOT_FOUND, or BAD_SPEC before anything is sent when any cell's spec is bad */
    public static Study read(Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            return parse(Files.readString(file), file.toString(), folder == null ? Path.of("/") : folder);
        } catch (IOException e) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND,
                    "Cannot read the study " + file + ": " + e.getMessage() + "; check the path",
                    e);
        }
    }

    /** Whether a text is a study, good or bad, rather than the spec of an audit. */
    public static boolean is(String text) {
        try {
            return load(text).has("audit");
        } catch (YAMLException e) {
            return false;
        }
    }

    private static JsonNode load(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(10);
        options.setNestingDepthLimit(20);
        Object loaded = new Yaml(new SafeConstructor(options)).load(text);
        return Json.mapper().valueToTree(loaded);
    }

    static Study parse(String text, String origin, Path base) {
        JsonNode study;
        try {
            study = load(text);
        } catch (YAMLException e) {
            throw bad(origin, "not YAML: " + e.getMessage());
        }
        Set<String> unknown = new TreeSet<>();
        study.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(KEYS);
        if (!unknown.isEmpty()) {
            throw bad(origin, "unknown " + unknown + "; known here: " + new TreeSet<>(KEYS));
        }
        if (!study.path("apiVersion").asText().equals(AuditSpec.API_VERSION)) {
            throw bad(origin, "expected apiVersion: " + AuditSpec.API_VERSION);
        }
        if (!study.path("name").isTextual() || !study.path("audit").isObject()) {
            throw bad(origin, "expected a name, and below audit a spec without apiVersion and name");
        }
        ObjectNode audit = study.path("audit").deepCopy();
        audit.put("apiVersion", AuditSpec.API_VERSION);
        Map<String, List<JsonNode>> grid = grid(origin, study);
        return new Study(
                study.path("name").asText(),
                base,
                cells(origin, audit, grid, variants(study)),
                plot(origin, study.path("plot"), grid));
    }

    private static @Nullable String plot(String origin, JsonNode plot, Map<String, List<JsonNode>> grid) {
        if (plot.isMissingNode()) {
            return null;
        }
        List<JsonNode> values = grid.get(plot.asText());
        if (values == null || !values.stream().allMatch(value -> value.isNumber() || value.isArray())) {
            throw bad(
                    origin,
                    "plot: '" + plot.asText() + "' is no key of the grid with numbers or lists; those there are: "
                            + grid.keySet());
        }
        return plot.asText();
    }

    private static Map<String, List<JsonNode>> grid(String origin, JsonNode study) {
        Map<String, List<JsonNode>> grid = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : study.path("grid").properties()) {
            if (!entry.getValue().isArray() || entry.getValue().isEmpty()) {
                throw bad(origin, "grid." + entry.getKey() + ": expected a list of values such as [0, 1, 2]");
            }
            List<JsonNode> values = new ArrayList<>();
            entry.getValue().forEach(values::add);
            grid.put(entry.getKey(), values);
        }
        return grid;
    }

    private static Map<String, JsonNode> variants(JsonNode study) {
        Map<String, JsonNode> variants = new LinkedHashMap<>();
        study.path("variants").properties().forEach(entry -> variants.put(entry.getKey(), entry.getValue()));
        if (variants.isEmpty()) {
            variants.put("", Json.mapper().createObjectNode());
        }
        return variants;
    }

    private static List<Cell> cells(
            String origin, ObjectNode audit, Map<String, List<JsonNode>> grid, Map<String, JsonNode> variants) {
        BigInteger count = BigInteger.valueOf(variants.size());
        for (List<JsonNode> values : grid.values()) {
            count = count.multiply(BigInteger.valueOf(values.size()));
        }
        if (count.compareTo(BigInteger.valueOf(MOST_CELLS)) > 0) {
            throw bad(
                    origin, "the grid has " + count + " cells, at most " + MOST_CELLS + " are run: shorten its lists");
        }
        Map<String, Cell> cells = new LinkedHashMap<>();
        List<Map.Entry<String, List<JsonNode>>> keys = new ArrayList<>(grid.entrySet());
        for (Map.Entry<String, JsonNode> variant : variants.entrySet()) {
            for (int i = 0; i < count.intValueExact() / variants.size(); i++) {
                ObjectNode spec = audit.deepCopy();
                Map<String, String> settings = new LinkedHashMap<>();
                int rest = i;
                for (Map.Entry<String, List<JsonNode>> key : keys) {
                    JsonNode value = key.getValue().get(rest % key.getValue().size());
                    rest /= key.getValue().size();
                    set(origin, spec, key.getKey(), value);
                    settings.put(key.getKey(), value.isTextual() ? value.asText() : value.toString());
                }
                for (Map.Entry<String, JsonNode> change : variant.getValue().properties()) {
                    set(origin, spec, change.getKey(), change.getValue());
                }
                Cell cell = Cell.of(variant.getKey(), settings, spec);
                cells.putIfAbsent(cell.spec().name(), cell);
            }
        }
        return List.copyOf(cells.values());
    }

    private static void set(String origin, ObjectNode spec, String path, JsonNode value) {
        String[] names = path.split("\\.", -1);
        ObjectNode at = spec;
        for (int i = 0; i + 1 < names.length; i++) {
            JsonNode next = at.path(names[i]);
            if (next.isMissingNode() || next.isNull()) {
                at = at.putObject(names[i]);
            } else if (next instanceof ObjectNode section) {
                at = section;
            } else {
                throw bad(origin, path + ": " + names[i] + " is no section of an audit");
            }
        }
        at.set(names[names.length - 1], value);
    }

    private static PalimpsestException bad(String origin, String what) {
        return new PalimpsestException(ErrorCode.BAD_SPEC, origin + ": " + what);
    }
}
