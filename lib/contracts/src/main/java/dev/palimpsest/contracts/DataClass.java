package dev.palimpsest.contracts;

import java.util.List;

/**
 * A class of the head in terms of the dataset's own classes: one of them ({@code pizza}), several together ({@code pizza+tacos}), and
 * either under a name of its own ({@code fauna=Animalia}).
 *
 * @param text as the spec writes it
 * @param name what the class is called from then on: what stands before the {@code =}, else the whole text
 * @param parts classes of the dataset, at least one
 */
public record DataClass(String text, String name, List<String> parts) {
    public DataClass {
        parts = List.copyOf(parts);
    }

    public static DataClass of(String text) {
        int equals = text.indexOf('=');
        String name = equals > 0 ? text.substring(0, equals).strip() : text;
        String rest = equals > 0 ? text.substring(equals + 1) : text;
        List<String> parts = List.of(rest.split("\\+")).stream()
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .toList();
        return parts.isEmpty() ? new DataClass(text, text, List.of(text)) : new DataClass(text, name, parts);
    }
}
