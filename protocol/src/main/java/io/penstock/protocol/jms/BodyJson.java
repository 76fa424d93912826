package io.penstock.protocol.jms;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Bodies of Map and Stream messages: a JSON object or array that any consumer can read, and in the header {@link
 * JmsHeader#BODY_TYPES} the exact types, a letter for each value in order, with a count when one repeats:
 *
 * <pre>
 * Z boolean | B byte | H short | C char | I int | J long | F float | D double | S string or null | Y bytes (base64)
 * {"qty":3,"price":1.5,"tags":"x"}     penstock.body: IDS
 * [1,2,3,4]                            penstock.body: I4
 * </pre>
 *
 * Infinities and NaN are strings. Without the header a value has the type that JSON suggests: string, boolean, long (a
 * string when it is too large), double. Stateless.
 */
public final class BodyJson {
    private static final int NESTING_MAX = 2;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(NESTING_MAX)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            // Names come from the outside: kept in a table they would fill it.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private BodyJson() {}

    /** JSON, and the letters of its types. */
    public record Encoded(byte[] json, String types) {}

    /** @param map values are of the JMS types, byte arrays, or null */
    public static Encoded encodeMap(Map<String, Object> map) {
        StringWriter text = new StringWriter();
        TypeLetters.Writer types = new TypeLetters.Writer();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            for (Map.Entry<String, Object> entry : map.entrySet()) {
                json.writeFieldName(entry.getKey());
                write(json, types, entry.getValue());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
        return new Encoded(text.toString().getBytes(StandardCharsets.UTF_8), types.text());
    }

    /** @param values of the JMS types, byte arrays, or null */
    public static Encoded encodeStream(List<Object> values) {
        StringWriter text = new StringWriter();
        TypeLetters.Writer types = new TypeLetters.Writer();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartArray();
            for (Object value : values) {
                write(json, types, value);
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException("in memory", e);
        }
        return new Encoded(text.toString().getBytes(StandardCharsets.UTF_8), types.text());
    }

    /** @param types null when there is no such header */
    public static Map<String, Object> decodeMap(ByteBuffer value, String types) throws MalformedBodyException {
        Map<String, Object> map = new LinkedHashMap<>();
        TypeLetters.Reader letters = new TypeLetters.Reader(types);
        try (JsonParser json = JSON.createParser(bytes(value))) {
            expect(json.nextToken() == JsonToken.START_OBJECT, "an object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                map.put(name, read(json, letters.next()));
            }
            expect(json.currentToken() == JsonToken.END_OBJECT && json.nextToken() == null, "the end of an object");
            return map;
        } catch (IOException | IllegalArgumentException e) {
            throw new MalformedBodyException("the body is not the JSON object of a map: " + e.getMessage(), e);
        }
    }

    /** @param types null when there is no such header */
    public static List<Object> decodeStream(ByteBuffer value, String types) throws MalformedBodyException {
        List<Object> values = new ArrayList<>();
        TypeLetters.Reader letters = new TypeLetters.Reader(types);
        try (JsonParser json = JSON.createParser(bytes(value))) {
            expect(json.nextToken() == JsonToken.START_ARRAY, "an array");
            while (json.nextToken() != JsonToken.END_ARRAY) {
                expect(json.currentToken() != null, "the end of an array");
                values.add(read(json, letters.next()));
            }
            expect(json.nextToken() == null, "nothing after the array");
            return values;
        } catch (IOException | IllegalArgumentException e) {
            throw new MalformedBodyException("the body is not the JSON array of a stream: " + e.getMessage(), e);
        }
    }

    private static void write(JsonGenerator json, TypeLetters.Writer types, Object value) throws IOException {
        types.add(TypeLetters.of(value));
        if (value == null) {
            json.writeNull();
        } else if (value instanceof Boolean flag) {
            json.writeBoolean(flag);
        } else if (value instanceof byte[] bytes) {
            json.writeString(Base64.getEncoder().encodeToString(bytes));
        } else if (value instanceof Float number && !Float.isFinite(number)
                || value instanceof Double wide && !Double.isFinite(wide)
                || value instanceof String
                || value instanceof Character) {
            json.writeString(value.toString());
        } else {
            json.writeNumber(value.toString());
        }
    }

    private static Object read(JsonParser json, char letter) throws IOException {
        JsonToken token = json.currentToken();
        if (token == JsonToken.VALUE_NULL) {
            return null;
        }
        expect(token != null && token.isScalarValue(), "a plain value");
        String text = json.getText();
        return switch (letter) {
            case TypeLetters.UNTOLD -> suggested(token, text);
            case 'Z' -> token == JsonToken.VALUE_TRUE;
            case 'B' -> Byte.valueOf(text);
            case 'H' -> Short.valueOf(text);
            case 'I' -> Integer.valueOf(text);
            case 'J' -> Long.valueOf(text);
            case 'F' -> Float.valueOf(text);
            case 'D' -> Double.valueOf(text);
            case 'Y' -> Base64.getDecoder().decode(text);
            case 'C' -> {
                expect(text.length() == 1, "one character");
                yield text.charAt(0);
            }
            default -> text;
        };
    }

    private static Object suggested(JsonToken token, String text) {
        return switch (token) {
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case VALUE_NUMBER_INT -> text.length() <= 18 ? (Object) Long.valueOf(text) : text;
            case VALUE_NUMBER_FLOAT -> Double.valueOf(text);
            default -> text;
        };
    }

    private static byte[] bytes(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.get(value.position(), bytes);
        return bytes;
    }

    private static void expect(boolean condition, String what) {
        if (!condition) {
            throw new IllegalArgumentException(what + " is missing");
        }
    }
}
