package io.penstock.storage.log;

/**
 * What an append did.
 *
 * @param baseOffset offset of the first record
 * @param lastOffset offset of the last record; the log's end offset is one more
 * @param logStartOffset of the log at that time
 * @param appendTimeMillis the time that {@code LogAppendTime} topics stamped, else -1
 * @param duplicate true when an idempotent producer had sent these batches before: nothing was written, the offsets
 *     are those of the first time
 */
public record LogAppend(
        long baseOffset, long lastOffset, long logStartOffset, long appendTimeMillis, boolean duplicate) {}
