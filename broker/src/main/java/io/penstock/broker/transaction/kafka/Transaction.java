package io.penstock.broker.transaction.kafka;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The state of one transactional id, immutable; its methods give the legal next ones.
 *
 * @param producer who may write: after a decision by version 2, or a fencing, already the next epoch
 * @param previousProducerId the id before the last exhaustion of epochs, -1 without one
 * @param next who is to follow when the transaction is complete, because the id's epochs are used up; else
 *     {@link ProducerIdentity#NONE}
 * @param lastEpoch the epoch before the last change that the client asked for: a repeated request names it; -1
 *     when nobody may repeat
 * @param version of the protocol that the client of the transaction speaks: 2 changes the epoch at each end (KIP-890)
 * @param startMillis when the transaction began, -1 without one
 * @param partitions of the transaction that is ongoing or prepared
 */
record Transaction(
        ProducerIdentity producer,
        long previousProducerId,
        ProducerIdentity next,
        short lastEpoch,
        int timeoutMillis,
        TransactionPhase phase,
        int version,
        long startMillis,
        long updateMillis,
        Set<TransactionPartition> partitions) {

    static final int WITH_EPOCH_BUMP = 2;
    private static final short NO_EPOCH = -1;

    static Transaction first(long producerId, int timeoutMillis, long nowMillis) {
        return new Transaction(
                new ProducerIdentity(producerId, (short) 0),
                -1,
                ProducerIdentity.NONE,
                NO_EPOCH,
                timeoutMillis,
                TransactionPhase.EMPTY,
                1,
                -1,
                nowMillis,
                Set.of());
    }

    boolean bumpsEpochs() {
        return version >= WITH_EPOCH_BUMP;
    }

    boolean ongoing() {
        return phase == TransactionPhase.ONGOING;
    }

    private Transaction with(ProducerIdentity who, long previousId, short last, int timeout, long nowMillis) {
        return new Transaction(
                who,
                previousId,
                ProducerIdentity.NONE,
                last,
                timeout,
                TransactionPhase.EMPTY,
                version,
                -1,
                nowMillis,
                Set.of());
    }

    /** A new client, or the same that begins anew: the next epoch fences who had the id before. */
    Transaction initialised(boolean sameClient, int timeout, long nowMillis) {
        return with(producer.next(), previousProducerId, sameClient ? producer.epoch() : NO_EPOCH, timeout, nowMillis);
    }

    /** As {@link #initialised}, when the epochs are used up. */
    Transaction initialisedWith(long newProducerId, boolean sameClient, int timeout, long nowMillis) {
        return with(
                new ProducerIdentity(newProducerId, (short) 0),
                producer.producerId(),
                sameClient ? producer.epoch() : NO_EPOCH,
                timeout,
                nowMillis);
    }

    /** Adds partitions, and begins when nothing has begun. */
    Transaction adding(Set<TransactionPartition> more, int clientVersion, long nowMillis) {
        Set<TransactionPartition> all = new LinkedHashSet<>();
        if (ongoing()) {
            all.addAll(partitions);
        }
        all.addAll(more);
        return new Transaction(
                producer,
                previousProducerId,
                ProducerIdentity.NONE,
                ongoing() ? lastEpoch : NO_EPOCH,
                timeoutMillis,
                TransactionPhase.ONGOING,
                clientVersion,
                ongoing() ? startMillis : nowMillis,
                nowMillis,
                Set.copyOf(all));
    }

    /**
     * The decision that a client asked for. With version 2 the markers carry the next epoch, so that nothing that the
     * client sent before can be written behind them.
     *
     * @param newProducerId follows when the epochs are used up; -1 when they are not
     */
    Transaction decided(boolean commit, int clientVersion, long newProducerId, long nowMillis) {
        boolean bump = clientVersion >= WITH_EPOCH_BUMP;
        return prepared(
                commit,
                bump ? producer.next() : producer,
                newProducerId < 0 ? ProducerIdentity.NONE : new ProducerIdentity(newProducerId, (short) 0),
                bump ? producer.epoch() : NO_EPOCH,
                clientVersion,
                nowMillis);
    }

    /** Aborted by the coordinator: nobody has the next epoch, so whoever had this one is fenced. */
    Transaction fenced(long nowMillis) {
        return prepared(false, producer.next(), ProducerIdentity.NONE, NO_EPOCH, version, nowMillis);
    }

    private Transaction prepared(
            boolean commit, ProducerIdentity by, ProducerIdentity after, short last, int clientVersion, long now) {
        return new Transaction(
                by,
                previousProducerId,
                after,
                last,
                timeoutMillis,
                commit ? TransactionPhase.PREPARE_COMMIT : TransactionPhase.PREPARE_ABORT,
                clientVersion,
                startMillis,
                now,
                partitions);
    }

    /** All markers are committed. */
    Transaction completed(long nowMillis) {
        boolean rotates = next.producerId() >= 0;
        return new Transaction(
                rotates ? next : producer,
                rotates ? producer.producerId() : previousProducerId,
                ProducerIdentity.NONE,
                lastEpoch,
                timeoutMillis,
                phase == TransactionPhase.PREPARE_COMMIT
                        ? TransactionPhase.COMPLETE_COMMIT
                        : TransactionPhase.COMPLETE_ABORT,
                version,
                -1,
                nowMillis,
                Set.of());
    }

    /** Who the client is after its request to end the transaction. */
    ProducerIdentity afterEnd() {
        return next.producerId() >= 0 ? next : producer;
    }

    /** Whether the client repeats the request that ended its last transaction, by version 2. */
    boolean repeatsEnd(ProducerIdentity client) {
        boolean bumped = client.producerId() == producer.producerId()
                && lastEpoch >= 0
                && client.epoch() == lastEpoch
                && producer.epoch() == lastEpoch + 1;
        boolean rotated = client.producerId() == previousProducerId
                && client.exhausted()
                && client.epoch() == lastEpoch
                && producer.epoch() == 0;
        return bumpsEpochs() && (bumped || rotated);
    }
}
