package io.penstock.broker.group;

/**
 * Settings of the group coordinator, immutable.
 *
 * @param initialRebalanceDelayMillis {@code group.initial.rebalance.delay.ms}: how long an empty group waits for more
 *     members before its first assignment
 * @param sessionTimeoutMinMillis {@code group.min.session.timeout.ms}
 * @param sessionTimeoutMaxMillis {@code group.max.session.timeout.ms}
 * @param membersMax {@code group.max.size}: members of one group
 * @param groupsMax groups of one partition of the offsets topic
 * @param memberMetadataBytesMax bytes of one member's protocols
 * @param assignmentBytesMax bytes of one generation's assignments and subscriptions: they go into one record
 * @param offsetMetadataBytesMax {@code offset.metadata.max.bytes}
 * @param offsetsRetentionMillis {@code offsets.retention.minutes}
 * @param offsetsRetentionCheckMillis {@code offsets.retention.check.interval.ms}
 * @param offsetsTopicPartitions {@code offsets.topic.num.partitions}, used when the topic is created
 * @param offsetsTopicReplication {@code offsets.topic.replication.factor}, used when the topic is created
 * @param compactionBytesMin bytes that must have been appended before live state is rewritten
 */
public record GroupConfig(
        int initialRebalanceDelayMillis,
        int sessionTimeoutMinMillis,
        int sessionTimeoutMaxMillis,
        int membersMax,
        int groupsMax,
        int memberMetadataBytesMax,
        int assignmentBytesMax,
        int offsetMetadataBytesMax,
        long offsetsRetentionMillis,
        long offsetsRetentionCheckMillis,
        int offsetsTopicPartitions,
        short offsetsTopicReplication,
        long compactionBytesMin) {

    public GroupConfig {
        require(initialRebalanceDelayMillis >= 0, "group.initial.rebalance.delay.ms is negative");
        require(sessionTimeoutMinMillis > 0, "group.min.session.timeout.ms must be positive");
        require(
                sessionTimeoutMaxMillis >= sessionTimeoutMinMillis,
                "group.max.session.timeout.ms is below the minimum");
        require(membersMax > 0, "group.max.size must be positive");
        require(groupsMax > 0, "the largest number of groups must be positive");
        require(offsetsRetentionMillis > 0, "offsets.retention.minutes must be positive");
        require(offsetsRetentionCheckMillis > 0, "offsets.retention.check.interval.ms must be positive");
        require(offsetsTopicPartitions > 0, "offsets.topic.num.partitions must be positive");
        require(offsetsTopicReplication > 0, "offsets.topic.replication.factor must be positive");
    }

    /**
     * Kafka's defaults, except that sizes have a limit, and that the offsets topic has 8 partitions of one replica: a
     * single node gains nothing from 50.
     */
    public static GroupConfig defaults() {
        return new GroupConfig(
                3_000,
                6_000,
                1_800_000,
                10_000,
                100_000,
                256 * 1024,
                8 * 1024 * 1024,
                4096,
                7L * 24 * 3600 * 1000,
                600_000,
                8,
                (short) 1,
                4L * 1024 * 1024);
    }

    public GroupConfig withInitialRebalanceDelayMillis(int millis) {
        return new GroupConfig(
                millis,
                sessionTimeoutMinMillis,
                sessionTimeoutMaxMillis,
                membersMax,
                groupsMax,
                memberMetadataBytesMax,
                assignmentBytesMax,
                offsetMetadataBytesMax,
                offsetsRetentionMillis,
                offsetsRetentionCheckMillis,
                offsetsTopicPartitions,
                offsetsTopicReplication,
                compactionBytesMin);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
