package io.penstock.broker.delivery;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Acquired records on their way to one consumer: ranges with delivery counts, and the batches that hold them. One
 * object is used again and again; its bytes are a view of the owner's read buffer.
 */
public final class Delivery {

    private long[] firsts = new long[8];
    private long[] lasts = new long[8];
    private int[] counts = new int[8];
    private boolean[] replayed = new boolean[8];
    private int ranges;
    private int messages;
    private int sizeBytes;
    private int attemptsMax = Integer.MAX_VALUE;
    private final List<ByteBuffer> parts = new ArrayList<>();

    Delivery() {}

    void clear() {
        ranges = 0;
        messages = 0;
        sizeBytes = 0;
        parts.clear();
    }

    /** Adds offsets in ascending order; joins the range before when it touches and is alike. */
    void addRange(long first, long last, int deliveryCount, boolean again) {
        if (ranges > 0
                && lasts[ranges - 1] + 1 == first
                && counts[ranges - 1] == deliveryCount
                && replayed[ranges - 1] == again) {
            lasts[ranges - 1] = last;
        } else {
            if (ranges == firsts.length) {
                firsts = Arrays.copyOf(firsts, 2 * ranges);
                lasts = Arrays.copyOf(lasts, 2 * ranges);
                counts = Arrays.copyOf(counts, 2 * ranges);
                replayed = Arrays.copyOf(replayed, 2 * ranges);
            }
            firsts[ranges] = first;
            lasts[ranges] = last;
            counts[ranges] = deliveryCount;
            replayed[ranges] = again;
            ranges++;
        }
        messages = Math.toIntExact(messages + last - first + 1);
    }

    /** Adds whole batches; {@code part} is kept until {@link #clear}. */
    void addBatches(ByteBuffer part) {
        parts.add(part);
        sizeBytes += part.remaining();
    }

    /** Number of acquired ranges. */
    public int ranges() {
        return ranges;
    }

    public long first(int index) {
        return firsts[index];
    }

    /** Last offset of a range, inclusive. */
    public long last(int index) {
        return lasts[index];
    }

    /** What JMSXDeliveryCount is to say for every record of the range: 1 at the first delivery. */
    public int deliveryCount(int index) {
        return counts[index];
    }

    /** Whether the records of the range were settled once, and an operator has asked for them again. */
    public boolean replayed(int index) {
        return replayed[index];
    }

    /** How often a message may be handed out before it must come back when it fails; negative: it must each time. */
    public int attemptsMax() {
        return attemptsMax;
    }

    void attemptsMax(int attempts) {
        attemptsMax = attempts;
    }

    /** Records in all ranges. */
    public int messages() {
        return messages;
    }

    /** Bytes that {@link #writeTo} writes, and what the delivery takes from the consumer's credit. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /**
     * Writes the record batches, in offset order; may be called more than once. The batches may hold records that are
     * not acquired; those are not for this consumer.
     */
    public void writeTo(ByteBuffer dst) {
        for (int i = 0; i < parts.size(); i++) {
            dst.put(parts.get(i).duplicate());
        }
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("Delivery[");
        for (int i = 0; i < ranges; i++) {
            text.append(firsts[i]).append("..").append(lasts[i]).append('x').append(counts[i]);
            text.append(i + 1 < ranges ? ", " : "");
        }
        return text.append(", ").append(sizeBytes).append(" bytes]").toString();
    }
}
