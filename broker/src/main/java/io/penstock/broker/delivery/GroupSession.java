package io.penstock.broker.delivery;

import java.util.Arrays;

/**
 * What one group on one partition knows of a session: how much it holds and which sequences it has seen. Kept from
 * the session's first record until its end.
 */
final class GroupSession {

    /** Sequences with a loss that are remembered, to be answered alike when they are repeated. */
    static final int LOSSES_MAX = 16;

    final SessionKey key;
    /** Records that the session holds: acquired, settling and in doubt. */
    long heldRecords;
    /** Nothing that it holds lies below. */
    long heldFrom = Long.MAX_VALUE;
    /** Largest sequence that was settled, {@link SharePartition#NO_SEQUENCE} before the first. */
    long lastSequence = SharePartition.NO_SEQUENCE;
    /** True after replay until the session is heard of again. */
    boolean awaited;
    /** Over, kept only because a settlement of it is not decided yet. */
    boolean ended;
    /** It has been over, and the ledger says so; it was heard of again before what it had in doubt was decided. */
    boolean returned;

    /** The last sequence that the ledger did not take; later ones may have been taken since. */
    private long refused = SharePartition.NO_SEQUENCE;

    private long[] lossSequences = {};
    private OffsetRanges[] losses = {};

    GroupSession(SessionKey key) {
        this.key = key;
    }

    void settled(long sequence, OffsetRanges lost) {
        if (sequence == SharePartition.NO_SEQUENCE) {
            return;
        }
        lastSequence = Math.max(lastSequence, sequence);
        refused = sequence == refused ? SharePartition.NO_SEQUENCE : refused;
        if (!lost.isEmpty()) {
            int kept = Math.min(lossSequences.length, LOSSES_MAX - 1);
            int from = lossSequences.length - kept;
            lossSequences = Arrays.copyOfRange(lossSequences, from, from + kept + 1);
            losses = Arrays.copyOfRange(losses, from, from + kept + 1);
            lossSequences[kept] = sequence;
            losses[kept] = lost;
        }
    }

    /** The ledger refused a settlement, and with it all later ones. */
    void undo(long sequence, long lastBefore) {
        if (sequence == SharePartition.NO_SEQUENCE) {
            return;
        }
        lastSequence = Math.min(lastSequence, lastBefore);
        refused = sequence;
        int kept = lossSequences.length;
        while (kept > 0 && lossSequences[kept - 1] >= sequence) {
            kept--;
        }
        lossSequences = Arrays.copyOf(lossSequences, kept);
        losses = Arrays.copyOf(losses, kept);
    }

    /** Heard of: what it has in doubt goes back to it, not to others, for its client has the messages. */
    void heardOf() {
        awaited = false;
        returned |= ended;
        ended = false;
    }

    boolean seen(long sequence) {
        return sequence != SharePartition.NO_SEQUENCE && sequence <= lastSequence && sequence != refused;
    }

    /** The outcome that a sequence had the first time. */
    SettleOutcome outcomeOf(long sequence) {
        for (int i = 0; i < lossSequences.length; i++) {
            if (lossSequences[i] == sequence) {
                return new SettleOutcome(losses[i]);
            }
        }
        return SettleOutcome.COMPLETE;
    }

    int lossCount() {
        return lossSequences.length;
    }

    long lossSequence(int index) {
        return lossSequences[index];
    }

    OffsetRanges loss(int index) {
        return losses[index];
    }

    @Override
    public String toString() {
        return key + " holding " + heldRecords;
    }
}
