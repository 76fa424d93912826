package io.penstock.jms.message;

import io.penstock.protocol.jms.BodyJson;
import io.penstock.protocol.jms.BodyKind;
import io.penstock.protocol.jms.MalformedBodyException;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatchBuilder;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Named values; in its record a JSON object. */
public final class PenstockMapMessage extends PenstockMessage implements MapMessage {
    private Map<String, Object> values = new LinkedHashMap<>();
    private UnreadJson unread;

    public PenstockMapMessage() {}

    private Map<String, Object> values() throws JMSException {
        fetchBody();
        if (unread != null) {
            try {
                values = BodyJson.decodeMap(unread.json(), unread.types());
            } catch (MalformedBodyException e) {
                throw unread.malformed(e);
            }
            unread = null;
        }
        return values;
    }

    @Override
    BodyKind kind() {
        return BodyKind.MAP;
    }

    @Override
    void receivedBody(ByteBuffer value, Record record) {
        unread = UnreadJson.of(value, record);
    }

    @Override
    EncodedBody encodedFrom(int bytes) throws JMSException {
        if (unread != null && unread.json().remaining() < bytes || unread == null && !isWorthEncoding(bytes)) {
            return null;
        }
        BodyJson.Encoded encoded = BodyJson.encodeMap(values());
        byte[] json = encoded.json();
        return json.length < bytes ? null : new EncodedBody(ByteBuffer.wrap(json), encoded.types());
    }

    /** Cheap to tell: JSON makes at most six bytes of a character. */
    private boolean isWorthEncoding(int bytes) {
        long characters = 0;
        for (Object value : values.values()) {
            characters += 16;
            if (value instanceof String text) {
                characters += text.length();
            } else if (value instanceof byte[] array) {
                characters += array.length;
            }
        }
        return 6 * characters >= bytes;
    }

    @Override
    String writeValue(RecordBatchBuilder dst) throws JMSException {
        BodyJson.Encoded encoded = BodyJson.encodeMap(values());
        dst.value(encoded.json());
        return encoded.types();
    }

    @Override
    void forgetBody() {
        unread = null;
        values = new LinkedHashMap<>();
    }

    /** A copy, so that the message stays as it is; null when it has no entries (Messaging 3.1 §3.11.6: no body). */
    @Override
    Object body() throws JMSException {
        if (values().isEmpty()) {
            return null;
        }
        Map<String, Object> copy = new LinkedHashMap<>();
        values.forEach((name, value) -> copy.put(name, value instanceof byte[] bytes ? bytes.clone() : value));
        return copy;
    }

    @Override
    Class<?> bodyClass() throws JMSException {
        return values().isEmpty() ? null : Map.class;
    }

    @Override
    public <T> T getBody(Class<T> c) throws JMSException {
        if (!isBodyAssignableTo(c)) {
            throw new jakarta.jms.MessageFormatException("the body is a java.util.Map, not a " + c.getName());
        }
        return c.cast(body());
    }

    private Object value(String name) throws JMSException {
        return values().get(name);
    }

    @Override
    public boolean getBoolean(String name) throws JMSException {
        return Conversions.toBoolean(value(name));
    }

    @Override
    public byte getByte(String name) throws JMSException {
        return Conversions.toByte(value(name));
    }

    @Override
    public short getShort(String name) throws JMSException {
        return Conversions.toShort(value(name));
    }

    @Override
    public char getChar(String name) throws JMSException {
        return Conversions.toChar(value(name));
    }

    @Override
    public int getInt(String name) throws JMSException {
        return Conversions.toInt(value(name));
    }

    @Override
    public long getLong(String name) throws JMSException {
        return Conversions.toLong(value(name));
    }

    @Override
    public float getFloat(String name) throws JMSException {
        return Conversions.toFloat(value(name));
    }

    @Override
    public double getDouble(String name) throws JMSException {
        return Conversions.toDouble(value(name));
    }

    @Override
    public String getString(String name) throws JMSException {
        return Conversions.toText(value(name));
    }

    @Override
    public byte[] getBytes(String name) throws JMSException {
        byte[] bytes = Conversions.toBytes(value(name));
        return bytes == null ? null : bytes.clone();
    }

    @Override
    public Object getObject(String name) throws JMSException {
        return Conversions.bodyValue(value(name));
    }

    @Override
    public Enumeration<String> getMapNames() throws JMSException {
        return Collections.enumeration(values().keySet());
    }

    @Override
    public boolean itemExists(String name) throws JMSException {
        return values().containsKey(name);
    }

    private void put(String name, Object value) throws JMSException {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("a value of a map needs a name");
        }
        checkBodyWriteable();
        values().put(name, value);
    }

    @Override
    public void setBoolean(String name, boolean value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setByte(String name, byte value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setShort(String name, short value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setChar(String name, char value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setInt(String name, int value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setLong(String name, long value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setFloat(String name, float value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setDouble(String name, double value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setString(String name, String value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setBytes(String name, byte[] value) throws JMSException {
        put(name, value == null ? null : value.clone());
    }

    @Override
    public void setBytes(String name, byte[] value, int offset, int length) throws JMSException {
        put(name, Arrays.copyOfRange(value, offset, offset + length));
    }

    @Override
    public void setObject(String name, Object value) throws JMSException {
        put(name, Conversions.bodyValue(value));
    }
}
