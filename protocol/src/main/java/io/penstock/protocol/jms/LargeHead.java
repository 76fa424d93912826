package io.penstock.protocol.jms;

import io.penstock.protocol.record.HeaderCursor;
import io.penstock.protocol.record.MessagePiece;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.protocol.record.RecordCursor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the head of a large message says of its body, in two headers of a record whose value is empty. The pieces lie in
 * the head's partition, before it. Immutable.
 *
 * <pre>
 * penstock.large   bytes=104857600;crc32c=0a1b2c3d;pieces=402;first=1234;message=UUID
 * penstock.pieces  for each piece its offset less that of the piece before (of the first: less "first"), zigzag varint
 * </pre>
 *
 * @param crc32c of the whole body
 * @param offsets of the pieces, by index; after an interruption of the sender they need not ascend
 */
public record LargeHead(UUID message, int bodyBytes, int crc32c, long[] offsets) {
    private static final byte[] LARGE = JmsHeader.bytes(JmsHeader.LARGE);
    private static final byte[] PIECES = JmsHeader.bytes(JmsHeader.PIECES);
    private static final int VARINT_BYTES_MAX = 10;
    private static final int TEXT_BYTES_MAX = 200;
    private static final Pattern TEXT = Pattern.compile(
            "bytes=(\\d{1,10});crc32c=([0-9a-f]{8});pieces=(\\d{1,6});first=(\\d{1,19});message=([0-9a-f-]{36})");

    /** The least offset of its pieces. */
    public long first() {
        long first = Long.MAX_VALUE;
        for (long offset : offsets) {
            first = Math.min(first, offset);
        }
        return first;
    }

    /** Writes the two headers. */
    public void writeTo(RecordBatchBuilder dst) {
        long first = first();
        dst.header(
                LARGE,
                String.format(
                                "bytes=%d;crc32c=%08x;pieces=%d;first=%d;message=%s",
                                bodyBytes, crc32c, offsets.length, first, message)
                        .getBytes(StandardCharsets.US_ASCII));
        ByteBuffer deltas = ByteBuffer.allocate(VARINT_BYTES_MAX * offsets.length);
        long before = first;
        for (long offset : offsets) {
            long delta = offset - before;
            long zigzag = delta << 1 ^ delta >> 63;
            for (; (zigzag & ~0x7fL) != 0; zigzag >>>= 7) {
                deltas.put((byte) (zigzag | 0x80));
            }
            deltas.put((byte) zigzag);
            before = offset;
        }
        byte[] pieces = new byte[deltas.flip().remaining()];
        deltas.get(pieces);
        dst.header(PIECES, pieces);
    }

    /** The head that a batch says it has. @return null when it has none, or one that nobody can read */
    public static LargeHead of(RecordBatch batch) {
        if (!batch.head()) {
            return null;
        }
        try {
            RecordCursor cursor = new RecordCursor().open(batch, TEXT_BYTES_MAX);
            return cursor.next() ? of(cursor.record()) : null;
        } catch (RuntimeException e) {
            return null; // A batch that cannot be read has no head.
        }
    }

    /** @return null when the record is no head, or one that nobody can read */
    public static LargeHead of(Record record) {
        String text = null;
        ByteBuffer pieces = null;
        HeaderCursor headers = record.headers();
        while (headers.next()) {
            if (headers.nameEquals(LARGE) && headers.hasValue() && headers.valueBytes() <= TEXT_BYTES_MAX) {
                text = headers.valueText();
            } else if (headers.nameEquals(PIECES) && headers.hasValue()) {
                pieces = headers.value();
            }
        }
        Matcher fields = text == null ? null : TEXT.matcher(text);
        if (pieces == null || fields == null || !fields.matches()) {
            return null;
        }
        try {
            int count = Integer.parseInt(fields.group(3));
            int bytes = Integer.parseInt(fields.group(1));
            if (bytes <= 0 || count != MessagePiece.count(bytes) || count > pieces.remaining()) {
                return null;
            }
            long first = Long.parseLong(fields.group(4));
            long[] offsets = offsets(pieces, count, first);
            int crc = Integer.parseUnsignedInt(fields.group(2), 16);
            LargeHead head =
                    offsets == null ? null : new LargeHead(UUID.fromString(fields.group(5)), bytes, crc, offsets);
            return head != null && head.first() == first ? head : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static long[] offsets(ByteBuffer pieces, int count, long first) {
        long[] offsets = new long[count];
        long before = first;
        for (int i = 0; i < count; i++) {
            long zigzag = 0;
            for (int shift = 0; ; shift += 7) {
                if (!pieces.hasRemaining() || shift > 63) {
                    return null;
                }
                byte next = pieces.get();
                zigzag |= (next & 0x7fL) << shift;
                if (next >= 0) {
                    break;
                }
            }
            before += zigzag >>> 1 ^ -(zigzag & 1);
            if (before < first) {
                return null;
            }
            offsets[i] = before;
        }
        return pieces.hasRemaining() ? null : offsets;
    }

    /** Arrays compare by what they hold. */
    @Override
    public boolean equals(Object other) {
        return other instanceof LargeHead head
                && message.equals(head.message)
                && bodyBytes == head.bodyBytes
                && crc32c == head.crc32c
                && java.util.Arrays.equals(offsets, head.offsets);
    }

    @Override
    public int hashCode() {
        return message.hashCode();
    }

    @Override
    public String toString() {
        return "LargeHead[" + message + ", " + bodyBytes + " bytes in " + offsets.length + " pieces from " + first()
                + "]";
    }
}
