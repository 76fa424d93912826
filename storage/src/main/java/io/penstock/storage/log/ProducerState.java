package io.penstock.storage.log;

/**
 * What the log has of one producer: its epoch, its last five batches, to know repeats by, and where its undecided
 * transaction begins.
 */
final class ProducerState {
    static final int BATCHES_MAX = 5;

    final long producerId;
    short epoch;
    long lastTimestampMillis;
    int count;
    /** First offset of the undecided transaction; -1 when there is none. */
    long transactionFirst = -1;
    /** Of the last marker; -1 before the first. An older coordinator may not decide any more. */
    int coordinatorEpoch = -1;

    private final int[] firstSequences = new int[BATCHES_MAX];
    private final int[] lastSequences = new int[BATCHES_MAX];
    private final long[] baseOffsets = new long[BATCHES_MAX];
    private final long[] lastOffsets = new long[BATCHES_MAX];

    ProducerState(long producerId, short epoch) {
        this.producerId = producerId;
        this.epoch = epoch;
    }

    boolean inTransaction() {
        return transactionFirst >= 0;
    }

    boolean hasBatches() {
        return count > 0;
    }

    int firstSequence(int i) {
        return firstSequences[i];
    }

    int lastSequence(int i) {
        return lastSequences[i];
    }

    long baseOffset(int i) {
        return baseOffsets[i];
    }

    long lastOffset(int i) {
        return lastOffsets[i];
    }

    int lastSequence() {
        return count == 0 ? -1 : lastSequences[count - 1];
    }

    long lastOffset() {
        return count == 0 ? -1 : lastOffsets[count - 1];
    }

    void add(int firstSequence, int lastSequence, long baseOffset, long lastOffset) {
        if (count == BATCHES_MAX) {
            for (int i = 1; i < BATCHES_MAX; i++) {
                firstSequences[i - 1] = firstSequences[i];
                lastSequences[i - 1] = lastSequences[i];
                baseOffsets[i - 1] = baseOffsets[i];
                lastOffsets[i - 1] = lastOffsets[i];
            }
            count--;
        }
        firstSequences[count] = firstSequence;
        lastSequences[count] = lastSequence;
        baseOffsets[count] = baseOffset;
        lastOffsets[count] = lastOffset;
        count++;
    }

    /** Index of the remembered batch with these sequences, or -1. */
    int find(int firstSequence, int lastSequence) {
        for (int i = count - 1; i >= 0; i--) {
            if (firstSequences[i] == firstSequence && lastSequences[i] == lastSequence) {
                return i;
            }
        }
        return -1;
    }

    void startEpoch(short newEpoch) {
        epoch = newEpoch;
        count = 0;
    }
}
