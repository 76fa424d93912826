package io.penstock.broker.transaction.kafka;

/** One record of {@code __transaction_state}; {@code value} is null when the id is forgotten. */
record TransactionRecord(String id, Transaction value) {}
