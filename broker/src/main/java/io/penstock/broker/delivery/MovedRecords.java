package io.penstock.broker.delivery;

import io.penstock.broker.partition.Partition;
import io.penstock.protocol.jms.JmsHeader;
import io.penstock.protocol.jms.LargeHead;
import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.HeaderCursor;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.protocol.record.RecordCursor;
import io.penstock.storage.log.LogSlice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.LongToIntFunction;

/**
 * Copies of records on their way to another destination: body, key, headers and message id as they were, without an
 * expiration, and with properties that tell where they come from and why (docs/mapping.md). Owner thread only; made for
 * one move.
 */
final class MovedRecords {
    /** A move ends with the record that reaches it. */
    private static final int BYTES_MAX = 1 << 20;

    private static final int READ_BYTES = 256 << 10;
    private static final int DECOMPRESSED_BYTES_MAX = 64 << 20;

    private static final String ORIGINAL_ADDRESS = "_AMQ_ORIG_ADDRESS";
    private static final String ORIGINAL_QUEUE = "_AMQ_ORIG_QUEUE";
    private static final String ACTUAL_EXPIRY = "_AMQ_ACTUAL_EXPIRY";
    private static final String REASON = "JMS_Penstock_Reason";
    private static final String ATTEMPTS = "JMS_Penstock_Attempts";
    private static final String ORIGIN = "JMS_Penstock_Origin";
    private static final Set<String> REPLACED =
            Set.of(ORIGINAL_ADDRESS, ORIGINAL_QUEUE, ACTUAL_EXPIRY, REASON, ATTEMPTS, ORIGIN, JmsHeader.EXPIRATION);

    private final Partition partition;
    private final String queue;
    private final MoveReason reason;
    private final long nowMillis;
    private final LongToIntFunction attempts;
    private final RecordBatchBuilder builder = new RecordBatchBuilder(4096);
    private int count;
    private long reached;
    /** The one record, when that is the head of a large message. */
    private LargeHead head;
    /** The next record is a head, which is moved alone. */
    private boolean headComes;

    /**
     * @param queue group from which they go
     * @param attempts how often the record at an offset was delivered
     */
    MovedRecords(Partition partition, String queue, MoveReason reason, long nowMillis, LongToIntFunction attempts) {
        this.partition = partition;
        this.queue = queue;
        this.reason = reason;
        this.nowMillis = nowMillis;
        this.attempts = attempts;
        builder.start(Compression.NONE, -1, (short) -1, -1);
    }

    /** Copies these, as far as the limit reaches: what of them lies below {@link #reached} was read. */
    void copy(OffsetRanges wanted) throws IOException {
        for (int i = 0; i < wanted.size() && hasRoom(); i++) {
            // One read may have brought records of several ranges.
            reached =
                    Math.max(reached, Math.max(wanted.first(i), partition.log().startOffset()));
            while (reached <= wanted.last(i) && hasRoom()) {
                if (!readFrom(reached, wanted)) {
                    reached = wanted.last(i) + 1;
                }
            }
        }
    }

    private boolean hasRoom() {
        return builder.sizeBytes() < BYTES_MAX && head == null && !headComes;
    }

    private boolean readFrom(long offset, OffsetRanges wanted) throws IOException {
        ByteBuffer bytes;
        try (LogSlice slice = partition.read(offset, READ_BYTES, false, true)) {
            if (slice.sizeBytes() == 0) {
                return false;
            }
            bytes = ByteBuffer.allocate(slice.sizeBytes());
            slice.readInto(bytes);
            bytes.flip();
        }
        RecordBatch batch = new RecordBatch();
        for (int at = 0; at < bytes.limit() && hasRoom(); at = batch.end()) {
            batch.wrap(bytes, at);
            if (!batch.control() && batch.lastOffset() >= offset) {
                copyBatch(batch, offset, wanted);
            } else {
                reached = Math.max(reached, batch.nextOffset());
            }
        }
        return true;
    }

    private void copyBatch(RecordBatch batch, long from, OffsetRanges wanted) {
        RecordCursor cursor = new RecordCursor().open(batch, DECOMPRESSED_BYTES_MAX);
        while (cursor.next()) {
            Record record = cursor.record();
            if (record.offset() >= from && wanted.contains(record.offset())) {
                if (batch.head() && count > 0) {
                    headComes = true;
                    reached = record.offset();
                    return;
                }
                head = LargeHead.of(batch);
                copy(record);
                if (!hasRoom()) {
                    reached = record.offset() + 1;
                    return;
                }
            }
        }
        reached = batch.nextOffset();
    }

    private void copy(Record record) {
        ByteBuffer key = record.key();
        byte[] keyBytes = key == null ? null : new byte[key.remaining()];
        if (key != null) {
            key.get(keyBytes);
        }
        builder.beginRecord(record.timestamp()).key(keyBytes).value(record.value());
        boolean named = false;
        HeaderCursor headers = record.headers();
        while (headers.next()) {
            String name = headers.name();
            if (REPLACED.contains(name)) {
                continue;
            }
            if (head != null && (name.equals(JmsHeader.LARGE) || name.equals(JmsHeader.PIECES))) {
                continue; // Its pieces will lie elsewhere.
            }
            named |= name.equals(JmsHeader.MESSAGE_ID);
            if (name.equals(JmsHeader.TYPES) && headers.hasValue()) {
                builder.header(name, withTypes(headers.valueText()));
            } else {
                builder.header(name.getBytes(StandardCharsets.UTF_8), bytes(headers));
            }
        }
        String origin = partition.topicName() + "-" + partition.index();
        if (!named) {
            builder.header(JmsHeader.MESSAGE_ID, "ID:" + origin + "-" + record.offset());
        }
        builder.header(ORIGINAL_ADDRESS, partition.topicName());
        builder.header(ORIGINAL_QUEUE, queue);
        builder.header(REASON, reason.word());
        builder.header(ATTEMPTS, Integer.toString(attempts.applyAsInt(record.offset())));
        builder.header(ORIGIN, origin + "@" + record.offset());
        if (reason == MoveReason.EXPIRED) {
            builder.header(ACTUAL_EXPIRY, Long.toString(nowMillis));
        }
        builder.endRecord();
        count++;
    }

    private String withTypes(String types) {
        String more = ATTEMPTS + "=int" + (reason == MoveReason.EXPIRED ? "," + ACTUAL_EXPIRY + "=long" : "");
        return types + (types.indexOf(';') < 0 ? ";" : types.endsWith(";") ? "" : ",") + more;
    }

    private static byte[] bytes(HeaderCursor headers) {
        if (!headers.hasValue()) {
            return null;
        }
        ByteBuffer value = headers.value();
        byte[] bytes = new byte[value.remaining()];
        value.get(bytes);
        return bytes;
    }

    int count() {
        return count;
    }

    /** What the one record was the head of, if it was one: its copy does not name the pieces. */
    LargeHead head() {
        return head;
    }

    /** First offset that was not looked at. */
    long reached() {
        return reached;
    }

    /** The builder's own bytes. */
    ByteBuffer batch() {
        return builder.build();
    }
}
