package io.penstock.jms.message;

import io.penstock.protocol.jms.DestinationText;
import io.penstock.protocol.jms.JmsHeader;
import io.penstock.protocol.jms.MessageTypes;
import io.penstock.protocol.jms.PropertyName;
import io.penstock.protocol.record.RecordBatchBuilder;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes a message as a record, straight into a batch (docs/mapping.md). Stateless. */
public final class MessageEncoder {
    private static final byte[] TYPES = JmsHeader.bytes(JmsHeader.TYPES);
    private static final byte[] BODY_TYPES = JmsHeader.bytes(JmsHeader.BODY_TYPES);
    private static final byte[] SENDER = JmsHeader.bytes(JmsHeader.SENDER);
    private static final byte[] MESSAGE_ID = JmsHeader.bytes(JmsHeader.MESSAGE_ID);
    private static final byte[] CORRELATION_ID = JmsHeader.bytes(JmsHeader.CORRELATION_ID);
    private static final byte[] REPLY_TO = JmsHeader.bytes(JmsHeader.REPLY_TO);
    private static final byte[] TYPE = JmsHeader.bytes(JmsHeader.TYPE);
    private static final byte[] TIMESTAMP = JmsHeader.bytes(JmsHeader.TIMESTAMP);
    private static final byte[] DELIVERY_MODE = JmsHeader.bytes(JmsHeader.DELIVERY_MODE);
    private static final byte[] NON_PERSISTENT = JmsHeader.bytes(JmsHeader.NON_PERSISTENT);
    private static final byte[] PRIORITY = JmsHeader.bytes(JmsHeader.PRIORITY);
    private static final byte[] EXPIRATION = JmsHeader.bytes(JmsHeader.EXPIRATION);
    private static final byte[] DELIVERY_TIME = JmsHeader.bytes(JmsHeader.DELIVERY_TIME);

    private static final byte[] NO_BYTES = {};

    private MessageEncoder() {}

    /** The key that the message's record has, JMSXGroupID in UTF-8, or null. */
    public static byte[] key(PenstockMessage message) {
        Object groupId = message.loadedProperties().values().get(PropertyName.GROUP_ID);
        return groupId == null ? null : utf8((String) groupId);
    }

    /** Adds the message to a batch without naming the sender. */
    public static void encode(PenstockMessage message, RecordBatchBuilder dst, long nowMillis) throws JMSException {
        encode(message, dst, nowMillis, null);
    }

    /**
     * Adds the message to a batch. Its JMSTimestamp is the record's time, or {@code nowMillis} when that is 0.
     *
     * @param sender the connection that sends, for noLocal, in UTF-8; null where nobody asks for it
     * @throws JMSException when the message cannot be written; the batch is then as it was
     */
    public static void encode(PenstockMessage message, RecordBatchBuilder dst, long nowMillis, byte[] sender)
            throws JMSException {
        encode(message, dst, nowMillis, sender, null);
    }

    /**
     * As above.
     *
     * @param sent the body when it has been sent already, and the record is to name it; else null
     */
    public static void encode(
            PenstockMessage message, RecordBatchBuilder dst, long nowMillis, byte[] sender, SentBody sent)
            throws JMSException {
        boolean done = false;
        try {
            long timestamp = message.getJMSTimestamp();
            long recordTime = timestamp > 0 ? timestamp : nowMillis;
            byte[] key = key(message);
            dst.beginRecord(recordTime).key(key);
            if (key != null) {
                dst.notInOrder();
            }
            String bodyTypes;
            if (sent == null) {
                bodyTypes = message.writeValue(dst);
            } else {
                dst.value(NO_BYTES);
                bodyTypes = sent.types();
            }
            Map<String, Object> properties = message.loadedProperties().values();
            dst.header(TYPES, utf8(types(message, properties)));
            if (sent != null) {
                sent.head().writeTo(dst);
            }
            if (bodyTypes != null) {
                dst.header(BODY_TYPES, utf8(bodyTypes));
            }
            if (sender != null) {
                dst.header(SENDER, sender);
            }
            headers(message, dst, recordTime);
            if (!properties.isEmpty()) {
                properties(properties, dst);
            }
            dst.endRecord();
            done = true;
        } finally {
            if (!done) {
                dst.abandonRecord();
            }
        }
    }

    private static String types(PenstockMessage message, Map<String, Object> properties) {
        return MessageTypes.format(message.kind(), properties);
    }

    private static void headers(PenstockMessage message, RecordBatchBuilder dst, long recordTime) throws JMSException {
        text(dst, MESSAGE_ID, message.getJMSMessageID());
        byte[] correlationId = message.correlationIdBytes();
        if (correlationId != null) {
            dst.header(CORRELATION_ID, correlationId);
        }
        if (message.getJMSReplyTo() != null) {
            DestinationText replyTo = Destinations.text(message.getJMSReplyTo());
            dst.header(REPLY_TO, utf8(replyTo.toString()));
        }
        text(dst, TYPE, message.getJMSType());
        if (message.getJMSTimestamp() != recordTime) {
            dst.header(TIMESTAMP, message.getJMSTimestamp());
        }
        if (message.getJMSDeliveryMode() == DeliveryMode.NON_PERSISTENT) {
            dst.header(DELIVERY_MODE, NON_PERSISTENT);
            dst.notPlain();
        }
        if (message.getJMSPriority() != Message.DEFAULT_PRIORITY) {
            dst.header(PRIORITY, message.getJMSPriority());
            dst.notInOrder();
        }
        if (message.getJMSExpiration() != 0) {
            dst.header(EXPIRATION, message.getJMSExpiration());
            dst.notInOrder();
        }
        if (message.getJMSDeliveryTime() > recordTime) {
            dst.header(DELIVERY_TIME, message.getJMSDeliveryTime());
            dst.notInOrder();
        }
    }

    private static void properties(Map<String, Object> properties, RecordBatchBuilder dst) {
        for (Map.Entry<String, Object> property : properties.entrySet()) {
            String name = property.getKey();
            if (name.equals(PropertyName.GROUP_ID)
                    || name.equals(PropertyName.PARTITION)
                    || name.equals(PropertyName.REPLAYED)) {
                continue; // The record's key, an instruction to the sender, and how a message came that is sent on.
            }
            Object value = property.getValue();
            if (value instanceof Integer || value instanceof Long) {
                dst.header(utf8(name), ((Number) value).longValue());
            } else {
                dst.header(utf8(name), value == null ? null : utf8(value.toString()));
            }
        }
    }

    private static void text(RecordBatchBuilder dst, byte[] name, String value) {
        if (value != null) {
            dst.header(name, utf8(value));
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
