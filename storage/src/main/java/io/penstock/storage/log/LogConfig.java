package io.penstock.storage.log;

/**
 * The settings of one log, immutable; a topic's configuration over the broker's.
 *
 * @param segmentBytes {@code segment.bytes}, at which a new segment begins
 * @param segmentMillis {@code segment.ms}, age of a segment's first record at which a new one begins
 * @param retentionMillis {@code retention.ms}; -1 keeps for ever
 * @param retentionBytes {@code retention.bytes}; -1 sets no limit
 * @param flushPolicy when appended bytes are forced to disk
 * @param flushMessages {@code flush.messages}: with {@link FlushPolicy#INTERVAL} force after so many records
 * @param flushMillis {@code flush.ms}: with {@link FlushPolicy#INTERVAL} force after so long
 * @param maxBatchBytes {@code max.message.bytes}: the largest batch that is accepted
 * @param indexIntervalBytes {@code index.interval.bytes}: bytes between two entries of the sparse indexes
 * @param messageTimestampLogAppend {@code message.timestamp.type=LogAppendTime}
 */
public record LogConfig(
        int segmentBytes,
        long segmentMillis,
        long retentionMillis,
        long retentionBytes,
        FlushPolicy flushPolicy,
        long flushMessages,
        long flushMillis,
        int maxBatchBytes,
        int indexIntervalBytes,
        boolean messageTimestampLogAppend) {

    private static final int LEDGER_SEGMENT_BYTES = 2 << 20;

    /** When appended bytes are forced to disk: {@code flush.policy}. */
    public enum FlushPolicy {
        /** Before the reply; all who wait share one sync. The default of a single node. */
        BEFORE_REPLY,
        /** In the background, by count and interval. */
        INTERVAL,
        /** Only at a clean stop; the operating system decides. */
        NEVER
    }

    public static LogConfig defaults() {
        return new LogConfig(
                1 << 30,
                7L * 24 * 3600 * 1000,
                7L * 24 * 3600 * 1000,
                -1,
                FlushPolicy.BEFORE_REPLY,
                Long.MAX_VALUE,
                1000,
                1024 * 1024 + 12,
                4096,
                false);
    }

    public LogConfig withFlushPolicy(FlushPolicy policy) {
        return new LogConfig(
                segmentBytes,
                segmentMillis,
                retentionMillis,
                retentionBytes,
                policy,
                flushMessages,
                flushMillis,
                maxBatchBytes,
                indexIntervalBytes,
                messageTimestampLogAppend);
    }

    public LogConfig withMaxBatchBytes(int bytes) {
        return new LogConfig(
                segmentBytes,
                segmentMillis,
                retentionMillis,
                retentionBytes,
                flushPolicy,
                flushMessages,
                flushMillis,
                bytes,
                indexIntervalBytes,
                messageTimestampLogAppend);
    }

    /**
     * The settings of the ledger beside a log of these: small segments, since a ledger is cut off behind each snapshot
     * and frees only whole segments, and nothing of a topic that is about its records.
     */
    public LogConfig forLedger() {
        return new LogConfig(
                Math.min(segmentBytes, LEDGER_SEGMENT_BYTES),
                Long.MAX_VALUE,
                -1,
                -1,
                flushPolicy,
                flushMessages,
                flushMillis,
                Integer.MAX_VALUE,
                indexIntervalBytes,
                false);
    }
}
