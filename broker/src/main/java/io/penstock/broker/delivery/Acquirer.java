package io.penstock.broker.delivery;

import io.penstock.broker.partition.Partition;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordSubset;
import io.penstock.protocol.selector.SelectorMatcher;
import io.penstock.storage.log.PartitionLog.TransactionFate;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Chooses the records of one push and collects their bytes: walks batch headers, takes whole batches unparsed where it
 * can, cuts the others. Changes no state of a group. One for an owner, used by one group at a time.
 *
 * <p>With a selector, or a filter of the group, it looks at each record, for as long as the budget of work lasts.
 */
final class Acquirer {

    private final BatchWindow window;
    private final RecordGate gate;
    private final Delivery delivery = new Delivery();

    private final OffsetRanges acquired = new OffsetRanges();
    private final OffsetRanges passed = new OffsetRanges();
    private final OffsetRanges unwanted = new OffsetRanges();
    private final List<Parked> parked = new ArrayList<>(0);
    private final RecordGate.Sorted sorted = new RecordGate.Sorted();

    /** Records for a holder that is no session: of an undecided transaction, or expired. */
    record Parked(SessionKey holder, long first, long last) {}

    private int messagesLeft;
    private long bytesLeft;
    private boolean scanning;
    /** Only decides, and delivers nothing. */
    private boolean surveying;

    private Candidates candidates;
    /** What is told apart in the delivery; null for nothing. */
    private OffsetSet replayed;

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

    /**
     * Begins a push of at most so many messages; the last message that begins within the bytes is taken.
     *
     * @param matcher what the consumer takes, null for everything
     * @param work how much may be looked at, in about nanoseconds; at least one record is
     */
    void begin(int messages, int bytes, RecordGate.Rules rules, SelectorMatcher matcher, long work) {
        messagesLeft = messages;
        bytesLeft = bytes;
        scanning = matcher != null || rules.filter() != null;
        surveying = false;
        delivery.clear();
        takenAt = -1;
        taken.clear();
        wholeFrom = 0;
        wholeTo = 0;
        cuts.clear();
        replayed = null;
        gate.begin(rules, matcher, work);
        beginRange();
    }

    /** Whether the consumer gets a record of a message group is asked there; until the next {@link #begin}. */
    void askFor(GroupOwners owners) {
        gate.askFor(owners);
    }

    /** These of a group are told apart; until the next {@link #begin}. */
    void tellApart(OffsetSet replayedOffsets) {
        replayed = replayedOffsets.isEmpty() ? null : replayedOffsets;
    }

    /** Begins to sort new records into those that a group gets and those that are settled unseen. */
    void beginSurvey(RecordGate.Rules rules, long work) {
        begin(Integer.MAX_VALUE, Integer.MAX_VALUE, rules, null, work);
        surveying = true;
    }

    /** Takes no more than so many messages from here on. */
    void atMost(long messages) {
        messagesLeft = (int) Math.min(messagesLeft, messages);
    }

    /** What is left of the budget of work. */
    long workLeft() {
        return gate.workLeft();
    }

    /** Forgets what the last {@link #collect} acquired and passed; what is delivered goes on. */
    void beginRange() {
        acquired.clear();
        passed.clear();
        unwanted.clear();
        parked.clear();
    }

    boolean wantsMore() {
        return messagesLeft > 0 && bytesLeft > 0 && gate.workLeft() > 0;
    }

    /**
     * Takes records of an offset range, as far as the limits, and the bytes that are at hand, reach.
     *
     * @param from which of the range may be taken, and how often these have been delivered; null for all, never
     * @return the first offset that was not decided; every candidate below it is in {@link #acquired}, in
     *     {@link #passed}, in {@link #unwanted}, in {@link #parked}, or has no record that needs delivery
     */
    long collect(Partition partition, long begin, long end, Candidates from, int averageBytes) throws IOException {
        candidates = from;
        long offset = begin;
        while (offset < end && wantsMore()) {
            if (candidates != null) {
                offset = candidates.next(offset);
                if (offset >= end) {
                    return end;
                }
            }
            if (!window.seek(partition, offset)) {
                // What was taken points into the window: it is not read again.
                if (anything() || !read(partition, offset, averageBytes)) {
                    break;
                }
            }
            if (window.base() >= end) {
                return end;
            }
            if (window.control()
                    || window.batch().head() && partition.largeMessages().isBodyGone(window.batch())
                    || !committed(partition, Math.max(offset, window.base()), end - 1)) {
                gate.skipped(window.sizeBytes());
                offset = window.last() + 1;
                continue;
            }
            offset = take(Math.max(offset, window.base()), Math.min(end - 1, window.last()));
        }
        return Math.min(offset, end);
    }

    /** Told what orders a record. */
    interface OrderSink {
        void accept(long offset, RecordOrder order);
    }

