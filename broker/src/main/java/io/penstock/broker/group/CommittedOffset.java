package io.penstock.broker.group;

import java.util.UUID;

/**
 * How far a group has come in a partition.
 *
 * @param leaderEpoch of the last consumed record, -1 where unknown
 * @param metadata never null
 * @param commitMillis when the commit was accepted
 * @param topicId of the topic that was meant, null where unknown; a topic of the same name made later is another
 */
public record CommittedOffset(long offset, int leaderEpoch, String metadata, long commitMillis, UUID topicId) {}
