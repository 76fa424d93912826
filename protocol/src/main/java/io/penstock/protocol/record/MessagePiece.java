package io.penstock.protocol.record;

import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * A part of a large message's body, as the value of a control record of type {@link ControlBatch#PIECE}:
 *
 * <pre>
 * message uuid | index int32, from 0 | bytes of the body
 * </pre>
 *
 * Every piece but the last is full. No state; any thread.
 */
public final class MessagePiece {
    /** Bytes of the body in a full piece; with all that is around them a batch stays below 256 KiB. */
    public static final int BODY_BYTES = 255 * 1024;

    public static final int HEADER_BYTES = 2 * Long.BYTES + Integer.BYTES;
    /** A batch that is longer holds no piece. */
    public static final int BATCH_BYTES_MAX = HEADER_BYTES + BODY_BYTES + 128;

    private MessagePiece() {}

    /** How many pieces a body has. */
    public static int count(int bodyBytes) {
        return (bodyBytes - 1) / BODY_BYTES + 1;
    }

    /** @param body read up to its limit; its position stays */
    public static ByteBuffer value(UUID message, int index, ByteBuffer body) {
        ByteBuffer value = ByteBuffer.allocate(HEADER_BYTES + body.remaining());
        value.putLong(message.getMostSignificantBits()).putLong(message.getLeastSignificantBits());
        return value.putInt(index).put(body.duplicate()).flip();
    }

    /** The message of a piece's value. */
    public static UUID message(ByteBuffer value) {
        int at = value.position();
        return new UUID(value.getLong(at), value.getLong(at + Long.BYTES));
    }

    public static int index(ByteBuffer value) {
        return value.getInt(value.position() + 2 * Long.BYTES);
    }

    public static ByteBuffer body(ByteBuffer value) {
        return value.slice(value.position() + HEADER_BYTES, value.remaining() - HEADER_BYTES);
    }

    /** The fault of what a client sends as a piece of a body, null when there is none. */
    public static String fault(ByteBuffer value, int bodyBytes) {
        if (value.remaining() < HEADER_BYTES) {
            return "a piece of " + value.remaining() + " bytes";
        }
        int last = count(bodyBytes) - 1;
        int index = index(value);
        if (index < 0 || index > last) {
            return "piece " + index + " of a body of " + bodyBytes + " bytes";
        }
        int wanted = index < last ? BODY_BYTES : bodyBytes - last * BODY_BYTES;
        int found = value.remaining() - HEADER_BYTES;
        return found == wanted ? null : "piece " + index + " has " + found + " bytes, not " + wanted;
    }

    /** The value of a batch that is a piece, as a slice; null for any other batch. */
    public static ByteBuffer of(RecordBatch batch) {
        if (!batch.control() || batch.hasProducerId() || batch.count() != 1) {
            return null;
        }
        try {
            RecordCursor cursor = new RecordCursor().open(batch, null);
            Record record = cursor.next() ? cursor.record() : null;
            if (record == null || !record.hasKey() || !record.hasValue()) {
                return null;
            }
            ByteBuffer key = record.key();
            boolean piece = key.remaining() == 2 * Short.BYTES
                    && key.getShort(key.position() + Short.BYTES) == ControlBatch.PIECE
                    && record.valueBytes() >= HEADER_BYTES;
            return piece ? record.value() : null;
        } catch (InvalidBatchException e) {
            return null;
        }
    }
}
