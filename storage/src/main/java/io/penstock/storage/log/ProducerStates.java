package io.penstock.storage.log;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * State of the idempotent producers of one log (invariant 14). Owner thread only. Bounded by number and by time; a
 * producer that is forgotten may go on with any sequence.
 */
final class ProducerStates {
    static final int PRODUCERS_MAX = 100_000;
    static final long EXPIRATION_MILLIS = 24L * 3600 * 1000;

    /** Least recently seen first; null until the first producer comes, as most logs have none. */
    private LinkedHashMap<Long, ProducerState> states;

    private int expireAtCount = 64;

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
    }

    void clear() {
        states = null;
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
        if (epoch < stateEpoch) {
            throw new LogException(
                    LogException.Reason.FENCED_PRODUCER_EPOCH,
                    "producer " + state.producerId + " of " + log + " has epoch " + stateEpoch + ", the batch has "
                            + epoch);
        }
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
            boolean control) {
        ProducerState state = get(producerId);
        if (state == null) {
            state = new ProducerState(producerId, epoch);
            put(state);
            limit(timestampMillis);
        } else if (baseOffset <= state.lastOffset()) {
            // Known from a snapshot that was taken behind this batch.
            return;
        } else if (epoch > state.epoch) {
            state.startEpoch(epoch);
        }
        state.lastTimestampMillis = Math.max(state.lastTimestampMillis, timestampMillis);
        if (!control && epoch == state.epoch) {
            state.add(firstSequence, lastSequence, baseOffset, lastOffset);
        }
    }

    private void limit(long nowMillis) {
        if (states.size() >= expireAtCount) {
            expire(nowMillis);
            expireAtCount = Math.max(64, states.size() * 2);
        }
        if (states.size() > PRODUCERS_MAX) {
            Map.Entry<Long, ProducerState> eldest = states.entrySet().iterator().next();
            states.remove(eldest.getKey());
        }
    }

    void expire(long nowMillis) {
        if (states != null) {
            states.values().removeIf(state -> nowMillis - state.lastTimestampMillis > EXPIRATION_MILLIS);
        }
    }
}
