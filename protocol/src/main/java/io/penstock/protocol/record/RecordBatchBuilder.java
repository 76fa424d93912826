package io.penstock.protocol.record;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Writes records one after another into a batch, in one pass and without an object for a record. Reused: {@link #start},
 * then for each record {@link #beginRecord}, key, value, headers, {@link #endRecord}; then {@link #build}.
 *
 * <p>Length prefixes that are not known beforehand get as many bytes as the last record's, and the record is moved by
 * a byte or two in the rare case that this was wrong; so numbers have their shortest form, as Kafka writes them.
 *
 * <p>Not for several threads.
 */
public final class RecordBatchBuilder {
    private static final int RECORDS_AT = RecordBatch.HEADER_BYTES;
    private static final int BYTES_MAX = Integer.MAX_VALUE - 16;

    private enum Step {
        NO_BATCH,
        BATCH,
        KEY,
        VALUE,
        HEADERS
    }

    private byte[] bytes;
    private int end;
    private Step step = Step.NO_BATCH;

    private Compression compression;
    private int attributes;
    private long producerId;
    private short producerEpoch;
    private int baseSequence;

    private int count;
    private int lastOffsetDelta;
    private long baseOffset;
    private long baseTimestamp;
    private long maxTimestamp;

    private int recordAt;
    private int lastOffsetDeltaBefore;
    private int lengthBytes = 1;
    private int headerCountAt;
    private int headerCount;

    public RecordBatchBuilder(int initialBytes) {
        this.bytes = new byte[Math.max(256, initialBytes)];
    }

    /** Begins a batch without a producer id; what was written before is forgotten. */
    public RecordBatchBuilder start(Compression compression) {
        return start(compression, RecordBatch.NO_PRODUCER_ID, RecordBatch.NO_PRODUCER_EPOCH, RecordBatch.NO_SEQUENCE);
    }

    /** Begins a batch of an idempotent producer; what was written before is forgotten. */
    public RecordBatchBuilder start(Compression compression, long producerId, short producerEpoch, int baseSequence) {
        this.compression = compression;
        this.attributes = compression.id();
        this.producerId = producerId;
        this.producerEpoch = producerEpoch;
        this.baseSequence = baseSequence;
        this.baseOffset = 0;
        this.count = 0;
        this.lastOffsetDelta = -1;
        this.end = RECORDS_AT;
        this.step = Step.BATCH;
        return this;
    }

    /** The batch belongs to a Kafka transaction. */
    public RecordBatchBuilder transactional() {
        attributes |= RecordBatch.TRANSACTIONAL_BIT;
        return this;
    }

    /**
     * No record of the batch has a header that matters to delivery, or a key ({@link RecordBatch#plain},
     * {@link RecordBatch#inOrder}), but those of which {@link #notPlain} and {@link #notInOrder} tell.
     */
    public RecordBatchBuilder plain() {
        attributes |= RecordBatch.PLAIN_BIT | RecordBatch.IN_ORDER_BIT;
        return this;
    }

    /** A record is NON_PERSISTENT. */
    public void notPlain() {
        attributes &= ~RecordBatch.PLAIN_BIT;
    }

    /** A record has a priority, a delivery time, an expiration or a key. */
    public void notInOrder() {
        attributes &= ~(RecordBatch.PLAIN_BIT | RecordBatch.IN_ORDER_BIT);
    }

    /** The batch holds the head of a large message and nothing else: see {@link RecordBatch#head}. */
    public RecordBatchBuilder head() {
        attributes |= RecordBatch.HEAD_BIT;
        return this;
    }

    RecordBatchBuilder control() {
        attributes |= RecordBatch.CONTROL_BIT;
        return this;
    }

    /** The offset that the first record is to have; 0 unless told, and set by the leader anyway. */
    public RecordBatchBuilder baseOffset(long offset) {
        this.baseOffset = offset;
        return this;
    }

    /** Sequence of the batch's first record, for who knows it only when the batch is sent. */
    public RecordBatchBuilder baseSequence(int sequence) {
        this.baseSequence = sequence;
        return this;
    }

    public int count() {
        return count;
    }

    /** Bytes of the batch as it is now, before compression. */
    public int sizeBytes() {
        return end;
    }

    public RecordBatchBuilder beginRecord(long timestampMillis) {
        return beginRecord(timestampMillis, lastOffsetDelta + 1);
    }

    /** @param offsetDelta more than the last record's; gaps are what compaction leaves */
    public RecordBatchBuilder beginRecord(long timestampMillis, int offsetDelta) {
        expect(Step.BATCH);
        if (offsetDelta <= lastOffsetDelta) {
            throw new IllegalArgumentException("offset delta " + offsetDelta + " after " + lastOffsetDelta);
        }
        if (count == 0) {
            baseTimestamp = timestampMillis;
            maxTimestamp = timestampMillis;
        } else {
            maxTimestamp = Math.max(maxTimestamp, timestampMillis);
        }
        ensure(2 * Varint.INT_BYTES_MAX + Varint.LONG_BYTES_MAX + 1);
        recordAt = end;
        end += lengthBytes;
        bytes[end++] = 0;
        end = Varint.write(bytes, end, timestampMillis - baseTimestamp);
        end = Varint.write(bytes, end, offsetDelta);
        lastOffsetDeltaBefore = lastOffsetDelta;
        lastOffsetDelta = offsetDelta;
        step = Step.KEY;
        return this;
    }

    /** @param key null for none */
    public RecordBatchBuilder key(byte[] key) {
        expect(Step.KEY);
        field(key);
        step = Step.VALUE;
        return this;
    }

    /** @param value null for none */
    public RecordBatchBuilder value(byte[] value) {
        return value == null ? noValue() : value(value, 0, value.length);
    }

    public RecordBatchBuilder value(byte[] value, int from, int length) {
        beginValue(length);
        System.arraycopy(value, from, bytes, end, length);
        end += length;
        return beginHeaders();
    }

    /** @param value null for none; its position stays */
    public RecordBatchBuilder value(ByteBuffer value) {
        if (value == null) {
            return noValue();
        }
        int length = value.remaining();
        beginValue(length);
        value.get(value.position(), bytes, end, length);
        end += length;
        return beginHeaders();
    }

    private RecordBatchBuilder noValue() {
        beginValue(Record.NULL);
        return beginHeaders();
    }

    private void beginValue(int length) {
        expect(Step.VALUE);
        ensure((long) Math.max(0, length) + 2 * Varint.INT_BYTES_MAX);
        end = Varint.write(bytes, end, length);
    }

    private RecordBatchBuilder beginHeaders() {
        headerCountAt = end++; // One byte holds up to 63 headers; endRecord makes room for more.
        headerCount = 0;
        step = Step.HEADERS;
        return this;
    }

    public RecordBatchBuilder header(String name, String value) {
        return header(
                name.getBytes(StandardCharsets.UTF_8), value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    /** @param value null for none */
    public RecordBatchBuilder header(byte[] name, byte[] value) {
        expect(Step.HEADERS);
        headerCount++;
        field(name);
        field(value);
        return this;
    }

    /** A header whose value is the number in decimal digits. */
    public RecordBatchBuilder header(byte[] name, long value) {
        if (value < 0) {
            return header(name, Long.toString(value).getBytes(StandardCharsets.ISO_8859_1));
        }
        expect(Step.HEADERS);
        headerCount++;
        field(name);
        int digits = 1;
        for (long rest = value / 10; rest != 0; rest /= 10) {
            digits++;
        }
        ensure(digits + Varint.INT_BYTES_MAX);
        end = Varint.write(bytes, end, digits);
        long rest = value;
        for (int at = end + digits - 1; at >= end; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        end += digits;
        return this;
    }

    public void endRecord() {
        expect(Step.HEADERS);
        int countBytes = Varint.bytes(headerCount);
        if (countBytes > 1) {
            moveTail(headerCountAt + 1, countBytes - 1);
        }
        Varint.write(bytes, headerCountAt, headerCount);
        int length = end - recordAt - lengthBytes;
        int needed = Varint.bytes(length);
        if (needed != lengthBytes) {
            moveTail(recordAt + lengthBytes, needed - lengthBytes);
            lengthBytes = needed;
        }
        Varint.write(bytes, recordAt, length);
        count++;
        step = Step.BATCH;
    }

    /** Forgets the record that was begun, after something went wrong in the middle of it. */
    public void abandonRecord() {
        if (step != Step.NO_BATCH && step != Step.BATCH) {
            end = recordAt;
            lastOffsetDelta = lastOffsetDeltaBefore;
            step = Step.BATCH;
        }
    }

    /** Takes the record out again that was ended last, say because it is too large; only once. */
    public void removeLastRecord() {
        expect(Step.BATCH);
        if (count == 0 || end == recordAt) {
            throw new IllegalStateException("there is no record to remove");
        }
        end = recordAt;
        lastOffsetDelta = lastOffsetDeltaBefore;
        count--;
    }

    /**
     * Ends the batch.
     *
     * @return the builder's own bytes, valid until the next {@link #start}
     * @throws IllegalStateException without a record
     */
    public ByteBuffer build() {
        expect(Step.BATCH);
        if (count == 0) {
            throw new IllegalStateException("a batch has at least one record");
        }
        if (compression != Compression.NONE) {
            byte[] compressed = CompressedOutput.compress(compression, bytes, RECORDS_AT, end - RECORDS_AT);
            end = RECORDS_AT;
            ensure(compressed.length);
            System.arraycopy(compressed, 0, bytes, RECORDS_AT, compressed.length);
            end = RECORDS_AT + compressed.length;
        }
        ByteBuffer batch = ByteBuffer.wrap(bytes, 0, end).slice();
        batch.putLong(0, baseOffset)
                .putInt(RecordBatch.LENGTH_AT, end - RecordBatch.LENGTH_OVERHEAD_BYTES)
                .putInt(RecordBatch.LEADER_EPOCH_AT, -1)
                .put(RecordBatch.MAGIC_AT, RecordBatch.MAGIC)
                .putShort(RecordBatch.ATTRIBUTES_AT, (short) attributes)
                .putInt(RecordBatch.LAST_OFFSET_DELTA_AT, lastOffsetDelta)
                .putLong(RecordBatch.BASE_TIMESTAMP_AT, baseTimestamp)
                .putLong(RecordBatch.MAX_TIMESTAMP_AT, maxTimestamp)
                .putLong(RecordBatch.PRODUCER_ID_AT, producerId)
                .putShort(RecordBatch.PRODUCER_EPOCH_AT, producerEpoch)
                .putInt(RecordBatch.BASE_SEQUENCE_AT, baseSequence)
                .putInt(RecordBatch.COUNT_AT, count);
        CRC32C crc = new CRC32C();
        crc.update(bytes, RecordBatch.ATTRIBUTES_AT, end - RecordBatch.ATTRIBUTES_AT);
        batch.putInt(RecordBatch.CRC_AT, (int) crc.getValue());
        step = Step.NO_BATCH;
        return batch;
    }

    private void field(byte[] value) {
        int length = value == null ? Record.NULL : value.length;
        ensure((long) Math.max(0, length) + Varint.INT_BYTES_MAX);
        end = Varint.write(bytes, end, length);
        if (value != null) {
            System.arraycopy(value, 0, bytes, end, length);
            end += length;
        }
    }

    private void moveTail(int from, int by) {
        ensure(Math.max(0, by));
        System.arraycopy(bytes, from, bytes, from + by, end - from);
        end += by;
    }

    private void ensure(long more) {
        long needed = end + more;
        if (needed > bytes.length) {
            if (needed > BYTES_MAX) {
                throw new IllegalStateException("a batch of more than " + BYTES_MAX + " bytes");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(BYTES_MAX, Math.max(needed, bytes.length * 2L)));
        }
    }

    private void expect(Step expected) {
        if (step != expected) {
            throw new IllegalStateException("at step " + step + ", not " + expected);
        }
    }
}
