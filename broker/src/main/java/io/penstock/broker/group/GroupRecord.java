package io.penstock.broker.group;

import java.util.List;

/** One record of the offsets topic; {@link GroupRecordCodec} knows its bytes. */
sealed interface GroupRecord {

    String groupId();

    /** @param value null when the offset is forgotten */
    record Offset(String groupId, TopicPartitionKey key, CommittedOffset value) implements GroupRecord {}

    /** @param value null when the group is gone */
    record Metadata(String groupId, Generation value) implements GroupRecord {}

    /**
     * A generation whose assignment was agreed.
     *
     * @param protocol null when the group is empty
     * @param leaderId null when the group is empty
     */
    record Generation(
            String protocolType,
            int generation,
            String protocol,
            String leaderId,
            long stateMillis,
            List<GenerationMember> members) {}

    /** @param subscription the member's metadata for the protocol that was chosen */
    record GenerationMember(
            String memberId,
            String instanceId,
            String clientId,
            String clientHost,
            int rebalanceTimeoutMillis,
            int sessionTimeoutMillis,
            byte[] subscription,
            byte[] assignment) {}
}
