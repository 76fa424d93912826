package io.penstock.broker.transaction.kafka;

/**
 * Settings of the coordinator of transactions, immutable.
 *
 * @param idExpirationMillis {@code transactional.id.expiration.ms}
 * @param timeoutMaxMillis {@code transaction.max.timeout.ms}
 * @param abortIntervalMillis {@code transaction.abort.timed.out.transaction.cleanup.interval.ms}
 * @param expireIntervalMillis {@code transaction.remove.expired.transaction.cleanup.interval.ms}
 * @param topicPartitions {@code transaction.state.log.num.partitions}, used when the topic is created
 * @param topicReplication {@code transaction.state.log.replication.factor}, used when the topic is created
 * @param topicMinIsr {@code transaction.state.log.min.isr}, used when the topic is created
 * @param idsMax transactional ids of one partition of the topic
 * @param partitionsMax partitions of one transaction
 * @param waitMillis how long a request waits for the completion of the transaction before it is refused as concurrent
 * @param retryMillis wait before a marker, or a record that the disk refused, is tried again
 * @param compactionBytesMin bytes that must have been appended before live state is rewritten
 */
public record TransactionConfig(
        long idExpirationMillis,
        int timeoutMaxMillis,
        int abortIntervalMillis,
        int expireIntervalMillis,
        int topicPartitions,
        short topicReplication,
        int topicMinIsr,
        int idsMax,
        int partitionsMax,
        int waitMillis,
        int retryMillis,
        long compactionBytesMin) {

    public TransactionConfig {
        require(idExpirationMillis > 0, "transactional.id.expiration.ms must be positive");
        require(timeoutMaxMillis > 0, "transaction.max.timeout.ms must be positive");
        require(abortIntervalMillis > 0, "transaction.abort.timed.out.transaction.cleanup.interval.ms is not positive");
        require(expireIntervalMillis > 0, "transaction.remove.expired.transaction.cleanup.interval.ms is not positive");
        require(topicPartitions > 0, "transaction.state.log.num.partitions must be positive");
        require(topicReplication > 0, "transaction.state.log.replication.factor must be positive");
        require(topicMinIsr > 0, "transaction.state.log.min.isr must be positive");
    }

    /** Kafka's defaults, except that the topic has 8 partitions of one replica, and that there are limits. */
    public static TransactionConfig defaults() {
        return new TransactionConfig(
                7L * 24 * 3600 * 1000,
                900_000,
                10_000,
                3_600_000,
                8,
                (short) 1,
                1,
                100_000,
                10_000,
                1_000,
                200,
                4L * 1024 * 1024);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
