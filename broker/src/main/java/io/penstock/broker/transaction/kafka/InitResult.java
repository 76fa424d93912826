package io.penstock.broker.transaction.kafka;

/** Who a client is from now on; {@link ProducerIdentity#NONE} after an error. */
public record InitResult(TransactionError error, ProducerIdentity producer) {
    static InitResult failed(TransactionError error) {
        return new InitResult(error, ProducerIdentity.NONE);
    }
}
