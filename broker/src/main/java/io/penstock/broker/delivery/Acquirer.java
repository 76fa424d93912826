package io.penstock.broker.delivery;

import io.penstock.broker.partition.Partition;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordSubset;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Chooses the records of one push and collects their bytes: walks batch headers, takes whole batches unparsed where it
 * can, cuts the others. Changes no state of a group. One for an owner, used by one group at a time.
 */
final class Acquirer {

    private final BatchWindow window;
    private final RecordGate gate;
    private final Delivery delivery = new Delivery();

    private final OffsetRanges acquired = new OffsetRanges();
    private final OffsetRanges passed = new OffsetRanges();
    private final OffsetRanges deliverable = new OffsetRanges();
    private final OffsetRanges refused = new OffsetRanges();

    private int messagesLeft;
    private long bytesLeft;
    private boolean first;

    /** The batch that is being taken from: its position in the window, -1 for none, and what of it was taken. */
    private int takenAt = -1;

    private int takenSize;
    private int takenCount;
    private boolean takenCompressed;
    private final OffsetRanges taken = new OffsetRanges();
    /** A run of whole batches that lie side by side in the window. */
    private int wholeFrom;

    private int wholeTo;
    private ByteBuffer cuts = ByteBuffer.allocateDirect(4096);

    Acquirer(int readBytes) {
        this.window = new BatchWindow(readBytes);
        this.gate = new RecordGate();
    }

    /** Begins a push of at most so many messages; the last message that begins within the bytes is taken. */
    void begin(int messages, int bytes, RecordGate.Rules rules) {
        messagesLeft = messages;
        bytesLeft = bytes;
        first = true;
        delivery.clear();
        takenAt = -1;
        taken.clear();
        wholeFrom = 0;
        wholeTo = 0;
        cuts.clear();
        gate.rules(rules);
        beginRange();
    }

    /** Forgets what the last {@link #collect} acquired and passed; what is delivered goes on. */
    void beginRange() {
        acquired.clear();
        passed.clear();
    }

    boolean wantsMore() {
        return messagesLeft > 0 && bytesLeft > 0;
    }

    /**
     * Takes records of an offset range, as far as the limits, and the bytes that are at hand, reach.
     *
     * @param deliveredBefore how often these records have been counted as delivered
     * @return the first offset that was not decided; every offset below it is in {@link #acquired}, in
     *     {@link #passed}, or has no record that needs delivery
     */
    long collect(Partition partition, long from, long end, int deliveredBefore, int averageBytes) throws IOException {
        long offset = from;
        while (offset < end && wantsMore()) {
            if (!window.seek(partition, offset)) {
                if (!first) {
                    break;
                }
                long wanted = Math.min(bytesLeft, (long) messagesLeft * averageBytes) + averageBytes;
                if (!window.read(partition, offset, (int) Math.min(wanted, Integer.MAX_VALUE))) {
                    break;
                }
            }
            if (window.base() >= end) {
                return end;
            }
            if (window.control()) {
                offset = window.last() + 1;
                continue;
            }
            // The window is not read again from here on: what was taken points into it.
            first = false;
            offset = take(Math.max(offset, window.base()), Math.min(end - 1, window.last()), deliveredBefore);
        }
        return Math.min(offset, end);
    }

    private long take(long from, long to, int deliveredBefore) throws IOException {
        int each = Math.max(1, window.sizeBytes() / Math.max(1, window.count()));
        int room = (int) Math.min(messagesLeft, Math.max(1, (bytesLeft + each - 1) / each));
        if (window.dense() && !gate.mustLook(window.batch())) {
            long last = Math.min(to, from + room - 1);
            takeRange(from, last, deliveredBefore, each);
            return last + 1;
        }
        deliverable.clear();
        refused.clear();
        gate.examine(window.batch(), from, to, deliverable, refused);
        long reached = to + 1;
        for (int i = 0; i < deliverable.size(); i++) {
            if (room == 0) {
                reached = deliverable.first(i);
                break;
            }
            long last = Math.min(deliverable.last(i), deliverable.first(i) + room - 1);
            takeRange(deliverable.first(i), last, deliveredBefore, each);
            room -= (int) (last - deliverable.first(i) + 1);
            if (last < deliverable.last(i)) {
                reached = last + 1;
                break;
            }
        }
        passed.addAll(refused.below(reached));
        return reached;
    }

    private void takeRange(long from, long to, int deliveredBefore, int bytesEach) {
        if (window.position() != takenAt) {
            finishBatch();
            takenAt = window.position();
            takenSize = window.sizeBytes();
            takenCount = window.count();
            takenCompressed = window.compressed();
        }
        taken.add(from, to);
        acquired.add(from, to);
        delivery.addRange(from, to, deliveredBefore + 1);
        int count = (int) (to - from + 1);
        messagesLeft -= count;
        bytesLeft -= (long) count * bytesEach;
    }

    private void finishBatch() {
        if (takenAt < 0) {
            return;
        }
        if (takenCompressed || taken.count() == takenCount) {
            if (wholeTo != takenAt) {
                finishWhole();
                wholeFrom = takenAt;
            }
            wholeTo = takenAt + takenSize;
        } else {
            finishWhole();
            cut();
        }
        taken.clear();
        takenAt = -1;
    }

    private void finishWhole() {
        if (wholeTo > wholeFrom) {
            delivery.addBatches(window.slice(wholeFrom, wholeTo - wholeFrom));
        }
        wholeFrom = 0;
        wholeTo = 0;
    }

    private void cut() {
        if (cuts.remaining() < takenSize) {
            // Parts that were cut before keep the old buffer.
            cuts = ByteBuffer.allocateDirect(Math.max(2 * cuts.capacity(), takenSize));
        }
        int from = cuts.position();
        RecordSubset.write(RecordBatch.of(window.slice(takenAt, takenSize)), taken::contains, cuts);
        delivery.addBatches(cuts.slice(from, cuts.position() - from));
    }

    /** What was collected since {@link #begin}, ready to be handed to a consumer. */
    Delivery delivery() {
        finishBatch();
        finishWhole();
        return delivery;
    }

    boolean anything() {
        return delivery.messages() > 0;
    }

    /** Offsets taken since {@link #beginRange}. */
    OffsetRanges acquired() {
        return acquired;
    }

    /** Offsets since {@link #beginRange} that are settled without delivery. */
    OffsetRanges passed() {
        return passed;
    }

    void forget() {
        window.forget();
    }
}
