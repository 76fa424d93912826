package io.penstock.storage.log;

import io.penstock.protocol.record.ControlBatch.EndOfTransaction;
import java.util.Iterator;
import java.util.LinkedHashMap;

/**
 * State of the producers of one log (invariants 14 and 15). Owner thread only. Bounded by number and by time; a
 * producer that is forgotten may go on with any sequence. One with an undecided transaction is never forgotten.
 */
final class ProducerStates {
    static final int PRODUCERS_MAX = 100_000;
    static final long EXPIRATION_MILLIS = 24L * 3600 * 1000;

    /** Least recently seen first; null until the first producer comes, as most logs have none. */
    private LinkedHashMap<Long, ProducerState> states;

    private int expireAtCount = 64;
    private final OpenTransactions transactions = new OpenTransactions();

    ProducerState get(long producerId) {
        return states == null ? null : states.get(producerId);
    }

    Iterable<ProducerState> all() {
        return states == null ? java.util.List.of() : states.values();
    }

    int count() {
        return states == null ? 0 : states.size();
    }

    void put(ProducerState state) {
        if (states == null) {
            states = new LinkedHashMap<>(8, 0.75f, true);
        }
        states.put(state.producerId, state);
        if (state.inTransaction()) {
            transactions.began(state.transactionFirst, state.producerId);
        }
    }

    void clear() {
        states = null;
        transactions.clear();
    }

    OpenTransactions transactions() {
        return transactions;
    }

    /** The sequence {@code delta} after {@code sequence}, which wraps from the largest int to 0. */
    static int sequenceAfter(int sequence, int delta) {
        return sequence > Integer.MAX_VALUE - delta ? delta - (Integer.MAX_VALUE - sequence) - 1 : sequence + delta;
    }

    /**
     * Checks a batch of a client before it is appended.
     *
     * @return index of the remembered batch when this one is a repeat, else -1
     */
    int check(LogId log, long producerId, short epoch, int firstSequence, int lastSequence) throws LogException {
        ProducerState state = get(producerId);
        if (state == null) {
            // Unknown, perhaps because its state expired or its records are gone: any sequence begins anew (KIP-360).
            return -1;
        }
        if (firstSequence < 0) {
            // The broker's own batches in a client's transaction have no sequences.
            checkEpoch(log, state, state.epoch, epoch);
            return -1;
        }
        return check(
                log, state, state.epoch, state.hasBatches(), state.lastSequence(), epoch, firstSequence, lastSequence);
    }

    private static int check(
            LogId log,
            ProducerState state,
            short stateEpoch,
            boolean hasBatches,
            int stateLast,
            short epoch,
            int firstSequence,
            int lastSequence)
            throws LogException {
        checkEpoch(log, state, stateEpoch, epoch);
        if (epoch > stateEpoch) {
            if (firstSequence != 0) {
                throw outOfOrder(log, state.producerId, 0, firstSequence);
            }
            return -1;
        }
        int repeat = state.find(firstSequence, lastSequence);
        if (repeat >= 0) {
            return repeat;
        }
        if (hasBatches && firstSequence != sequenceAfter(stateLast, 1)) {
            throw outOfOrder(log, state.producerId, sequenceAfter(stateLast, 1), firstSequence);
        }
        return -1;
    }

    private static void checkEpoch(LogId log, ProducerState state, short stateEpoch, short epoch) throws LogException {
        if (epoch < stateEpoch) {
            throw new LogException(
                    LogException.Reason.FENCED_PRODUCER_EPOCH,
                    "producer " + state.producerId + " of " + log + " has epoch " + stateEpoch + ", the batch has "
                            + epoch);
        }
    }

    /** While a transaction is undecided its producer writes nothing outside of it, and no other epoch writes in it. */
    void checkTransaction(LogId log, long producerId, short epoch, boolean transactional) throws LogException {
        ProducerState state = get(producerId);
        if (state != null && state.inTransaction() && (!transactional || epoch > state.epoch)) {
            throw new LogException(
                    LogException.Reason.INVALID_TRANSACTION_STATE,
                    "producer " + producerId + " of " + log + " has a transaction of epoch " + state.epoch
                            + " undecided since offset " + state.transactionFirst);
        }
    }

    /** Invariants 15 and 16: a marker of an older producer epoch, or of a coordinator that was replaced, is refused. */
    void checkEnd(LogId log, long producerId, short epoch, EndOfTransaction end) throws LogException {
        ProducerState state = get(producerId);
        if (state == null) {
            return;
        }
        checkEpoch(log, state, state.epoch, epoch);
        if (end.coordinatorEpoch() < state.coordinatorEpoch) {
            throw new LogException(
                    LogException.Reason.FENCED_COORDINATOR,
                    "a coordinator of epoch " + end.coordinatorEpoch() + " may not end transactions of producer "
                            + producerId + " of " + log + ", one of epoch " + state.coordinatorEpoch + " has");
        }
    }

    static LogException outOfOrder(LogId log, long producerId, int expected, int found) {
        return new LogException(
                LogException.Reason.OUT_OF_ORDER_SEQUENCE,
                "producer " + producerId + " of " + log + " must go on with sequence " + expected + ", not " + found);
    }

    /** Notes a batch that is in the log. */
    void update(
            long producerId,
            short epoch,
            int firstSequence,
            int lastSequence,
            long baseOffset,
            long lastOffset,
            long timestampMillis,
            boolean transactional) {
        ProducerState state = get(producerId);
        if (state != null && baseOffset <= state.lastOffset()) {
            // Known from a snapshot that was taken behind this batch.
            return;
        }
        state = seen(producerId, epoch, timestampMillis);
        if (epoch == state.epoch && firstSequence >= 0) {
            state.add(firstSequence, lastSequence, baseOffset, lastOffset);
        }
        if (transactional && !state.inTransaction()) {
            state.transactionFirst = baseOffset;
            transactions.began(baseOffset, producerId);
        }
    }

    private ProducerState seen(long producerId, short epoch, long timestampMillis) {
        ProducerState state = get(producerId);
        if (state == null) {
            state = new ProducerState(producerId, epoch);
            put(state);
            limit(timestampMillis);
        } else if (epoch > state.epoch) {
            state.startEpoch(epoch);
        }
        state.lastTimestampMillis = Math.max(state.lastTimestampMillis, timestampMillis);
        return state;
    }

    /** Notes a marker that is in the log. */
    void ended(long producerId, short epoch, EndOfTransaction end, long offset, long timestampMillis) {
        ProducerState state = seen(producerId, epoch, timestampMillis);
        state.coordinatorEpoch = Math.max(state.coordinatorEpoch, end.coordinatorEpoch());
        if (state.inTransaction() && state.transactionFirst < offset) {
            transactions.ended(state.transactionFirst, producerId, offset);
            state.transactionFirst = -1;
        }
    }

    private void limit(long nowMillis) {
        if (states.size() >= expireAtCount) {
            expire(nowMillis);
            expireAtCount = Math.max(64, states.size() * 2);
        }
        if (states.size() > PRODUCERS_MAX) {
            Iterator<ProducerState> eldest = states.values().iterator();
            while (eldest.hasNext()) {
                if (!eldest.next().inTransaction()) {
                    eldest.remove();
                    return;
                }
            }
        }
    }

    void expire(long nowMillis) {
        if (states != null) {
            states.values()
                    .removeIf(state ->
                            !state.inTransaction() && nowMillis - state.lastTimestampMillis > EXPIRATION_MILLIS);
        }
    }
}
