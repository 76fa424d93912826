package io.penstock.storage.log;

import io.penstock.storage.log.LogException.Reason;
import java.nio.ByteBuffer;

/** Checks batches before they are appended: what a client sends is not believed. No state; any thread. */
final class BatchValidator {
    private static final int COMPRESSION_MAX = 4;

    private BatchValidator() {}

    /**
     * Checks all batches between position and limit.
     *
     * @return the number of batches
     */
    static int check(LogId log, ByteBuffer batches, AppendOrigin origin, int maxBatchBytes) throws LogException {
        int count = 0;
        for (int at = batches.position(); at < batches.limit(); at += BatchHeader.sizeBytes(batches, at)) {
            checkOne(log, batches, at, origin, maxBatchBytes);
            count++;
        }
        if (count == 0) {
            throw new LogException(Reason.INVALID_RECORD, "nothing to append to " + log);
        }
        return count;
    }

    private static void checkOne(LogId log, ByteBuffer b, int at, AppendOrigin origin, int maxBatchBytes)
            throws LogException {
        int left = b.limit() - at;
        if (left > 16 && BatchHeader.magic(b, at) != BatchHeader.MAGIC) {
            throw new LogException(
                    Reason.UNSUPPORTED_FORMAT,
                    "a batch for " + log + " has magic " + BatchHeader.magic(b, at) + ", only 2 is supported");
        }
        if (left < BatchHeader.BYTES) {
            throw corrupt(log, "has " + left + " bytes, less than a header");
        }
        int length = b.getInt(at + 8);
        if (length < BatchHeader.BYTES - BatchHeader.LENGTH_OVERHEAD || length > left - BatchHeader.LENGTH_OVERHEAD) {
            throw corrupt(log, "has length " + length + " where " + left + " bytes are left");
        }
        if (origin == AppendOrigin.CLIENT && length + BatchHeader.LENGTH_OVERHEAD > maxBatchBytes) {
            throw new LogException(
                    Reason.BATCH_TOO_LARGE,
                    "a batch of " + (length + BatchHeader.LENGTH_OVERHEAD) + " bytes for " + log + " is larger than "
                            + maxBatchBytes);
        }
        if (origin != AppendOrigin.BROKER && BatchHeader.computedCrc(b, at) != BatchHeader.crc(b, at)) {
            throw corrupt(log, "has a wrong checksum");
        }
        if (BatchHeader.compression(b, at) > COMPRESSION_MAX) {
            throw new LogException(
                    Reason.UNSUPPORTED_FORMAT,
                    "a batch for " + log + " has unknown compression " + BatchHeader.compression(b, at));
        }
        checkCount(log, b, at, origin);
        if (origin == AppendOrigin.CLIENT) {
            checkClient(log, b, at);
        }
    }

    private static void checkCount(LogId log, ByteBuffer b, int at, AppendOrigin origin) throws LogException {
        int delta = BatchHeader.lastOffsetDelta(b, at);
        int count = BatchHeader.count(b, at);
        if (delta < 0 || delta == Integer.MAX_VALUE || count < 0) {
            throw corrupt(log, "has last offset delta " + delta + " and count " + count);
        }
        // A compacted batch of a leader may have lost records; fresh ones are whole.
        if (origin != AppendOrigin.REPLICATION && count != delta + 1) {
            throw new LogException(
                    Reason.INVALID_RECORD,
                    "a batch for " + log + " counts " + count + " records over " + (delta + 1L) + " offsets");
        }
        if (BatchHeader.baseOffset(b, at) < 0 && origin == AppendOrigin.REPLICATION) {
            throw corrupt(log, "has offset " + BatchHeader.baseOffset(b, at));
        }
    }

    private static void checkClient(LogId log, ByteBuffer b, int at) throws LogException {
        if (BatchHeader.isControl(b, at)) {
            throw new LogException(Reason.INVALID_RECORD, "clients may not write control batches, as to " + log);
        }
        if (BatchHeader.producerId(b, at) >= 0
                && (BatchHeader.producerEpoch(b, at) < 0 || BatchHeader.baseSequence(b, at) < 0)) {
            throw new LogException(
                    Reason.INVALID_RECORD, "a batch for " + log + " has a producer id without epoch or sequence");
        }
        RecordsCheck.check(log, b, at);
    }

    static LogException corrupt(LogId log, String what) {
        return new LogException(Reason.CORRUPT_BATCH, "a batch for " + log + " " + what);
    }
}
