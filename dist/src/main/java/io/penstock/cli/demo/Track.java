package io.penstock.cli.demo;

import java.util.BitSet;

/**
 * What is known of the messages of one producer, by sequence number: confirmed to the producer, received, settled by a
 * receiver. All threads of the demo write here; every method is short and synchronized.
 */
final class Track {
    final String name;
    /** Between confirmed sends. */
    final Pause pause = new Pause();

    private final BitSet confirmed = new BitSet();
    private final BitSet received = new BitSet();
    private final BitSet settled = new BitSet();
    private int next;
    private long settledThatCameBack;
    private long repeats;
    private long repeatsNotFlagged;

    Track(String name) {
        this.name = name;
    }

    /** The sequence number of the next message to send. */
    synchronized int next() {
        return next++;
    }

    synchronized void confirmed(int sequence) {
        confirmed.set(sequence);
        pause.success();
    }

    synchronized void received(int sequence, boolean redelivered) {
        if (settled.get(sequence)) {
            settledThatCameBack++;
        }
        if (received.get(sequence)) {
            repeats++;
            if (!redelivered) {
                repeatsNotFlagged++;
            }
        }
        received.set(sequence);
    }

    synchronized void settled(int sequence) {
        settled.set(sequence);
    }

    synchronized int confirmedCount() {
        return confirmed.cardinality();
    }

    synchronized int receivedCount() {
        return received.cardinality();
    }

    /** Confirmed to the producer and received by nobody: zero at the end, or messages were lost. */
    synchronized int missing() {
        BitSet missing = (BitSet) confirmed.clone();
        missing.andNot(received);
        return missing.cardinality();
    }

    /** The sequence numbers behind {@link #missing}, as ranges; for the report of a failure. */
    synchronized String missingRanges() {
        BitSet missing = (BitSet) confirmed.clone();
        missing.andNot(received);
        StringBuilder text = new StringBuilder(name);
        for (int first = missing.nextSetBit(0); first >= 0 && text.length() < 500; ) {
            int end = missing.nextClearBit(first);
            text.append(' ').append(first).append("..").append(end - 1);
            first = missing.nextSetBit(end);
        }
        return text.toString();
    }

    synchronized long settledThatCameBack() {
        return settledThatCameBack;
    }

    synchronized long repeats() {
        return repeats;
    }

    synchronized long repeatsNotFlagged() {
        return repeatsNotFlagged;
    }
}
