package io.penstock.broker.group;

import java.util.List;

/** One record of the offsets topic; {@link GroupRecordCodec} knows its bytes. */
sealed interface GroupRecord {

    String groupId();

    /** @param value null when the offset is forgotten */
    record Offset(String groupId, TopicPartitionKey key, CommittedOffset value) implements GroupRecord {}

    /** An offset that counts when the producer's transaction is committed. */
    record Pending(long producerId, short producerEpoch, Offset offset) implements GroupRecord {
        @Override
        public String groupId() {
            return offset.groupId();
        }
    }

    /** The end of a producer's transaction, of whatever groups; read from a marker, never written here. */
    record TransactionEnd(long producerId, boolean commit) implements GroupRecord {
        @Override
        public String groupId() {
            return "";
        }
    }

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
