package io.penstock.jms.message;

import io.penstock.jms.PenstockDestination;
import io.penstock.protocol.jms.BodyKind;
import io.penstock.protocol.jms.ForeignValue;
import io.penstock.protocol.jms.JmsHeader;
import io.penstock.protocol.jms.LargeHead;
import io.penstock.protocol.jms.MessageTypes;
import io.penstock.protocol.jms.PropertyName;
import io.penstock.protocol.record.HeaderCursor;
import io.penstock.protocol.record.Record;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.nio.ByteBuffer;
import java.util.Base64;

/**
 * Makes messages of the records of one destination (docs/mapping.md): those that JMS sent as they were, all others as the
 * best-fitting message. Headers and body are read when the application asks for them. Immutable; any thread.
 */
public final class MessageDecoder {
    private static final byte[] TYPES = JmsHeader.bytes(JmsHeader.TYPES);
    private static final byte[] CONTENT_TYPE = JmsHeader.bytes(ForeignValue.CONTENT_TYPE);
    private static final String NOT_UTF8 = "base64:";

    private final PenstockDestination destination;
    private final DeserializationPolicy policy;
    private final BodyPieces pieces;

    /** @param pieces where the bodies of large messages are asked for */
    public MessageDecoder(PenstockDestination destination, DeserializationPolicy policy, BodyPieces pieces) {
        this.destination = destination;
        this.policy = policy;
        this.pieces = pieces;
    }

    /**
     * A received message.
     *
     * @param record {@link Record#detached}; its buffer must neither change nor be reused while the message lives
     * @param deliveryCount JMSXDeliveryCount, 1 for the first delivery
     * @param replayed it was settled before, and comes again by an operator's wish
     * @param acknowledger null when {@code acknowledge()} is to do nothing
     */
    public PenstockMessage decode(
            Record record, int partition, int deliveryCount, boolean replayed, Acknowledger acknowledger)
            throws JMSException {
        String types = null;
        String contentType = null;
        HeaderCursor headers = record.headers();
        while (headers.next()) {
            if (headers.nameEquals(TYPES)) {
                types = headers.valueText();
                break; // Ours stands first, so mostly one look is enough.
            } else if (headers.nameEquals(CONTENT_TYPE)) {
                contentType = headers.valueText();
            }
        }
        MessageTypes sent = types == null ? null : MessageTypes.parse(types);
        BodyKind kind = sent != null ? sent.body() : ForeignValue.kindOf(record.value(), contentType);
        PenstockMessage message = newMessage(kind);
        Source source = new Source(record, sent, destination, partition, replayed);
        message.received(source, destination, deliveryCount, acknowledger, record, largeBody(record, partition));
        return message;
    }

    /** Null for a record with its own body. */
    private LargeBody largeBody(Record record, int partition) {
        if (!record.hasValue() || record.valueBytes() > 0) {
            return null; // Only heads have an empty value and more to say of it.
        }
        LargeHead head = LargeHead.of(record);
        return head == null ? null : new LargeBody(head, record, partition, pieces);
    }

    private PenstockMessage newMessage(BodyKind kind) {
        return switch (kind) {
            case MESSAGE -> new PenstockMessage();
            case TEXT -> new PenstockTextMessage();
            case BYTES -> new PenstockBytesMessage();
            case MAP -> new PenstockMapMessage();
            case STREAM -> new PenstockStreamMessage();
            case OBJECT -> new PenstockObjectMessage(policy);
        };
    }

    /**
     * A record whose headers have not been read.
     *
     * @param sent null when JMS did not send it
     */
    record Source(Record record, MessageTypes sent, PenstockDestination destination, int partition, boolean replayed) {

        void readHeaders(PenstockMessage message, MessageProperties properties) {
            message.setJMSTimestamp(record.timestamp());
            message.setJMSDeliveryTime(record.timestamp());
            if (sent == null) {
                // A name that is the same at every delivery, and that nobody else has.
                message.setJMSMessageID("ID:" + destination.name() + "-" + partition + "-" + record.offset());
            }
            if (replayed) {
                properties.put(PropertyName.REPLAYED, true);
            }
            if (record.hasKey()) {
                readKey(properties);
            }
            HeaderCursor headers = record.headers();
            while (headers.next()) {
                String name = headers.name();
                if (JmsHeader.isReserved(name)) {
                    readHeader(message, name, headers);
                } else {
                    readProperty(properties, name, headers);
                }
            }
        }

        private void readKey(MessageProperties properties) {
            String text = ForeignValue.strictText(record.key());
            if (text != null) {
                properties.put(PropertyName.GROUP_ID, text);
            } else {
                properties.put(PropertyName.KEY, base64(record.key()));
            }
        }

        private void readProperty(MessageProperties properties, String name, HeaderCursor headers) {
            ByteBuffer value = headers.value();
            String text = value == null ? null : ForeignValue.strictText(value);
            if (value != null && text == null) {
                text = NOT_UTF8 + base64(value);
            }
            if (sent != null && PropertyName.fault(name) == null) {
                properties.put(name, sent.value(name, text));
                return;
            }
            String legal = PropertyName.ofHeader(name);
            boolean exact = legal.equals(name);
            if (exact || !properties.values().containsKey(legal)) {
                properties.put(legal, text);
            }
        }

        private static void readHeader(PenstockMessage message, String name, HeaderCursor headers) {
            String text = headers.valueText();
            if (text == null) {
                return;
            }
            try {
                switch (name) {
                    case JmsHeader.MESSAGE_ID -> message.setJMSMessageID(text);
                    case JmsHeader.CORRELATION_ID -> readCorrelationId(message, headers, text);
                    case JmsHeader.REPLY_TO -> readReplyTo(message, text);
                    case JmsHeader.TYPE -> message.setJMSType(text);
                    case JmsHeader.TIMESTAMP -> message.setJMSTimestamp(number(text, message.getJMSTimestamp()));
                    case JmsHeader.DELIVERY_TIME ->
                        message.setJMSDeliveryTime(number(text, message.getJMSDeliveryTime()));
                    case JmsHeader.EXPIRATION -> message.setJMSExpiration(Math.max(0, number(text, 0)));
                    case JmsHeader.PRIORITY ->
                        message.setJMSPriority((int) Math.max(0, Math.min(9, number(text, Message.DEFAULT_PRIORITY))));
                    case JmsHeader.DELIVERY_MODE -> {
                        if (text.equals(JmsHeader.NON_PERSISTENT)) {
                            message.setJMSDeliveryMode(DeliveryMode.NON_PERSISTENT);
                        }
                    }
                    default -> {
                        // Ours, and not for applications.
                    }
                }
            } catch (JMSException e) {
                throw new IllegalStateException("values were checked before", e);
            }
        }

        private static void readReplyTo(PenstockMessage message, String text) {
            Destination replyTo = Destinations.of(text);
            if (replyTo != null) {
                message.setJMSReplyTo(replyTo);
            }
        }

        private static void readCorrelationId(PenstockMessage message, HeaderCursor headers, String text) {
            if (ForeignValue.strictText(headers.value()) != null) {
                message.setJMSCorrelationID(text);
            } else {
                byte[] bytes = new byte[headers.valueBytes()];
                headers.value().get(bytes);
                message.setJMSCorrelationIDAsBytes(bytes);
            }
        }

        /** What a native client writes need not be a number. */
        private static long number(String text, long otherwise) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException e) {
                return otherwise;
            }
        }

        private static String base64(ByteBuffer bytes) {
            return java.nio.charset.StandardCharsets.ISO_8859_1
                    .decode(Base64.getEncoder().encode(bytes))
                    .toString();
        }
    }
}
