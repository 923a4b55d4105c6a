package dev.palimpsest.models;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.palimpsest.contracts.ErrorCode;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * A JSON file beside a network's weights, read with errors that name the file and the field.
 *
 * @param origin the file, or the file and the field for a nested object
 * @param json the object
 */
public record ModelConfig(String origin, JsonNode json) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Reads {@code folder/name}, which must hold a JSON object. */
    public static ModelConfig read(Path folder, String name) {
        Path file = folder.resolve(name);
        JsonNode json;
        try {
            json = MAPPER.readTree(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            throw new PalimpsestException(
                    ErrorCode.NOT_FOUND,
                    file + " does not exist. A backbone folder holds " + name + " beside its safetensors weights.",
                    e);
        } catch (JacksonException e) {
            throw new PalimpsestException(
                    ErrorCode.BAD_FILE, file + " is not JSON: " + e.getOriginalMessage() + ".", e);
        } catch (IOException e) {
            throw new PalimpsestException(ErrorCode.BAD_FILE, file + " cannot be read: " + e.getMessage() + ".", e);
        }
        if (!json.isObject()) {
            throw new PalimpsestException(ErrorCode.BAD_FILE, file + " is not a JSON object.");
        }
        return new ModelConfig(file.toString(), json);
    }

    /** Whether the field is there and not null. */
    public boolean has(String field) {
        return json.hasNonNull(field);
    }

    /** A whole number above 0. */
    public int count(String field) {
        JsonNode node = json.path(field);
        if (!node.canConvertToInt() || !node.canConvertToExactIntegral() || node.intValue() < 1) {
            throw bad(field, "a whole number above 0");
        }
        return node.intValue();
    }

    /** The same, or something else when it is absent. */
    public int count(String field, int otherwise) {
        return has(field) ? count(field) : otherwise;
    }

    double number(String field) {
        if (!json.path(field).isNumber()) {
            throw bad(field, "a number");
        }
        return json.path(field).doubleValue();
    }

    /** A number, or something else when it is absent. */
    public double number(String field, double otherwise) {
        return has(field) ? number(field) : otherwise;
    }

    /** True or false, or something else when it is absent. */
    public boolean flag(String field, boolean otherwise) {
        if (!has(field)) {
            return otherwise;
        }
        if (!json.path(field).isBoolean()) {
            throw bad(field, "true or false");
        }
        return json.path(field).booleanValue();
    }

    /** A text, or something else when it is absent. */
    public String text(String field, String otherwise) {
        return has(field) ? json.path(field).asText() : otherwise;
    }

    /** A whole number. */
    int whole(String field) {
        JsonNode node = json.path(field);
        if (!node.canConvertToInt() || !node.canConvertToExactIntegral()) {
            throw bad(field, "a whole number");
        }
        return node.intValue();
    }

    /** One of these texts; the first of them when the field is absent. */
    public String choice(String field, List<String> known) {
        String found = text(field, known.get(0));
        if (!known.contains(found)) {
            throw bad(field, String.join(" or ", known));
        }
        return found;
    }

    /** Whether a list of texts holds this one. */
    boolean names(String field, String text) {
        for (JsonNode each : json.path(field)) {
            if (each.asText().equals(text)) {
                return true;
            }
        }
        return false;
    }

    /** Three numbers, one for each of red, green and blue. */
    float[] perChannel(String field) {
        JsonNode node = json.path(field);
        if (!node.isArray()
                || node.size() != 3
                || !node.path(0).isNumber()
                || !node.path(1).isNumber()
                || !node.path(2).isNumber()) {
            throw bad(field, "three numbers, for red, green and blue");
        }
        return new float[] {
            (float) node.path(0).doubleValue(),
            (float) node.path(1).doubleValue(),
            (float) node.path(2).doubleValue()
        };
    }

    /** A nested object. */
    ModelConfig object(String field) {
        if (!json.path(field).isObject()) {
            throw bad(field, "an object");
        }
        return new ModelConfig(origin + ": " + field, json.path(field));
    }

    /** An error that names the file, the field, what it holds and what is expected. */
    public PalimpsestException bad(String field, String expected) {
        JsonNode found = json.path(field);
        return new PalimpsestException(
                ErrorCode.BAD_FILE,
                origin + ": " + field + (found.isMissingNode() ? " is missing" : " is " + found) + "; expected "
                        + expected + ".");
    }
}
