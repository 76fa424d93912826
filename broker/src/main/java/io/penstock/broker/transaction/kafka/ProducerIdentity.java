package io.penstock.broker.transaction.kafka;

/** Producer id and epoch: with version 2 of the protocol they name one transaction (invariant 15). */
public record ProducerIdentity(long producerId, short epoch) {
    static final ProducerIdentity NONE = new ProducerIdentity(-1, (short) -1);

    /** The last epochs of an id are kept for fencing: who has come so far gets another id. */
    boolean exhausted() {
        return epoch >= Short.MAX_VALUE - 1;
    }

    ProducerIdentity next() {
        return new ProducerIdentity(producerId, (short) (epoch + 1));
    }
}
