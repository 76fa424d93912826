package io.penstock.protocol.jms;

import java.util.HashMap;
import java.util.Map;

/**
 * The header {@link JmsHeader#TYPES}: the kind of body, then the type of each property that is no string.
 *
 * <pre>
 * text
 * map;count=int,price=double
 * </pre>
 *
 * Types go by name and not by place, so that headers which others add (tracing, mirroring) do no harm, and a native
 * producer can write the header by hand. Immutable.
 */
public final class MessageTypes {
    private static final int PROPERTIES_MAX = 10_000;

    private final BodyKind body;
    private final Map<String, PropertyType> properties;

    private MessageTypes(BodyKind body, Map<String, PropertyType> properties) {
        this.body = body;
        this.properties = properties;
    }

    /** @return null for text that is not such a header; the record is then a foreign one */
    public static MessageTypes parse(String text) {
        int semicolon = text.indexOf(';');
        BodyKind body = BodyKind.of(semicolon < 0 ? text : text.substring(0, semicolon));
        if (body == null) {
            return null;
        }
        if (semicolon < 0) {
            return new MessageTypes(body, Map.of());
        }
        Map<String, PropertyType> properties = new HashMap<>();
        for (int at = semicolon + 1; at < text.length() && properties.size() < PROPERTIES_MAX; ) {
            int comma = text.indexOf(',', at);
            int end = comma < 0 ? text.length() : comma;
            int equals = text.indexOf('=', at);
            if (equals > at && equals < end) {
                properties.put(text.substring(at, equals), PropertyType.ofWord(text.substring(equals + 1, end)));
            }
            at = end + 1;
        }
        return new MessageTypes(body, properties);
    }

    public BodyKind body() {
        return body;
    }

    /** The value of a property as the sender typed it; text that does not fit its type stays text. */
    public Object value(String name, String text) {
        PropertyType type = properties.get(name);
        return type == null ? text : type.read(text);
    }

    /**
     * The header of a message.
     *
     * @param properties values are of the types that {@link PropertyType} knows
     */
    public static String format(BodyKind body, Map<String, Object> properties) {
        if (properties.isEmpty()) {
            return body.word();
        }
        StringBuilder text = new StringBuilder(body.word());
        char separator = ';';
        for (Map.Entry<String, Object> property : properties.entrySet()) {
            PropertyType type = PropertyType.ofValue(property.getValue());
            if (type == null) {
                throw new IllegalArgumentException("property " + property.getKey() + " is a "
                        + property.getValue().getClass().getName());
            }
            if (type != PropertyType.STRING) {
                text.append(separator).append(property.getKey()).append('=').append(type.word());
                separator = ',';
            }
        }
        return text.toString();
    }
}
