package io.penstock.storage.log;

import io.penstock.protocol.record.BatchValidator;
import io.penstock.protocol.record.InvalidBatchException;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.storage.log.LogException.Reason;
import java.nio.ByteBuffer;

/** Checks batches before they are appended: what a client sends is not believed. No state; any thread. */
final class AppendCheck {
    /** What the records of one batch may take when they are decompressed: no client makes more of it on purpose. */
    static final int DECOMPRESSED_BYTES_MAX = 64 << 20;

    private AppendCheck() {}

    /**
     * Checks all batches between position and limit.
     *
     * @return the number of batches
     */
    static int check(LogId log, ByteBuffer batches, AppendOrigin origin, int maxBatchBytes) throws LogException {
        if (!batches.hasRemaining()) {
            throw new LogException(Reason.INVALID_RECORD, "nothing to append to " + log);
        }
        RecordBatch batch = new RecordBatch();
        int count = 0;
        try {
            for (int at = batches.position(); at < batches.limit(); at = batch.end()) {
                batch.wrap(batches, at);
                check(log, batch, origin, maxBatchBytes);
                count++;
            }
        } catch (InvalidBatchException e) {
            throw new LogException(reason(e.reason()), "a batch for " + log + " is refused: " + e.getMessage(), e);
        }
        return count;
    }

    private static void check(LogId log, RecordBatch batch, AppendOrigin origin, int maxBatchBytes)
            throws LogException {
        switch (origin) {
            case CLIENT -> {
                if (batch.sizeBytes() > maxBatchBytes) {
                    throw new LogException(
                            Reason.BATCH_TOO_LARGE,
                            "a batch of " + batch.sizeBytes() + " bytes for " + log + " is larger than "
                                    + maxBatchBytes);
                }
                BatchValidator.checkProduced(batch, false, DECOMPRESSED_BYTES_MAX);
            }
            case REPLICATION -> BatchValidator.checkStored(batch);
            case BROKER -> {
                // Made in this process a moment ago: only what the log itself counts on.
                if (batch.count() <= 0 || batch.count() - 1 != batch.lastOffsetDelta()) {
                    throw new LogException(
                            Reason.INVALID_RECORD,
                            "a batch for " + log + " counts " + batch.count() + " records over "
                                    + (batch.lastOffsetDelta() + 1L) + " offsets");
                }
            }
        }
    }

    private static Reason reason(InvalidBatchException.Reason reason) {
        return switch (reason) {
            case CORRUPT -> Reason.CORRUPT_BATCH;
            case INVALID -> Reason.INVALID_RECORD;
            case OLD_MAGIC -> Reason.UNSUPPORTED_FORMAT;
            case UNKNOWN_COMPRESSION -> Reason.UNSUPPORTED_COMPRESSION;
            case TOO_LARGE -> Reason.BATCH_TOO_LARGE;
        };
    }
}
