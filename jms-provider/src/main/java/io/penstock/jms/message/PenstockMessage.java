package io.penstock.jms.message;

import io.penstock.protocol.jms.BodyKind;
import io.penstock.protocol.jms.PropertyName;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatchBuilder;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;

/**
 * A message without a body, and what all messages have in common. A received one keeps its record and reads headers and body
 * when they are first asked for; the record itself never changes, so that a redelivery begins with the original. One thread
 * at a time.
 */
public class PenstockMessage implements Message {
    private final MessageProperties properties = new MessageProperties();
    /** What has been received and not looked at yet; null otherwise. */
    private MessageDecoder.Source unread;
    /** The body while it is at the broker; null otherwise. */
    private LargeBody large;

    private boolean bodyReadOnly;
    private Acknowledger acknowledger;

    private String messageId;
    private long timestamp;
    private Object correlationId;
    private Destination replyTo;
    private Destination destination;
    private int deliveryMode = DEFAULT_DELIVERY_MODE;
    private boolean redelivered;
    private String type;
    private long expiration;
    private long deliveryTime;
    private int priority = DEFAULT_PRIORITY;

    public PenstockMessage() {}

    /** Turns a new message into a received one. */
    final void received(
            MessageDecoder.Source source,
            Destination from,
            int deliveryCount,
            Acknowledger callback,
            Record record,
            LargeBody largeBody)
            throws JMSException {
        unread = source;
        destination = from;
        redelivered = deliveryCount > 1;
        acknowledger = callback;
        properties.received(deliveryCount);
        bodyReadOnly = true;
        large = largeBody;
        if (large == null) {
            receivedBody(record.value(), record);
        }
    }

    /**
     * Brings the body of a large message from the broker, when that has not been done: it is there for as long as the
     * message is not acknowledged.
     */
    public final void fetchBody() throws JMSException {
        if (large != null) {
            ByteBuffer body = large.fetch();
            LargeBody fetched = large;
            large = null;
            receivedBody(body, fetched.record());
        }
    }

    /** The body when it has so many bytes or more, encoded as its record would have it; else null. */
    public final EncodedBody largeBody(int bytes) throws JMSException {
        fetchBody();
        return encodedFrom(bytes);
    }

    EncodedBody encodedFrom(int bytes) throws JMSException {
        return null;
    }

    /** Reads the headers, when that has not been done. */
    private void load() {
        if (unread != null) {
            MessageDecoder.Source source = unread;
            unread = null;
            source.readHeaders(this, properties);
        }
    }

    final MessageProperties loadedProperties() {
        load();
        return properties;
    }

    BodyKind kind() {
        return BodyKind.MESSAGE;
    }

    /**
     * Keeps what is needed to read the body later.
     *
     * @param value null for none
     */
    void receivedBody(ByteBuffer value, Record record) throws JMSException {}

    /** Writes the record's value. @return the types of its parts, or null */
    String writeValue(RecordBatchBuilder dst) throws JMSException {
        dst.value((byte[]) null);
        return null;
    }

    void forgetBody() {}

    /** The body as {@link #getBody} gives it, null for none. */
    Object body() throws JMSException {
        return null;
    }

    /** A class that the body is of, for {@link #isBodyAssignableTo}; null when there is none. */
    Class<?> bodyClass() throws JMSException {
        return null;
    }

    final boolean isBodyReadOnly() {
        return bodyReadOnly;
    }

    final void bodyReadOnly(boolean value) {
        bodyReadOnly = value;
    }

    final void checkBodyWriteable() throws MessageNotWriteableException {
        if (bodyReadOnly) {
            throw new MessageNotWriteableException("the body cannot be changed before clearBody()");
        }
    }

    @Override
    public String getJMSMessageID() {
        load();
        return messageId;
    }

    @Override
    public void setJMSMessageID(String id) {
        load();
        messageId = id;
    }

    @Override
    public long getJMSTimestamp() {
        load();
        return timestamp;
    }

    @Override
    public void setJMSTimestamp(long timestamp) {
        load();
        this.timestamp = timestamp;
    }

    /** The bytes that were set, or those of the text that was set, or null; a copy. */
    @Override
    public byte[] getJMSCorrelationIDAsBytes() {
        byte[] bytes = correlationIdBytes();
        return bytes == correlationId && bytes != null ? bytes.clone() : bytes;
    }

    final byte[] correlationIdBytes() {
        load();
        return correlationId instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : (byte[]) correlationId;
    }

    @Override
    public void setJMSCorrelationIDAsBytes(byte[] id) {
        load();
        correlationId = id == null ? null : id.clone();
    }

    @Override
    public void setJMSCorrelationID(String id) {
        load();
        correlationId = id;
    }

    @Override
    public String getJMSCorrelationID() {
        load();
        return correlationId instanceof byte[] bytes
                ? new String(bytes, StandardCharsets.UTF_8)
                : (String) correlationId;
    }

    @Override
    public Destination getJMSReplyTo() {
        load();
        return replyTo;
    }

    @Override
    public void setJMSReplyTo(Destination destination) {
        load();
        replyTo = destination;
    }

    @Override
    public Destination getJMSDestination() {
        return destination;
    }

    @Override
    public void setJMSDestination(Destination destination) {
        this.destination = destination;
    }

