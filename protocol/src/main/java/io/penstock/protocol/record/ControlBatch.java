package io.penstock.protocol.record;

import java.nio.ByteBuffer;

/** Batches that tell something about the log, which readers skip. The key is {@code int16 version | int16 type}. */
public final class ControlBatch {
    public static final short ABORT = 0;
    public static final short COMMIT = 1;

    private static final short VERSION = 0;
    private static final int BYTES = 128;

    private ControlBatch() {}

    /** The marker that ends a Kafka transaction in a partition. */
    public static ByteBuffer endOfTransaction(
            boolean commit, long producerId, short producerEpoch, int coordinatorEpoch, long timestampMillis) {
        byte[] value = ByteBuffer.allocate(Short.BYTES + Integer.BYTES)
                .putShort(VERSION)
                .putInt(coordinatorEpoch)
                .array();
        RecordBatchBuilder builder = new RecordBatchBuilder(BYTES);
        builder.start(Compression.NONE, producerId, producerEpoch, RecordBatch.NO_SEQUENCE)
                .transactional();
        return build(builder, commit ? COMMIT : ABORT, value, timestampMillis);
    }

    /** A batch of a type of our own, without a producer. */
    public static ByteBuffer of(short type, byte[] value, long timestampMillis) {
        RecordBatchBuilder builder = new RecordBatchBuilder(BYTES + value.length);
        builder.start(Compression.NONE);
        return build(builder, type, value, timestampMillis);
    }

    private static ByteBuffer build(RecordBatchBuilder builder, short type, byte[] value, long timestampMillis) {
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
            throw InvalidBatchException.corrupt("a control batch without a type: " + batch);
        }
        return cursor.record().key().getShort(Short.BYTES);
    }
}
