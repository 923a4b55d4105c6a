package dev.palimpsest.contracts;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a JSON document lacks to be a record. Every component that is not {@code @Nullable} is required, in nested
 * records, lists and maps too. A field that a later release adds is {@code @Nullable} there, so that what this release
 * wrote can still be read.
 */
public final class RequiredFields {
    private RequiredFields() {}

    /**
     * The path, below {@code path}, of the first required field that is absent or null.
     *
     * @param type what {@code node} is to become; only records, lists and maps have anything inside to look at
     */
    public static Optional<String> firstMissing(JsonNode node, Type type, String path) {
        if (node.isMissingNode() || node.isNull()) {
            return Optional.of(path);
        }
        if (node.isObject() && type instanceof Class<?> raw && raw.isRecord()) {
            return missingComponent(node, raw, path);
        }
        if (node.isArray() && type instanceof ParameterizedType list && list.getRawType() == List.class) {
            return missingElement(node, list.getActualTypeArguments()[0], path);
        }
        if (node.isObject() && type instanceof ParameterizedType map && map.getRawType() == Map.class) {
            return missingValue(node, map.getActualTypeArguments()[1], path);
        }
        return Optional.empty();
    }

    private static Optional<String> missingComponent(JsonNode node, Class<?> type, String path) {
        for (RecordComponent component : type.getRecordComponents()) {
            JsonNode value = node.path(component.getName());
            boolean given = !value.isMissingNode() && !value.isNull();
            if (given || !component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                Optional<String> missing =
                        firstMissing(value, component.getGenericType(), path + "." + component.getName());
                if (missing.isPresent()) {
                    return missing;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> missingElement(JsonNode node, Type type, String path) {
        for (int i = 0; i < node.size(); i++) {
            Optional<String> missing = firstMissing(node.get(i), type, path + "[" + i + "]");
            if (missing.isPresent()) {
                return missing;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> missingValue(JsonNode node, Type type, String path) {
        return node.properties().stream()
                .flatMap(entry -> firstMissing(entry.getValue(), type, path + "." + entry.getKey()).stream())
                .findFirst();
    }
}
