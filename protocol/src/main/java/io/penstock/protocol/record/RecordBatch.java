package io.penstock.protocol.record;

import io.penstock.protocol.record.InvalidBatchException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * A record batch where it lies in a buffer: a flyweight that is wrapped around one batch after another and copies
 * nothing. Big-endian, Kafka's magic 2:
 *
 * <pre>
 *   0  int64 baseOffset             27  int64 baseTimestamp
 *   8  int32 length (from 12 on)    35  int64 maxTimestamp
 *  12  int32 partitionLeaderEpoch   43  int64 producerId
 *  16  int8  magic = 2              51  int16 producerEpoch
 *  17  uint32 crc32c (from 21 on)   53  int32 baseSequence
 *  21  int16 attributes             57  int32 count
 *  23  int32 lastOffsetDelta        61  records, compressed together when the attributes say so
 *
 * attributes: 0-2 compression | 3 timestamps are the log's | 4 transactional | 5 control | 6 delete horizon is set
 *             12 ours: the one record is the head of a large message, whose body lies before it in pieces
 *             13 ours: in order, no record has a priority, a delivery time or a key
 *             14 ours: plain, no record has a header that asks the broker to look at it before delivery
 * </pre>
 *
 * Base offset and leader epoch lie outside of the checksum, so a leader sets them in place. Not for several threads.
 */
public final class RecordBatch {
    /** Bytes before the records. */
    public static final int HEADER_BYTES = 61;
    /** Base offset and length, which {@code length} does not count. */
    public static final int LENGTH_OVERHEAD_BYTES = 12;

    public static final byte MAGIC = 2;
    public static final long NO_PRODUCER_ID = -1;
    public static final short NO_PRODUCER_EPOCH = -1;
    public static final int NO_SEQUENCE = -1;
    public static final long NO_TIMESTAMP = -1;

    static final int LENGTH_AT = 8;
    static final int LEADER_EPOCH_AT = 12;
    static final int MAGIC_AT = 16;
    static final int CRC_AT = 17;
    static final int ATTRIBUTES_AT = 21;
    static final int LAST_OFFSET_DELTA_AT = 23;
    static final int BASE_TIMESTAMP_AT = 27;
    static final int MAX_TIMESTAMP_AT = 35;
    static final int PRODUCER_ID_AT = 43;
    static final int PRODUCER_EPOCH_AT = 51;
    static final int BASE_SEQUENCE_AT = 53;
    static final int COUNT_AT = 57;

    static final int COMPRESSION_MASK = 0x07;
    static final int LOG_APPEND_TIME_BIT = 0x08;
    static final int TRANSACTIONAL_BIT = 0x10;
    static final int CONTROL_BIT = 0x20;
    static final int DELETE_HORIZON_BIT = 0x40;
    static final int IN_ORDER_BIT = 0x2000;
    static final int PLAIN_BIT = 0x4000;
    static final int HEAD_BIT = 0x1000;
    static final int KNOWN_ATTRIBUTES = 0x7f | HEAD_BIT | IN_ORDER_BIT | PLAIN_BIT;

    private ByteBuffer buffer;
    private int at;
    private int sizeBytes;

    /** Around the batch at the buffer's position. */
    public static RecordBatch of(ByteBuffer buffer) {
        return new RecordBatch().wrap(buffer, buffer.position());
    }

    /**
     * Size of the batch that begins at {@code position}, overhead included, from its length field alone; the batch may
     * reach beyond the buffer.
     *
     * @return -1 when not even the length is there
     * @throws InvalidBatchException when no batch can have that length
     */
    public static int sizeAt(ByteBuffer buffer, int position) {
        if (buffer.limit() - position < LENGTH_OVERHEAD_BYTES) {
            return -1;
        }
        int length = buffer.getInt(position + LENGTH_AT);
        if (length < HEADER_BYTES - LENGTH_OVERHEAD_BYTES || length > Integer.MAX_VALUE - LENGTH_OVERHEAD_BYTES) {
            throw InvalidBatchException.corrupt("batch length is " + length);
        }
        return length + LENGTH_OVERHEAD_BYTES;
    }

    /**
     * Around the batch that begins at {@code position}. The buffer's own position is neither used nor moved afterwards.
     *
     * @param buffer big-endian
     * @throws InvalidBatchException when the buffer ends before the batch does, or the magic is not 2; nothing else is
     *     checked
     */
    public RecordBatch wrap(ByteBuffer buffer, int position) {
        if (buffer.order() != ByteOrder.BIG_ENDIAN) {
            throw new IllegalArgumentException("batches are big-endian");
        }
        int size = sizeAt(buffer, position);
        if (buffer.limit() - position > MAGIC_AT) {
            byte magic = buffer.get(position + MAGIC_AT);
            if (magic == 0 || magic == 1) {
                throw new InvalidBatchException(Reason.OLD_MAGIC, "magic is " + magic + "; only 2 is supported");
            } else if (magic != MAGIC) {
                throw InvalidBatchException.corrupt("magic is " + magic);
            }
        }
        if (size < 0 || size > buffer.limit() - position) {
            throw InvalidBatchException.invalid("batch of " + (size < 0 ? "unknown" : size) + " bytes, "
                    + (buffer.limit() - position) + " bytes are there");
        }
        this.buffer = buffer;
        this.at = position;
        this.sizeBytes = size;
        return this;
    }

