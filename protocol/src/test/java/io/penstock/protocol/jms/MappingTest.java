package io.penstock.protocol.jms;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class MappingTest {
    private static final List<Object> VALUES = Arrays.asList(
            true,
            (byte) -1,
            (short) 300,
            'x',
            7,
            8,
            1L << 60,
            1.5f,
            Float.NaN,
            0.1,
            Double.NEGATIVE_INFINITY,
            "t\u00e4\"",
            null,
            Float.MIN_VALUE,
            Double.MAX_VALUE,
            "",
            "12");

    @Test
    void typesOfPropertiesAreExact() {
        Map<String, Object> properties = new LinkedHashMap<>();
        properties.put("s", "text");
        properties.put("none", null);
        properties.put("z", false);
        properties.put("b", (byte) 1);
        properties.put("h", (short) 2);
        properties.put("i", 3);
        properties.put("j", 4L);
        properties.put("f", Float.NaN);
        properties.put("d", 0.1);
        String header = MessageTypes.format(BodyKind.MAP, properties);
        assertEquals("map;z=boolean,b=byte,h=short,i=int,j=long,f=float,d=double", header);
        MessageTypes types = MessageTypes.parse(header);
        assertEquals(BodyKind.MAP, types.body());
        properties.forEach(
                (name, value) -> assertEquals(value, types.value(name, value == null ? null : value.toString()), name));
    }

    @Test
    void typesThatDoNotFitLeaveText() {
        MessageTypes types = MessageTypes.parse("text;i=int,z=boolean,u=unknown,=,x,,i2=int");
        assertEquals("abc", types.value("i", "abc"));
        assertEquals("yes", types.value("z", "yes"));
        assertEquals("1", types.value("u", "1"));
        assertEquals(5, types.value("i2", "5"));
        assertNull(MessageTypes.parse("something else"));
    }

    @Test
    void streamsKeepTheirTypes() throws Exception {
        BodyJson.Encoded encoded = BodyJson.encodeStream(VALUES);
        assertEquals("ZBHCI2JF2D2S2FDS2", encoded.types());
        assertEquals(VALUES, BodyJson.decodeStream(ByteBuffer.wrap(encoded.json()), encoded.types()));
    }

    @Test
    void mapsKeepTheirTypesAndAreReadable() throws Exception {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < VALUES.size(); i++) {
            map.put("n " + i, VALUES.get(i));
        }
        BodyJson.Encoded encoded = BodyJson.encodeMap(map);
        assertEquals(map, BodyJson.decodeMap(ByteBuffer.wrap(encoded.json()), encoded.types()));
        map = new LinkedHashMap<>();
        map.put("qty", 3);
        map.put("price", 1.5);
        map.put("data", new byte[] {1, 2});
        encoded = BodyJson.encodeMap(map);
        assertEquals("{\"qty\":3,\"price\":1.5,\"data\":\"AQI=\"}", new String(encoded.json(), StandardCharsets.UTF_8));
        Map<String, Object> read = BodyJson.decodeMap(ByteBuffer.wrap(encoded.json()), encoded.types());
        assertArrayEquals(new byte[] {1, 2}, (byte[]) read.get("data"));
    }

    @Test
    void bodiesWithoutTypesHaveThoseOfJson() throws Exception {
        assertEquals(
                Arrays.asList(1L, 1.5, "x", true, null, "123456789012345678901"),
                BodyJson.decodeStream(json("[1,1.5,\"x\",true,null,123456789012345678901]"), null));
    }

    @Test
    void malformedBodiesAreRefused() {
        for (String text : List.of("", "{", "[1", "[[1]]", "{\"a\":{}}", "[1] 2", "nonsense", "[\"x\"]")) {
            assertThrows(MalformedBodyException.class, () -> BodyJson.decodeStream(json(text), "I"), text);
        }
        for (String text : List.of("", "[]", "{\"a\"}", "{\"a\":1", "{\"a\":[1]}", "{} x")) {
            assertThrows(MalformedBodyException.class, () -> BodyJson.decodeMap(json(text), null), text);
        }
    }

    @Test
    void emptyBodiesAreEmpty() throws Exception {
        assertEquals(Map.of(), BodyJson.decodeMap(json("{}"), ""));
        assertEquals(Collections.emptyList(), BodyJson.decodeStream(json("[]"), ""));
    }

    @Test
    void rule26ForeignValuesAreTextWhereTheyLookLikeIt() {
        assertEquals(BodyKind.MESSAGE, ForeignValue.kindOf(null, null));
        assertEquals(BodyKind.TEXT, ForeignValue.kindOf(json("{\"a\":\t\"\u00e4\"}\r\n"), null));
        assertEquals(BodyKind.TEXT, ForeignValue.kindOf(json(""), null));
        assertEquals(BodyKind.BYTES, ForeignValue.kindOf(ByteBuffer.wrap(new byte[] {0, 0, 0, 0, 1, 'a'}), null));
        assertEquals(BodyKind.BYTES, ForeignValue.kindOf(ByteBuffer.wrap(new byte[] {'a', (byte) 0xff}), null));
        assertEquals(BodyKind.BYTES, ForeignValue.kindOf(json("text"), "application/octet-stream"));
        assertEquals(BodyKind.TEXT, ForeignValue.kindOf(json("a\u0001"), "Text/Plain; charset=utf-8"));
        assertEquals(
                BodyKind.BYTES, ForeignValue.kindOf(ByteBuffer.wrap(new byte[] {(byte) 0xff}), "application/json"));
    }

    @Test
    void rule26PropertyNamesAreIdentifiersOfSelectors() {
        for (String name : List.of("a", "_a", "$a", "a1", "JMSXGroupID", "\u00e4", "nulls", "true", "In")) {
            assertNull(PropertyName.fault(name), name);
        }
        for (String name : List.of("", "1a", "a-b", "a b", "a.b", "NULL", "TRUE", "BETWEEN", "x".repeat(40_000))) {
            assertNotNull(PropertyName.fault(name), name);
        }
        assertEquals("content_type", PropertyName.ofHeader("content-type"));
        assertEquals("_NULL", PropertyName.ofHeader("NULL"));
        assertEquals("_1", PropertyName.ofHeader("1"));
        assertEquals("_JMSFoo", PropertyName.ofHeader("JMSFoo"));
        assertEquals("_", PropertyName.ofHeader(""));
        for (String header : List.of("content-type", "NULL", "1", "JMSFoo", "", "-", "a b", "x".repeat(40_000))) {
            assertNull(PropertyName.fault(PropertyName.ofHeader(header)), header);
        }
    }

    @Test
    void destinationsAreReadable() {
        for (DestinationText.Kind kind : DestinationText.Kind.values()) {
            DestinationText text = new DestinationText(kind, "orders");
            assertEquals(text, DestinationText.parse(text.toString()));
        }
        assertEquals(new DestinationText(DestinationText.Kind.QUEUE, "orders"), DestinationText.parse("orders"));
        assertNull(DestinationText.parse("queue://"));
    }

    private static ByteBuffer json(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
