package io.penstock.broker.group;

import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.ControlBatch;
import io.penstock.protocol.record.InvalidBatchException;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.protocol.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * Group records in record batches: not compressed, one batch for what must be kept together. Offsets of a Kafka
 * transaction are in a transactional batch of its producer, and count when the producer's marker follows.
 */
final class GroupBatch {
    private static final int BUILDER_BYTES = 1024;
    private static final int DECOMPRESSED_BYTES_MAX = 64 * 1024 * 1024;

    private GroupBatch() {}

    static ByteBuffer encode(List<GroupRecord> records, long timestampMillis) {
        RecordBatchBuilder builder = new RecordBatchBuilder(BUILDER_BYTES);
        if (!records.isEmpty() && records.get(0) instanceof GroupRecord.Pending first) {
            builder.start(Compression.NONE, first.producerId(), first.producerEpoch(), RecordBatch.NO_SEQUENCE)
                    .transactional();
        } else {
            builder.start(Compression.NONE);
        }
        for (GroupRecord record : records) {
            builder.beginRecord(timestampMillis)
                    .key(GroupRecordCodec.key(record))
                    .value(GroupRecordCodec.value(record))
                    .endRecord();
        }
        return builder.build();
    }

    /**
     * Reads whole batches that the log has checked already.
     *
     * @return the offset after the last batch, or -1 when there is none
     * @throws IOException when a record is not one that this broker writes
     */
    static long decode(ByteBuffer batches, Consumer<GroupRecord> records) throws IOException {
        RecordCursor cursor = new RecordCursor();
        long next = -1;
        try {
            for (int at = batches.position(); at < batches.limit(); ) {
                RecordBatch batch = RecordBatch.of(batches).wrap(batches, at);
                if (batch.control() && batch.hasProducerId()) {
                    ControlBatch.EndOfTransaction end = ControlBatch.endOfTransaction(batch);
                    if (end != null) {
                        records.accept(new GroupRecord.TransactionEnd(batch.producerId(), end.commit()));
                    }
                } else if (!batch.control()) {
                    cursor.open(batch, DECOMPRESSED_BYTES_MAX);
                    while (cursor.next()) {
                        ByteBuffer key = cursor.record().key();
                        if (key == null) {
                            throw new IOException("the record at offset "
                                    + cursor.record().offset() + " of the offsets topic has no key");
                        }
                        GroupRecord record =
                                GroupRecordCodec.read(key, cursor.record().value());
                        boolean pending = batch.transactional() && record instanceof GroupRecord.Offset;
                        records.accept(
                                pending
                                        ? new GroupRecord.Pending(
                                                batch.producerId(), batch.producerEpoch(), (GroupRecord.Offset) record)
                                        : record);
                    }
                }
                next = batch.nextOffset();
                at = batch.end();
            }
        } catch (InvalidBatchException e) {
            throw new IOException("a batch of the offsets topic cannot be read", e);
        }
        return next;
    }
}
