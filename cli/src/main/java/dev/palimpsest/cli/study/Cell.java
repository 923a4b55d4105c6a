package dev.palimpsest.cli.study;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.palimpsest.artifacts.Digests;
import dev.palimpsest.contracts.AuditSpec;
import dev.palimpsest.contracts.Json;
import dev.palimpsest.contracts.spec.SpecReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One audit of a study.
 *
 * @param variant name of the variant; empty where a study has none
 * @param settings what the grid sets, by the key's path
 * @param spec named by the digest of everything else in it, so that two studies share the cells that they have in common
 */
public record Cell(String variant, Map<String, String> settings, AuditSpec spec) {
    /** Cells that differ in this alone are repetitions of one another. */
    public static final String SEED = "target.train.seed";

    public Cell {
        settings = new TreeMap<>(settings);
    }

    /**
     * Reads the spec of a cell, without its name.
     *
     * @throws dev.palimpsest.contracts.PalimpsestException BAD_SPEC, with the cell named and all problems of its spec
     */
    static Cell of(String variant, Map<String, String> settings, ObjectNode spec) {
        String label = label(variant, settings);
        AuditSpec unnamed = SpecReader.read(spec.put("name", "cell").toString(), "cell '" + label + "'");
        String digest =
                Digests.sha256(Json.mapper().valueToTree(unnamed).toString().getBytes(StandardCharsets.UTF_8));
        return new Cell(
                variant,
                settings,
                SpecReader.read(
                        spec.put("name", "cell " + digest.substring(0, 12)).toString(), label));
    }

    /** Variant and settings, for people. */
    public String label() {
        return label(variant, settings);
    }

    /** What it has in common with its repetitions. */
    public String group() {
        return groupWithout(SEED);
    }

    /** What it has in common with those that differ from it in the seed and this key. */
    String groupWithout(String key) {
        Map<String, String> others = new TreeMap<>(settings);
        others.remove(SEED);
        others.remove(key);
        return label(variant, others);
    }

    private static String label(String variant, Map<String, String> settings) {
        String set = settings.entrySet().stream()
                .map(entry -> entry.getKey().replaceAll("^.*\\.", "") + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return variant.isEmpty() ? set : set.isEmpty() ? variant : variant + ", " + set;
    }
}
