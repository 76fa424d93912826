package io.penstock.broker.transaction;

import io.penstock.broker.delivery.OffsetRanges;
import io.penstock.broker.delivery.SessionKey;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/**
 * One local transaction that touches several logs, whole: enough to do it again after a crash.
 *
 * @param session who commits; with {@code sequence} it makes the settlements idempotent
 */
public record CommitRecord(SessionKey session, long sequence, List<Send> sends, List<Settle> settles) {

    /** @param batch one record batch with the producer id and sequence that make it idempotent; not copied */
    public record Send(UUID topicId, int partition, ByteBuffer batch) {}

    /** Records of one group that are accepted. */
    public record Settle(UUID topicId, int partition, String groupId, long incarnation, OffsetRanges accepted) {}
}