    @Override
    public int getJMSDeliveryMode() {
        load();
        return deliveryMode;
    }

    @Override
    public void setJMSDeliveryMode(int mode) throws JMSException {
        if (mode != DeliveryMode.PERSISTENT && mode != DeliveryMode.NON_PERSISTENT) {
            throw new JMSException("delivery mode is PERSISTENT or NON_PERSISTENT, not " + mode);
        }
        load();
        deliveryMode = mode;
    }

    @Override
    public boolean getJMSRedelivered() {
        return redelivered;
    }

    @Override
    public void setJMSRedelivered(boolean redelivered) {
        this.redelivered = redelivered;
    }

    @Override
    public String getJMSType() {
        load();
        return type;
    }

    @Override
    public void setJMSType(String type) {
        load();
        this.type = type;
    }

    @Override
    public long getJMSExpiration() {
        load();
        return expiration;
    }

    @Override
    public void setJMSExpiration(long expiration) {
        load();
        this.expiration = expiration;
    }

    @Override
    public long getJMSDeliveryTime() {
        load();
        return deliveryTime;
    }

    @Override
    public void setJMSDeliveryTime(long deliveryTime) {
        load();
        this.deliveryTime = deliveryTime;
    }

    @Override
    public int getJMSPriority() {
        load();
        return priority;
    }

    @Override
    public void setJMSPriority(int priority) throws JMSException {
        if (priority < 0 || priority > 9) {
            throw new JMSException("priority is 0 to 9, not " + priority);
        }
        load();
        this.priority = priority;
    }

    @Override
    public void clearProperties() {
        loadedProperties().clear();
    }

    @Override
    public boolean propertyExists(String name) {
        return loadedProperties().exists(name);
    }

    @Override
    public boolean getBooleanProperty(String name) throws JMSException {
        return Conversions.toBoolean(getObjectProperty(name));
    }

    @Override
    public byte getByteProperty(String name) throws JMSException {
        return Conversions.toByte(getObjectProperty(name));
    }

    @Override
    public short getShortProperty(String name) throws JMSException {
        return Conversions.toShort(getObjectProperty(name));
    }

    @Override
    public int getIntProperty(String name) throws JMSException {
        return Conversions.toInt(getObjectProperty(name));
    }

    @Override
    public long getLongProperty(String name) throws JMSException {
        return Conversions.toLong(getObjectProperty(name));
    }

    @Override
    public float getFloatProperty(String name) throws JMSException {
        return Conversions.toFloat(getObjectProperty(name));
    }

    @Override
    public double getDoubleProperty(String name) throws JMSException {
        return Conversions.toDouble(getObjectProperty(name));
    }

    @Override
    public String getStringProperty(String name) throws JMSException {
        return Conversions.toText(getObjectProperty(name));
    }

    @Override
    public Object getObjectProperty(String name) {
        return loadedProperties().get(name);
    }

    @Override
    public Enumeration<String> getPropertyNames() {
        return Collections.enumeration(loadedProperties().names());
    }

    @Override
    public void setBooleanProperty(String name, boolean value) throws JMSException {
        loadedProperties().set(name, value);
    }

    @Override
    public void setByteProperty(String name, byte value) throws JMSException {
        loadedProperties().set(name, value);
    }

    @Override
    public void setShortProperty(String name, short value) throws JMSException {
        loadedProperties().set(name, value);
    }

    @Override
    public void setIntProperty(String name, int value) throws JMSException {
        loadedProperties().set(name, value);
    }

    @Override
    public void setLongProperty(String name, long value) throws JMSException {
        loadedProperties().set(name, value);
    }

    @Override
    public void setFloatProperty(String name, float value) throws JMSException {
        loadedProperties().set(name, value);
    }

    @Override
    public void setDoubleProperty(String name, double value) throws JMSException {
        loadedProperties().set(name, value);
    }

    @Override
    public void setStringProperty(String name, String value) throws JMSException {
        loadedProperties().set(name, value);
    }

    @Override
    public void setObjectProperty(String name, Object value) throws JMSException {
        loadedProperties().set(name, value);
    }

    /** Sets the message's group even when it was received and its properties are read-only: the sender's default. */
    public final void defaultGroup(String groupId) {
        if (!loadedProperties().values().containsKey(PropertyName.GROUP_ID)) {
            properties.put(PropertyName.GROUP_ID, groupId);
        }
    }

    @Override
    public void acknowledge() throws JMSException {
        if (acknowledger != null) {
            acknowledger.acknowledge();
        }
    }

    @Override
    public void clearBody() {
        load();
        bodyReadOnly = false;
        large = null;
        forgetBody();
    }

    @Override
    public <T> T getBody(Class<T> c) throws JMSException {
        fetchBody();
        Object body = body();
        if (body == null) {
            return null;
        }
        if (!c.isInstance(body)) {
            throw new MessageFormatException("the body is a " + body.getClass().getName() + ", not a " + c.getName());
        }
        return c.cast(body);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public boolean isBodyAssignableTo(Class c) throws JMSException {
        fetchBody();
        Class<?> body = bodyClass();
        return body == null || ((Class<?>) c).isAssignableFrom(body);
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + getJMSMessageID() + "]";
    }
}
