package io.penstock.jms.message;

import io.penstock.protocol.jms.BodyJson;
import io.penstock.protocol.jms.BodyKind;
import io.penstock.protocol.jms.MalformedBodyException;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatchBuilder;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.StreamMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Values one after another; in its record a JSON array. A read that fails leaves the pointer where it was. */
public final class PenstockStreamMessage extends PenstockMessage implements StreamMessage {
    private static final int NOT_IN_BYTES = -1;

    private List<Object> values = new ArrayList<>();
    private UnreadJson unread;
    private int next;
    /** How much of the byte array at {@link #next} has been read, once its reading has begun. */
    private int bytesRead = NOT_IN_BYTES;

    public PenstockStreamMessage() {}

    private List<Object> values() throws JMSException {
        fetchBody();
        if (unread != null) {
            try {
                values = BodyJson.decodeStream(unread.json(), unread.types());
            } catch (MalformedBodyException e) {
                throw unread.malformed(e);
            }
            unread = null;
        }
        return values;
    }

    @Override
    BodyKind kind() {
        return BodyKind.STREAM;
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
        BodyJson.Encoded encoded = BodyJson.encodeStream(values());
        byte[] json = encoded.json();
        return json.length < bytes ? null : new EncodedBody(ByteBuffer.wrap(json), encoded.types());
    }

    /** Cheap to tell: JSON makes at most six bytes of a character. */
    private boolean isWorthEncoding(int bytes) {
        long characters = 0;
        for (Object value : values) {
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
        BodyJson.Encoded encoded = BodyJson.encodeStream(values());
        dst.value(encoded.json());
        return encoded.types();
    }

    @Override
    void forgetBody() {
        unread = null;
        values = new ArrayList<>();
        rewind();
    }

    private void rewind() {
        next = 0;
        bytesRead = NOT_IN_BYTES;
    }

    @Override
    public void reset() {
        bodyReadOnly(true);
        rewind();
    }

    /** A stream has no one object for its body (Messaging 3.1 §3.11.6). */
    @Override
    public <T> T getBody(Class<T> c) throws JMSException {
        throw new MessageFormatException("the body of a StreamMessage is read value by value");
    }

    @Override
    @SuppressWarnings("rawtypes")
    public boolean isBodyAssignableTo(Class c) {
        return false;
    }

    private Object peek() throws JMSException {
        if (!isBodyReadOnly()) {
            throw new MessageNotReadableException("the body is being written; reset() makes it readable");
        }
        if (bytesRead != NOT_IN_BYTES) {
            throw new MessageFormatException("a byte array has been read in part; readBytes() reads the rest");
        }
        if (next >= values().size()) {
            throw new MessageEOFException("no value is left");
        }
        return values.get(next);
    }

    /** What a value of the body is taken for. */
    private interface Conversion<T> {
        T of(Object value) throws JMSException;
    }

    private <T> T read(Conversion<T> conversion) throws JMSException {
        T value = conversion.of(peek());
        next++;
        return value;
    }

    @Override
    public boolean readBoolean() throws JMSException {
        return read(Conversions::toBoolean);
    }

    @Override
    public byte readByte() throws JMSException {
        return read(Conversions::toByte);
    }

    @Override
    public short readShort() throws JMSException {
        return read(Conversions::toShort);
    }

    @Override
    public char readChar() throws JMSException {
        return read(Conversions::toChar);
    }

    @Override
    public int readInt() throws JMSException {
        return read(Conversions::toInt);
    }

    @Override
    public long readLong() throws JMSException {
        return read(Conversions::toLong);
    }

    @Override
    public float readFloat() throws JMSException {
        return read(Conversions::toFloat);
    }

    @Override
    public double readDouble() throws JMSException {
        return read(Conversions::toDouble);
    }

    @Override
    public String readString() throws JMSException {
        return read(Conversions::toText);
    }

    @Override
    public Object readObject() throws JMSException {
        return read(Conversions::bodyValue);
    }

    @Override
    public int readBytes(byte[] value) throws JMSException {
        int from = bytesRead;
        if (from == NOT_IN_BYTES) {
            byte[] first = Conversions.toBytes(peek());
            if (first == null) {
                next++;
                return -1;
            }
            from = 0;
        }
        byte[] field = (byte[]) values().get(next);
        int left = field.length - from;
        if (left == 0 && bytesRead != NOT_IN_BYTES) {
            bytesRead = NOT_IN_BYTES;
            next++;
            return -1;
        }
        int read = Math.min(left, value.length);
        System.arraycopy(field, from, value, 0, read);
        if (read < value.length) {
            bytesRead = NOT_IN_BYTES;
            next++;
        } else {
            bytesRead = from + read;
        }
        return read;
    }

    private void add(Object value) throws JMSException {
        checkBodyWriteable();
        values().add(value);
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        add(value);
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        add(value);
    }

    @Override
    public void writeShort(short value) throws JMSException {
        add(value);
    }

    @Override
    public void writeChar(char value) throws JMSException {
        add(value);
    }

    @Override
    public void writeInt(int value) throws JMSException {
        add(value);
    }

    @Override
    public void writeLong(long value) throws JMSException {
        add(value);
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        add(value);
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        add(value);
    }

    @Override
    public void writeString(String value) throws JMSException {
        add(value);
    }

    @Override
    public void writeBytes(byte[] value) throws JMSException {
        add(value == null ? null : value.clone());
    }

    @Override
    public void writeBytes(byte[] value, int offset, int length) throws JMSException {
        add(Arrays.copyOfRange(value, offset, offset + length));
    }

    @Override
    public void writeObject(Object value) throws JMSException {
        add(Conversions.bodyValue(value));
    }
}
