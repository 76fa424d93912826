package io.penstock.broker.transaction.kafka;

/** How a request about a transaction can end. The names are those of Kafka's error codes, which handlers rely on. */
public enum TransactionError {
    NONE,
    UNKNOWN_SERVER_ERROR,
    INVALID_REQUEST,
    COORDINATOR_NOT_AVAILABLE,
    COORDINATOR_LOAD_IN_PROGRESS,
    NOT_COORDINATOR,
    INVALID_PRODUCER_ID_MAPPING,
    PRODUCER_FENCED,
    CONCURRENT_TRANSACTIONS,
    INVALID_TXN_STATE,
    INVALID_TRANSACTION_TIMEOUT,
    TRANSACTIONAL_ID_NOT_FOUND
}
