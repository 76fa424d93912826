package io.penstock.jms.message;

import io.penstock.protocol.jms.BodyKind;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatchBuilder;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ObjectMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;

/**
 * A serialized object, which is so from {@link #setObject} on, so that later changes of the object do not matter. Reading
 * brings only allowed classes to life.
 */
public final class PenstockObjectMessage extends PenstockMessage implements ObjectMessage {
    private final DeserializationPolicy policy;
    /** Null for null. */
    private ByteBuffer serialized;

    public PenstockObjectMessage(DeserializationPolicy policy) {
        this.policy = policy;
    }

    @Override
    public void setObject(Serializable object) throws JMSException {
        checkBodyWriteable();
        if (object == null) {
            serialized = null;
            return;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        } catch (IOException e) {
            throw caused("a " + object.getClass().getName() + " cannot be serialized: " + e, e);
        }
        serialized = ByteBuffer.wrap(bytes.toByteArray());
    }

    /** A new object for each call. */
    @Override
    public Serializable getObject() throws JMSException {
        fetchBody();
        if (serialized == null) {
            return null;
        }
        byte[] body = new byte[serialized.remaining()];
        serialized.get(serialized.position(), body);
        String refused = null;
        try (FilteredObjectInput in = new FilteredObjectInput(body, policy)) {
            try {
                return (Serializable) in.readObject();
            } finally {
                refused = in.refused();
            }
        } catch (IOException | ClassNotFoundException | ClassCastException | LinkageError e) {
            throw caused(
                    refused == null
                            ? "the object cannot be read: " + e
                            : "the object holds a " + refused + ", which is not allowed; option"
                                    + " jms.deserializationAllowList names the classes and packages that are",
                    e);
        }
    }

    private static MessageFormatException caused(String text, Throwable cause) {
        MessageFormatException exception = new MessageFormatException(text);
        exception.initCause(cause);
        return exception;
    }

    @Override
    BodyKind kind() {
        return BodyKind.OBJECT;
    }

    @Override
    void receivedBody(ByteBuffer value, Record record) {
        serialized = value;
    }

    @Override
    EncodedBody encodedFrom(int bytes) {
        return serialized == null || serialized.remaining() < bytes ? null : new EncodedBody(serialized, null);
    }

    @Override
    String writeValue(RecordBatchBuilder dst) {
        dst.value(serialized);
        return null;
    }

    @Override
    void forgetBody() {
        serialized = null;
    }

    @Override
    Object body() throws JMSException {
        return getObject();
    }

    @Override
    Class<?> bodyClass() throws JMSException {
        Object object = getObject();
        return object == null ? null : object.getClass();
    }
}
