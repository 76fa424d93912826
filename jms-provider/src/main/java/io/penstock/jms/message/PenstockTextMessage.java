package io.penstock.jms.message;

import io.penstock.protocol.jms.BodyKind;
import io.penstock.protocol.jms.ForeignValue;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatchBuilder;
import jakarta.jms.JMSException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.TextMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A text; in its record UTF-8. */
public final class PenstockTextMessage extends PenstockMessage implements TextMessage {
    /** Of one char of Java. */
    private static final int UTF8_BYTES_MAX = 3;

    private String text;
    /** Received and not decoded yet. */
    private ByteBuffer utf8;

    public PenstockTextMessage() {}

    public PenstockTextMessage(String text) {
        this.text = text;
    }

    @Override
    public void setText(String text) throws MessageNotWriteableException {
        checkBodyWriteable();
        this.text = text;
    }

    @Override
    public String getText() throws JMSException {
        fetchBody();
        if (utf8 != null) {
            text = ForeignValue.text(utf8);
            utf8 = null;
        }
        return text;
    }

    @Override
    BodyKind kind() {
        return BodyKind.TEXT;
    }

    @Override
    void receivedBody(ByteBuffer value, Record record) {
        utf8 = value;
    }

    @Override
    EncodedBody encodedFrom(int bytes) {
        if (utf8 != null) {
            return utf8.remaining() < bytes ? null : new EncodedBody(utf8, null);
        }
        if (text == null || (long) text.length() * UTF8_BYTES_MAX < bytes) {
            return null;
        }
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        return encoded.length < bytes ? null : new EncodedBody(ByteBuffer.wrap(encoded), null);
    }

    @Override
    String writeValue(RecordBatchBuilder dst) {
        if (utf8 != null) {
            dst.value(utf8);
        } else {
            dst.value(text == null ? null : text.getBytes(StandardCharsets.UTF_8));
        }
        return null;
    }

    @Override
    void forgetBody() {
        text = null;
        utf8 = null;
    }

    @Override
    Object body() throws JMSException {
        return getText();
    }

    @Override
    Class<?> bodyClass() {
        return text == null && utf8 == null ? null : String.class;
    }
}
