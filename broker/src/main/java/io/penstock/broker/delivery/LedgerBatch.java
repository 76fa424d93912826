package io.penstock.broker.delivery;

import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.InvalidBatchException;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.protocol.record.RecordCursor;
import io.penstock.storage.time.Clock;
import java.nio.ByteBuffer;

/** Ledger batches: one record without key, whose value is a sequence of {@link LedgerEntry}. */
final class LedgerBatch {

    private final Clock clock;
    private final RecordBatchBuilder builder = new RecordBatchBuilder(4096);

    LedgerBatch(Clock clock) {
        this.clock = clock;
    }

    /** Valid until the next call. */
    ByteBuffer of(ByteBuffer value) {
        builder.start(Compression.NONE);
        builder.beginRecord(clock.millis()).key(null).value(value).endRecord();
        return builder.build();
    }

    /** Applies all values of whole batches at or above {@code from}; the offset after the last batch. */
    static long forEachValue(ByteBuffer batches, long from, LedgerState state) throws LedgerCorruptException {
        long next = from;
        RecordBatch batch = new RecordBatch();
        RecordCursor cursor = new RecordCursor();
        Record record = cursor.record();
        try {
            for (int at = 0; at < batches.limit(); at = batch.end()) {
                batch.wrap(batches, at);
                cursor.open(batch, 0);
                while (cursor.next()) {
                    if (record.offset() >= from) {
                        state.apply(record.value());
                    }
                }
                next = batch.nextOffset();
            }
        } catch (InvalidBatchException e) {
            throw new LedgerCorruptException("batch behind offset " + next, e);
        }
        return next;
    }
}
