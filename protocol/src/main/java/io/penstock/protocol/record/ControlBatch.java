package io.penstock.protocol.record;

import java.nio.ByteBuffer;

/** Batches that tell something about the log, which readers skip. The key is {@code int16 version | int16 type}. */
public final class ControlBatch {
    public static final short ABORT = 0;
    public static final short COMMIT = 1;
    /** Part of a large message's body; Kafka's own types end far below. */
    public static final short PIECE = 100;

    private static final short VERSION = 0;
    private static final int BYTES = 128;
    /** Version and coordinator epoch, as Kafka has them; behind them come our two offsets. */
    private static final int KAFKA_MARKER_BYTES = Short.BYTES + Integer.BYTES;

    /**
     * What the marker that ends a Kafka transaction says.
     *
     * @param firstOffset where the transaction began in this partition; -1 when nothing of it is here
     * @param stableOffset nothing that began below is undecided behind the marker; -1 where unknown
     */
    public record EndOfTransaction(boolean commit, int coordinatorEpoch, long firstOffset, long stableOffset) {}

    private ControlBatch() {}

    /**
     * The marker that ends a Kafka transaction in a partition. Kafka's readers look at the key alone; what follows the
     * coordinator's epoch in the value is ours, so that what a marker means can be told without the batches before it.
     *
     * <pre>
     * value: version i16 | coordinator epoch i32 | first offset i64 | stable offset i64
     * </pre>
     */
    public static ByteBuffer endOfTransaction(
            long producerId, short producerEpoch, EndOfTransaction end, long timestampMillis) {
        byte[] value = ByteBuffer.allocate(KAFKA_MARKER_BYTES + 2 * Long.BYTES)
                .putShort(VERSION)
                .putInt(end.coordinatorEpoch())
                .putLong(end.firstOffset())
                .putLong(end.stableOffset())
                .array();
        RecordBatchBuilder builder = new RecordBatchBuilder(BYTES);
        builder.start(Compression.NONE, producerId, producerEpoch, RecordBatch.NO_SEQUENCE)
                .transactional();
        return build(builder, end.commit() ? COMMIT : ABORT, value, timestampMillis);
    }

    /**
     * Reads the marker of a control batch with a producer.
     *
     * @return null when it is a control batch of another kind
     * @throws InvalidBatchException when it cannot be read
     */
    public static EndOfTransaction endOfTransaction(RecordBatch batch) {
        RecordCursor cursor = new RecordCursor().open(batch, batch.sizeBytes());
        if (!cursor.next() || !cursor.record().hasKey()) {
            throw InvalidBatchException.corrupt("a control batch without a type: " + batch);
        }
        ByteBuffer key = cursor.record().key();
        ByteBuffer value = cursor.record().value();
        short type = key.remaining() < 2 * Short.BYTES ? -1 : key.getShort(key.position() + Short.BYTES);
        if (type != COMMIT && type != ABORT) {
            return null;
        }
        if (value == null || value.remaining() < KAFKA_MARKER_BYTES) {
            throw InvalidBatchException.corrupt("a marker without a coordinator's epoch: " + batch);
        }
        value.getShort();
        int coordinatorEpoch = value.getInt();
        boolean ours = value.remaining() >= 2 * Long.BYTES;
        return new EndOfTransaction(
                type == COMMIT, coordinatorEpoch, ours ? value.getLong() : -1, ours ? value.getLong() : -1);
    }

    /** A batch of a type of our own, without a producer. */
    public static ByteBuffer of(short type, byte[] value, long timestampMillis) {
        RecordBatchBuilder builder = new RecordBatchBuilder(BYTES + value.length);
        builder.start(Compression.NONE);
        return build(builder, type, value, timestampMillis);
    }

    /** As above; the value's position stays. */
    public static ByteBuffer of(short type, ByteBuffer value, long timestampMillis) {
        RecordBatchBuilder builder = new RecordBatchBuilder(BYTES + value.remaining());
        builder.start(Compression.NONE);
        return build(builder, type, value, timestampMillis);
    }

    private static ByteBuffer build(RecordBatchBuilder builder, short type, byte[] value, long timestampMillis) {
        return build(builder, type, ByteBuffer.wrap(value), timestampMillis);
    }

    private static ByteBuffer build(RecordBatchBuilder builder, short type, ByteBuffer value, long timestampMillis) {
        byte[] key = ByteBuffer.allocate(2 * Short.BYTES)
                .putShort(VERSION)
                .putShort(type)
                .array();
        builder.control().beginRecord(timestampMillis).key(key).value(value).endRecord();
        return builder.build();
    }

    /**
     * The type of a control batch.
     *
     * @throws InvalidBatchException when the batch has no record with a control key
     */
    public static short typeOf(RecordBatch batch) {
        RecordCursor cursor = new RecordCursor().open(batch, BYTES);
        if (!cursor.next() || !cursor.record().hasKey() || cursor.record().key().remaining() < 2 * Short.BYTES) {
            throw InvalidBatchException.invalid("a control batch without a type: " + batch);
        }
        return cursor.record().key().getShort(Short.BYTES);
    }
}
