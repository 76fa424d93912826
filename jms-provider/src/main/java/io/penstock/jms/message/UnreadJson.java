package io.penstock.jms.message;

import io.penstock.protocol.jms.JmsHeader;
import io.penstock.protocol.jms.MalformedBodyException;
import io.penstock.protocol.record.HeaderCursor;
import io.penstock.protocol.record.Record;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.nio.ByteBuffer;

/**
 * The body of a received Map or Stream message that nobody has asked for yet.
 *
 * @param types the header {@link JmsHeader#BODY_TYPES}, or null
 */
record UnreadJson(ByteBuffer json, String types) {
    private static final byte[] BODY_TYPES = JmsHeader.bytes(JmsHeader.BODY_TYPES);

    /** @return null for a record without a value */
    static UnreadJson of(ByteBuffer json, Record record) {
        if (json == null) {
            return null;
        }
        HeaderCursor headers = record.headers();
        while (headers.next()) {
            if (headers.nameEquals(BODY_TYPES)) {
                return new UnreadJson(json, headers.valueText());
            }
        }
        return new UnreadJson(json, null);
    }

    JMSException malformed(MalformedBodyException cause) {
        MessageFormatException malformed = new MessageFormatException(cause.getMessage());
        malformed.initCause(cause);
        return malformed;
    }
}
