package io.penstock.jms.message;

import io.penstock.protocol.jms.LargeHead;
import io.penstock.protocol.record.MessagePiece;
import io.penstock.protocol.record.Record;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The body of a received large message, which is still at the broker. One thread at a time.
 *
 * @param record the head's
 */
record LargeBody(LargeHead head, Record record, int partition, BodyPieces pieces) {

    /** The whole body; read-only, and outside of the heap when it is long. */
    ByteBuffer fetch() throws JMSException {
        CRC32C crc = new CRC32C();
        try (SpillingBytes bytes = new SpillingBytes(head.bodyBytes())) {
            pieces.fetch(head, partition, body -> {
                crc.update(body.duplicate());
                try {
                    bytes.write(body);
                } catch (IOException e) {
                    throw spilling(e);
                }
            });
            if (bytes.size() != head.bodyBytes() || (int) crc.getValue() != head.crc32c()) {
                throw new JMSException(
                        "the body of a large message is damaged: " + bytes.size() + " bytes with checksum "
                                + Integer.toHexString((int) crc.getValue()) + " instead of " + head.bodyBytes()
                                + " with " + Integer.toHexString(head.crc32c()) + " in " + head.offsets().length
                                + " pieces of up to " + MessagePiece.BODY_BYTES + " bytes",
                        "CHECKSUM");
            }
            return bytes.view();
        } catch (IOException e) {
            throw spilling(e);
        }
    }

    static JMSException spilling(IOException cause) {
        JMSException failed = new JMSException(
                "a large body goes through a file in " + System.getProperty("java.io.tmpdir") + ", and that failed: "
                        + cause.getMessage(),
                "TEMPORARY_FILE");
        failed.initCause(cause);
        failed.setLinkedException(cause);
        return failed;
    }
}