    /**
     * Tells of the records of an offset range what orders them, as far as the budget reaches; not of those whose writer
     * says that nothing does. Not during a push.
     *
     * @return the first offset that was not looked at
     */
    long survey(Partition partition, long begin, long end, long work, OrderSink sink) throws IOException {
        gate.beginSurvey(work);
        long offset = begin;
        while (offset < end && gate.workLeft() > 0) {
            if (!window.seek(partition, offset) && !window.read(partition, offset, Integer.MAX_VALUE)) {
                break;
            }
            if (window.base() >= end) {
                return end;
            }
            if (window.control() || window.batch().inOrder()) {
                gate.skipped(window.sizeBytes());
            } else {
                gate.order(window.batch(), window.generation(), offset, Math.min(end - 1, window.last()), sink);
            }
            offset = window.last() + 1;
        }
        return Math.min(offset, end);
    }

    /** False for a batch of a transaction that was aborted, and for one of an undecided transaction, which is parked. */
    private boolean committed(Partition partition, long from, long last) throws IOException {
        if (!window.batch().transactional()) {
            return true;
        }
        long producerId = window.batch().producerId();
        TransactionFate fate = partition.transactions().fate(producerId, window.base());
        if (fate == TransactionFate.UNDECIDED) {
            parked.add(new Parked(SessionKey.parkedFor(producerId), from, Math.min(last, window.last())));
        }
        return fate == TransactionFate.COMMITTED;
    }

    private boolean read(Partition partition, long offset, int averageBytes) throws IOException {
        long wanted =
                scanning ? Integer.MAX_VALUE : Math.min(bytesLeft, (long) messagesLeft * averageBytes) + averageBytes;
        return window.read(partition, offset, (int) Math.min(wanted, Integer.MAX_VALUE));
    }

    private long take(long from, long to) {
        int each = Math.max(1, window.sizeBytes() / Math.max(1, window.count()));
        int room = (int) Math.min(messagesLeft, Math.max(1, (bytesLeft + each - 1) / each));
        if (window.dense() && !gate.mustLook(window.batch())) {
            // The caller has made sure that a candidate begins here, unless a gap came between.
            long first = candidates == null ? from : candidates.next(from);
            if (first > to) {
                return to + 1;
            }
            long last = Math.min(to, first + room - 1);
            if (candidates != null) {
                last = Math.min(last, candidates.runEnd(first));
            }
            takeRange(first, last, each);
            return last + 1;
        }
        long reached = gate.examine(window.batch(), window.generation(), from, to, candidates, room, sorted);
        for (int i = 0; i < sorted.deliverable.size(); i++) {
            takeCandidates(sorted.deliverable.first(i), sorted.deliverable.last(i), each);
        }
        for (int i = 0; i < sorted.expired.size(); i++) {
            parked.add(new Parked(
                    SessionKey.leaving(MoveReason.EXPIRED), sorted.expired.first(i), sorted.expired.last(i)));
        }
        passed.addAll(sorted.passed);
        unwanted.addAll(sorted.unwanted);
        return reached;
    }

    /** Neighbours may have been delivered a different number of times. */
    private void takeCandidates(long from, long to, int bytesEach) {
        if (candidates == null) {
            takeRange(from, to, bytesEach);
            return;
        }
        for (long first = from; first <= to; ) {
            long last = Math.min(to, candidates.runEnd(first));
            takeRange(first, last, bytesEach);
            first = last + 1;
        }
    }

    private void takeRange(long from, long to, int bytesEach) {
        int deliveredBefore = candidates == null ? 0 : candidates.deliveredBefore(from);
        if (surveying) {
            acquired.add(from, to);
            return;
        }
        if (window.position() != takenAt) {
            finishBatch();
            takenAt = window.position();
            takenSize = window.sizeBytes();
            takenCount = window.count();
            takenCompressed = window.compressed();
        }
        taken.add(from, to);
        acquired.add(from, to);
        deliver(from, to, deliveredBefore + 1);
        int count = (int) (to - from + 1);
        messagesLeft -= count;
        bytesLeft -= (long) count * bytesEach;
    }

    private void deliver(long from, long to, int deliveryCount) {
        long first = from;
        while (replayed != null && first <= to) {
            boolean again = replayed.contains(first);
            long last = Math.min(to, again ? replayed.runEnd(first) : replayed.next(first) - 1);
            delivery.addRange(first, last, deliveryCount, again);
            first = last + 1;
        }
        if (first <= to) {
            delivery.addRange(first, to, deliveryCount, false);
        }
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

    /** Offsets since {@link #beginRange} that the selector does not match. */
    OffsetRanges unwanted() {
        return unwanted;
    }

    /**
     * Offsets since {@link #beginRange} in undecided transactions, in order, others than candidates among them; and expired
     * ones that are to be moved.
     */
    List<Parked> parked() {
        return parked;
    }

    void forget() {
        window.forget();
        gate.forget();
    }
}