    public ByteBuffer buffer() {
        return buffer;
    }

    /** Where in {@link #buffer} the batch begins. */
    public int position() {
        return at;
    }

    /** The whole batch, header and overhead included. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /** Position behind the batch. */
    public int end() {
        return at + sizeBytes;
    }

    public long baseOffset() {
        return buffer.getLong(at);
    }

    public void baseOffset(long offset) {
        buffer.putLong(at, offset);
    }

    public int partitionLeaderEpoch() {
        return buffer.getInt(at + LEADER_EPOCH_AT);
    }

    public void partitionLeaderEpoch(int epoch) {
        buffer.putInt(at + LEADER_EPOCH_AT, epoch);
    }

    /** The checksum that is stored, unsigned. */
    public long crc() {
        return buffer.getInt(at + CRC_AT) & 0xffff_ffffL;
    }

    public boolean crcFits() {
        return crc() == computedCrc();
    }

    private long computedCrc() {
        CRC32C crc = new CRC32C();
        crc.update(buffer.slice(at + ATTRIBUTES_AT, sizeBytes - ATTRIBUTES_AT));
        return crc.getValue();
    }

    short attributes() {
        return buffer.getShort(at + ATTRIBUTES_AT);
    }

    /** @throws InvalidBatchException for a type that does not exist */
    public Compression compression() {
        return Compression.of(attributes() & COMPRESSION_MASK);
    }

    /** Whether all records have the time at which they were appended, {@link #maxTimestamp}. */
    public boolean logAppendTime() {
        return (attributes() & LOG_APPEND_TIME_BIT) != 0;
    }

    public boolean transactional() {
        return (attributes() & TRANSACTIONAL_BIT) != 0;
    }

    public boolean control() {
        return (attributes() & CONTROL_BIT) != 0;
    }

    /**
     * Whether the writer vouches that no record has a header that matters to delivery (JMSExpiration, or a JMSDeliveryMode
     * other than persistent), so that the batch may be handed on unread. Kafka's clients ignore the bit and never set
     * it; what was rewritten without it is only looked at needlessly.
     */
    public boolean plain() {
        return (attributes() & PLAIN_BIT) != 0;
    }

    /**
     * Whether the writer vouches that nothing but their offsets orders the records, and that none expires (no JMSPriority, no
     * JMSDeliveryTime, no JMSExpiration, no key), so that they need not be looked at before their turn. Kafka's clients ignore the bit and never set it.
     */
    public boolean inOrder() {
        return (attributes() & IN_ORDER_BIT) != 0;
    }

    /** Whether the one record of the batch is the head of a large message. Kafka's clients ignore the bit. */
    public boolean head() {
        return (attributes() & HEAD_BIT) != 0;
    }

    public int lastOffsetDelta() {
        return buffer.getInt(at + LAST_OFFSET_DELTA_AT);
    }

    public long lastOffset() {
        return baseOffset() + lastOffsetDelta();
    }

    public long nextOffset() {
        return lastOffset() + 1;
    }

    public long baseTimestamp() {
        return buffer.getLong(at + BASE_TIMESTAMP_AT);
    }

    public long maxTimestamp() {
        return buffer.getLong(at + MAX_TIMESTAMP_AT);
    }

    public long producerId() {
        return buffer.getLong(at + PRODUCER_ID_AT);
    }

    public boolean hasProducerId() {
        return producerId() != NO_PRODUCER_ID;
    }

    public short producerEpoch() {
        return buffer.getShort(at + PRODUCER_EPOCH_AT);
    }

    public int baseSequence() {
        return buffer.getInt(at + BASE_SEQUENCE_AT);
    }

    /** Sequence of the last record; sequences go on at 0 after {@link Integer#MAX_VALUE}. */
    public int lastSequence() {
        int base = baseSequence();
        return base == NO_SEQUENCE ? NO_SEQUENCE : sequenceAfter(base, lastOffsetDelta());
    }

    /** The sequence that lies {@code steps} behind {@code sequence}. */
    public static int sequenceAfter(int sequence, int steps) {
        return sequence > Integer.MAX_VALUE - steps ? steps - (Integer.MAX_VALUE - sequence) - 1 : sequence + steps;
    }

    /** Records in the batch; fewer than offsets in a compacted one. */
    public int count() {
        return buffer.getInt(at + COUNT_AT);
    }

    /** Makes {@code millis} the time of all records, and the checksum fit again. */
    public void stampLogAppendTime(long millis) {
        buffer.putShort(at + ATTRIBUTES_AT, (short) (attributes() | LOG_APPEND_TIME_BIT));
        buffer.putLong(at + MAX_TIMESTAMP_AT, millis);
        buffer.putInt(at + CRC_AT, (int) computedCrc());
    }

    /** The batch's bytes, not copied. */
    public ByteBuffer slice() {
        return buffer.slice(at, sizeBytes);
    }

    /** The bytes behind the header, as they lie. */
    ByteBuffer recordBytes() {
        return buffer.slice(at + HEADER_BYTES, sizeBytes - HEADER_BYTES);
    }

    @Override
    public String toString() {
        return "RecordBatch[" + baseOffset() + ".." + lastOffset() + ", " + count() + " records, " + sizeBytes
                + " bytes, producer " + producerId() + "/" + producerEpoch() + "/" + baseSequence() + ", epoch "
                + partitionLeaderEpoch() + "]";
    }
}
