package dev.palimpsest.artifacts.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.palimpsest.contracts.PalimpsestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The JSON of headers and of the index of a sharded checkpoint, read token by token; duplicate keys are refused. */
final class HeaderParser {
    static final String METADATA = "__metadata__";

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final JsonParser json;
    private final String origin;

    private HeaderParser(JsonParser json, String origin) {
        this.json = json;
        this.origin = origin;
    }

    static Header header(byte[] bytes, String origin) {
        return parse(bytes, origin, HeaderParser::header);
    }

    /** The {@code weight_map} (tensor name to file name) of {@code model.safetensors.index.json}. */
    static Map<String, String> weightMap(byte[] bytes, String origin) {
        return parse(bytes, origin, HeaderParser::weightMap);
    }

    private interface Reader<T> {
        T read(HeaderParser parser) throws IOException;
    }

    private static <T> T parse(byte[] bytes, String origin, Reader<T> reader) {
        try (JsonParser json = JSON.createParser(utf8(bytes, origin))) {
            HeaderParser parser = new HeaderParser(json, origin);
            json.nextToken();
            T value = reader.read(parser);
            if (json.nextToken() != null) {
                throw parser.bad("something follows the JSON object");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw Header.bad(origin, "its JSON is malformed: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw Header.bad(origin, "its JSON cannot be read: " + e.getMessage());
        }
    }

    // Jackson alone would also accept UTF-16 and some malformed sequences.
    private static String utf8(byte[] bytes, String origin) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Header.bad(origin, "its JSON is not valid UTF-8");
        }
    }

    private Header header() throws IOException {
        expect(JsonToken.START_OBJECT, "the header");
        Map<String, TensorInfo> tensors = new LinkedHashMap<>();
        Map<String, String> metadata = Map.of();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = name();
            json.nextToken();
            if (name.equals(METADATA)) {
                metadata = strings(METADATA);
            } else {
                tensors.put(name, tensor(name));
            }
        }
        return Header.checked(tensors, metadata, origin);
    }

    private Map<String, String> weightMap() throws IOException {
        expect(JsonToken.START_OBJECT, "the index");
        @Nullable Map<String, String> weights = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = name();
            json.nextToken();
            if (key.equals("weight_map")) {
                weights = strings("weight_map");
            } else {
                json.skipChildren();
            }
        }
        if (weights == null || weights.isEmpty()) {
            throw bad("its weight_map is missing or empty");
        }
        return weights;
    }

    private TensorInfo tensor(String name) throws IOException {
        String what = "tensor " + Names.quote(name);
        expect(JsonToken.START_OBJECT, what);
        @Nullable Dtype dtype = null;
        @Nullable List<Long> shape = null;
        @Nullable List<Long> offsets = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = name();
            json.nextToken();
            switch (key) {
                case "dtype" -> dtype = dtype(what);
                case "shape" -> shape = numbers("the shape of " + what, Tensor.MAX_RANK);
                case "data_offsets" -> offsets = numbers("data_offsets of " + what, 2);
                default -> throw bad(what + " has the unknown key " + Names.quote(key));
            }
        }
        if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
            throw bad(what + " needs dtype, shape and data_offsets [begin, end]");
        }
        return new TensorInfo(dtype, shape, offsets.get(0), offsets.get(1));
    }

    private Dtype dtype(String what) throws IOException {
        expect(JsonToken.VALUE_STRING, "the dtype of " + what);
        String name = json.getText();
        return Dtype.fromName(name)
                .orElseThrow(
                        () -> bad(what + " has the dtype " + Names.quote(name) + "; accepted are " + Dtype.accepted()));
    }

    private List<Long> numbers(String what, int most) throws IOException {
        expect(JsonToken.START_ARRAY, what);
        List<Long> numbers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(JsonToken.VALUE_NUMBER_INT, "an element of " + what);
            long number = json.getLongValue();
            if (number < 0) {
                throw bad(what + " has the negative number " + number);
            }
            if (numbers.size() == most) {
                throw bad(what + " has more than " + most + " numbers");
            }
            numbers.add(number);
        }
        return numbers;
    }

    private Map<String, String> strings(String what) throws IOException {
        expect(JsonToken.START_OBJECT, what);
        Map<String, String> strings = new LinkedHashMap<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = name();
            json.nextToken();
            expect(JsonToken.VALUE_STRING, "the value of " + Names.quote(key) + " in " + what);
            strings.put(key, json.getText());
        }
        return strings;
    }

    private String name() throws IOException {
        expect(JsonToken.FIELD_NAME, "a key");
        String name = json.currentName();
        // Escaped lone surrogates are legal JSON, but no text: they could not be written again.
        if (name.isEmpty() || !StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw bad("a key is empty or not valid text");
        }
        return name;
    }

    private void expect(JsonToken token, String what) {
        if (json.currentToken() != token) {
            throw bad("%s should be %s, but is %s".formatted(what, token, json.currentToken()));
        }
    }

    private PalimpsestException bad(String what) {
        return Header.bad(origin, what);
    }
}
