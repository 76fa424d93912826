package io.penstock.broker.delivery;

/**
 * A group on one partition in numbers, read off counters; costs the same for any backlog.
 *
 * @param waiting offsets that may be acquired now; control batches and compacted-away records count until passed
 * @param acquired records that sessions hold, those that are settling or in doubt included
 * @param settledTotal records accepted since the group was made
 * @param expiredTotal records settled because they had expired, or were discarded (non-persistent, noLocal)
 */
public record GroupStatistics(
        String groupId, long waiting, long acquired, long settledTotal, long expiredTotal, int consumers) {}
