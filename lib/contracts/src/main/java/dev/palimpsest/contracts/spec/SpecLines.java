package dev.palimpsest.contracts.spec;

import java.io.StringReader;
import java.util.HashMap;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/** The line of each key of a spec. */
public final class SpecLines {
    private final Map<String, Integer> lines = new HashMap<>();

    private SpecLines() {}

    /** Of a text that {@link SpecReader} accepts; of any other, no lines are known. */
    public static SpecLines of(String text) {
        SpecLines found = new SpecLines();
        try {
            found.add("", new Yaml(new LoaderOptions()).compose(new StringReader(text)));
        } catch (YAMLException e) {
            found.lines.clear();
        }
        return found;
    }

    /** From 1; 0 when the key is not there. */
    public int line(String path) {
        return lines.getOrDefault(path, 0);
    }

    private void add(String prefix, Node node) {
        if (node instanceof MappingNode mapping) {
            for (NodeTuple entry : mapping.getValue()) {
                if (entry.getKeyNode() instanceof ScalarNode key) {
                    String path = prefix + key.getValue();
                    lines.put(path, key.getStartMark().getLine() + 1);
                    add(path + ".", entry.getValueNode());
                }
            }
        }
    }
}
