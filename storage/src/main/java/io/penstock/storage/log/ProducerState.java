package io.penstock.storage.log;

/** What the log has of one idempotent producer: its epoch and its last five batches, to know repeats by. */
final class ProducerState {
    static final int BATCHES_MAX = 5;

    final long producerId;
    short epoch;
    long lastTimestampMillis;
    int count;
    private final int[] firstSequences = new int[BATCHES_MAX];
    private final int[] lastSequences = new int[BATCHES_MAX];
    private final long[] baseOffsets = new long[BATCHES_MAX];
    private final long[] lastOffsets = new long[BATCHES_MAX];

    ProducerState(long producerId, short epoch) {
        this.producerId = producerId;
        this.epoch = epoch;
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
