package dev.palimpsest.contracts.spec;

import dev.palimpsest.contracts.DatasetName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One mapping of a spec. Asking for a key makes it known; {@link #finish()} reports what nobody asked for. A value that is
 * missing or wrong comes back as null after it was reported, so that reading goes on to the next problem.
 */
final class Section {
    private static final Pattern URL = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*", Pattern.DOTALL);
    private static final int LONGEST_TEXT = 4096;

    private final String path;
    private final int line;
    private final List<Problem> problems;
    private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
    private final Set<String> known = new LinkedHashSet<>();

    Section(String path, MappingNode node, List<Problem> problems) {
        this.path = path;
        this.line = lineOf(node);
        this.problems = problems;
        for (NodeTuple entry : node.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                report(lineOf(entry.getKeyNode()), path, "a key must be a plain word");
            } else if (entries.putIfAbsent(key.getValue(), entry) != null) {
                report(lineOf(key), at(key.getValue()), "this key is given twice; keep one");
            }
        }
    }

    /** Whether the key has a value other than null. */
    boolean has(String key) {
        return value(key) != null;
    }

    @Nullable
    Section section(String key) {
        Node node = value(key);
        if (node instanceof MappingNode mapping) {
            return new Section(at(key), mapping, problems);
        }
        if (node != null) {
            report(key, "expected keys with values below it, found " + show(node));
        }
        return null;
    }

    @Nullable
    String text(String key) {
        Node node = value(key);
        if (node == null) {
            return null;
        }
        if (!(node instanceof ScalarNode scalar) || scalar.getValue().isBlank()) {
            report(key, "expected a text, found " + show(node));
            return null;
        }
        if (scalar.getValue().length() > LONGEST_TEXT) {
            report(key, "is longer than " + LONGEST_TEXT + " characters");
            return null;
        }
        return scalar.getValue();
    }

    @Nullable
    String requiredText(String key, String example) {
        if (!has(key)) {
            report(line, at(key), "is missing; expected " + example);
            return null;
        }
        return text(key);
    }

    /** One of a few words. */
    @Nullable
    String oneOf(String key, List<String> words) {
        String text = text(key);
        if (text != null && !words.contains(text)) {
            report(key, "'" + text + "' is not known; " + Nearest.hint(text, words));
            return null;
        }
        return text;
    }

    /** A path of this machine. Nothing in a spec makes any program fetch an address. */
    @Nullable
    String path(String key) {
        String text = text(key);
        if (text != null && URL.matcher(text).matches()) {
            report(key, "'" + text + "' is an address; only local paths are read, download it first");
            return null;
        }
        return text;
    }

    /** A path of this machine with, if the person wrote it, the layout before it. */
    @Nullable
    DatasetName dataset(String key) {
        String text = text(key);
        if (text == null) {
            return null;
        }
        DatasetName name = DatasetName.of(text);
        if (name.path().isBlank()) {
            report(key, "'" + text + "' names no path; expected LAYOUT:PATH");
            return null;
        }
        if (URL.matcher(name.path()).matches()) {
            report(
                    key,
                    "'" + text
                            + "' is an address or a layout that is not known; only local paths are read, and the layouts are "
                            + DatasetName.layouts());
            return null;
        }
        return name;
    }

    @Nullable
    Long whole(String key, long least, long most) {
        String text = number(key, Tag.INT, "a whole number from " + least + " to " + most);
        if (text == null) {
            return null;
        }
        try {
            long value = Long.parseLong(text.replace("_", ""));
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException outOfRange) {
            // Octal, hexadecimal and more digits than a long holds: said below like any other value out of range.
        }
        report(key, text + " is out of range; expected a whole number from " + least + " to " + most);
        return null;
    }

    @Nullable
    Integer count(String key, int least, int most) {
        Long value = whole(key, least, most);
        return value == null ? null : Math.toIntExact(value);
    }

    /** A finite number with {@code least <= value <= most}; with {@code open} the ends do not belong to the range. */
    @Nullable
    Double decimal(String key, double least, double most, boolean open) {
        String expected = open
                ? "a number between " + least + " and " + most + ", both excluded"
                : "a number from " + least + " to " + most;
        String text = number(key, Tag.FLOAT, expected);
        if (text == null) {
            return null;
        }
        try {
            double value = Double.parseDouble(text.replace("_", ""));
            if (open ? value > least && value < most : value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException notFinite) {
            // .nan and .inf: said below like any other value out of range.
        }
        report(key, text + " is out of range; expected " + expected);
        return null;
    }

    List<String> texts(String key) {
        Node node = value(key);
        List<String> texts = new ArrayList<>();
        if (node instanceof SequenceNode sequence) {
            for (Node item : sequence.getValue()) {
                if (item instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
                    texts.add(scalar.getValue());
                } else {
                    report(lineOf(item), at(key), "expected a list of texts, found in it " + show(item));
                }
            }
        } else if (node != null) {
            report(key, "expected a list such as [hen, gorilla], found " + show(node));
        }
        return texts;
    }

    /** Reports at the line of the key, or of the section when the key is absent. */
    void report(String key, String text) {
        NodeTuple entry = entries.get(key);
        report(entry == null ? line : lineOf(entry.getKeyNode()), at(key), text);
    }

    /** Reports every key that was not asked for. */
    void finish() {
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                report(lineOf(entry.getKeyNode()), at(key), "unknown key; " + Nearest.hint(key, known));
            }
        });
    }

    private @Nullable String number(String key, Tag narrowest, String expected) {
        Node node = value(key);
        if (node == null) {
            return null;
        }
        boolean number = node.getTag().equals(Tag.INT) || node.getTag().equals(narrowest);
        // YAML 1.1 reads 1e-3 as a text: people mean the number.
        boolean exponent = node instanceof ScalarNode scalar
                && Tag.FLOAT.equals(narrowest)
                && scalar.isPlain()
                && scalar.getValue().matches("[-+]?[0-9]+(\\.[0-9]*)?[eE][-+]?[0-9]+");
        if (node instanceof ScalarNode scalar && (number || exponent)) {
            return scalar.getValue();
        }
        report(key, "expected " + expected + ", found " + show(node));
        return null;
    }

    private @Nullable Node value(String key) {
        known.add(key);
        NodeTuple entry = entries.get(key);
        return entry == null || Tag.NULL.equals(entry.getValueNode().getTag()) ? null : entry.getValueNode();
    }

    private String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private void report(int where, String what, String text) {
        problems.add(new Problem(where, what, text));
    }

    private static int lineOf(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    private static String show(Node node) {
        if (node instanceof ScalarNode scalar) {
            String text = scalar.getValue();
            return text.isBlank() ? "nothing" : "'" + (text.length() > 60 ? text.substring(0, 60) + "..." : text) + "'";
        }
        return node instanceof SequenceNode ? "a list" : "keys with values";
    }
}
