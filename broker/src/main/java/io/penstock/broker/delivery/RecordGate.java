package io.penstock.broker.delivery;

import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.HeaderCursor;
import io.penstock.protocol.record.InvalidBatchException;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordCursor;
import io.penstock.protocol.selector.SelectorMatcher;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Which records of a batch a group gets, and which of them one consumer: not those that have expired, that an unclean
 * restart has made void, that the excluded sender wrote, or that the group's selector leaves out. A batch whose writer calls it plain is not looked into; batches of Kafka's own clients
 * are, since their records may carry the same headers.
 *
 * <p>Also finds the records of a batch with gaps. A batch that cannot be read is handed on whole: the client is to see
 * it, and to say so, rather than that it vanishes here.
 */
final class RecordGate {

    /** Of one batch, when it is decompressed to look at headers. */
    private static final int DECOMPRESSED_BYTES_MAX = 64 << 20;

    private static final byte[] EXPIRATION = "JMSExpiration".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DELIVERY_MODE = "JMSDeliveryMode".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SENDER = "penstock.sender".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NON_PERSISTENT = "NON_PERSISTENT".getBytes(StandardCharsets.US_ASCII);

    /** Of compressed batches in one window, so that consumers with other selectors do not decompress them again. */
    private static final int DECOMPRESSED_BYTES_KEPT = 8 << 20;

    /** About a nanosecond each: what a record costs at least, and what for each part of a selector. */
    private static final int WORK_RECORD = 100;

    private static final int WORK_NODE = 15;

    private static final int WORK_BATCH = 500;

    private static final int BYTES_READ_FOR_WORK = 8;

    private final RecordCursor cursor = new RecordCursor();
    private final HeaderCursor headers = new HeaderCursor();
    private final RecordOrder order = new RecordOrder();
    private Rules rules;
    private byte[] excludedSender;
    private SelectorMatcher matcher;
    private GroupOwners owners;
    private long workLeft;
    private boolean expired;

    private final Map<Integer, ByteBuffer> decompressed = new HashMap<>();
    private long decompressedWindow;
    private long decompressedBytes;

    /**
     * @param nowMillis time against which records have expired
     * @param expiredLeave what has expired goes elsewhere, and is not settled unseen
     * @param discardBelow NON_PERSISTENT records below are discarded
     * @param excludedSender see {@link GroupSpec#excludedSender}; null delivers all
     * @param filter see {@link GroupSpec#selector}; null delivers all
     */
    record Rules(
            long nowMillis, boolean expiredLeave, long discardBelow, String excludedSender, SelectorMatcher filter) {
        boolean same(long now, boolean leave, long below, String sender, SelectorMatcher matcher) {
            return now == nowMillis
                    && leave == expiredLeave
                    && below == discardBelow
                    && matcher == filter
                    && Objects.equals(sender, excludedSender);
        }
    }

    /** Begins a push or a scan: what a consumer's selector is, and how much may be looked at. */
    void begin(Rules now, SelectorMatcher consumers, long work) {
        rules(now);
        matcher = consumers;
        owners = null;
        workLeft = work;
    }

    /** Whether the consumer gets a record of a message group is asked here. */
    void askFor(GroupOwners of) {
        owners = of;
    }

    /** What is left of the budget; negative when the last record cost more. */
    long workLeft() {
        return workLeft;
    }

    /** A batch was skipped by its header; it was read all the same, and the pieces of large messages are long. */
    void skipped(int bytes) {
        workLeft -= WORK_BATCH + bytes / BYTES_READ_FOR_WORK;
    }

    private void rules(Rules now) {
        if (rules == null || !Objects.equals(rules.excludedSender, now.excludedSender)) {
            excludedSender = now.excludedSender == null ? null : now.excludedSender.getBytes(StandardCharsets.UTF_8);
        }
        rules = now;
    }

    boolean mustLook(RecordBatch batch) {
        return matcher != null || rules.filter != null || excludedSender != null || !batch.plain();
    }

    /**
     * Adds the records of an offset range to one of three, in order, until there are enough or the budget is spent;
     * offsets without a record to none.
     *
     * @param window tells the runs apart that batches lie in
     * @param candidates null for all
     * @param room how many are wanted
     * @return the first offset that was not decided
     */
    long examine(RecordBatch batch, long window, long from, long to, Candidates candidates, int room, Sorted into) {
        into.clear();
        int wanted = room;
        try {
            cursor.open(batch, records(batch, window));
            Record record = cursor.record();
            while (cursor.next()) {
                long offset = record.offset();
                if (offset > to) {
                    break;
                }
                if (offset < from) {
                    continue;
                }
                if (candidates != null && !candidates.has(offset)) {
                    if (candidates.next(offset) > to) {
                        break;
                    }
                    continue;
                }
                workLeft -= WORK_RECORD + cost(record, rules.filter) + cost(record, matcher);
                if (!delivered(record)) {
                    (expired && rules.expiredLeave ? into.expired : into.passed).add(offset, offset);
                } else if (matcher != null && !matcher.matches(record) || owners != null && !owners.claims(record)) {
                    into.unwanted.add(offset, offset);
                } else {
                    into.deliverable.add(offset, offset);
                    wanted--;
                }
                if (wanted == 0 || workLeft <= 0) {
                    return offset + 1;
                }
            }
            return to + 1;
        } catch (InvalidBatchException e) {
            return unreadable(from, to, candidates, room, into);
        }
    }

    /** Begins to ask what orders records. */
    void beginSurvey(long work) {
        workLeft = work;
    }

    /** Tells what orders the records of a range; of a batch that cannot be read nothing does. */
    void order(RecordBatch batch, long window, long from, long to, Acquirer.OrderSink sink) {
        workLeft -= WORK_BATCH;
        try {
            cursor.open(batch, records(batch, window));
            Record record = cursor.record();
            while (cursor.next() && record.offset() <= to) {
                if (record.offset() >= from) {
                    workLeft -= WORK_RECORD;
                    order.read(record);
                    sink.accept(record.offset(), order);
                }
            }
        } catch (InvalidBatchException e) {
            // Delivered like any other: the client is to see it.
        }
    }

    /** No selector matches what cannot be read. */
    private long unreadable(long from, long to, Candidates candidates, int room, Sorted into) {
        into.clear();
        long end = matcher == null ? Math.min(to, from + room - 1) : to;
        OffsetRanges all = candidates == null ? OffsetRanges.of(from, end) : candidates.in(from, end);
        (matcher == null ? into.deliverable : into.unwanted).addAll(all);
        return end + 1;
    }

    private static long cost(Record record, SelectorMatcher matcher) {
        if (matcher == null) {
            return 0;
        }
        long passes = 1L + matcher.selector().likes();
        return WORK_NODE * (long) matcher.selector().nodes() + passes * record.headersBytes() / 2;
    }

    /** Null for a batch that is not compressed. */
    private ByteBuffer records(RecordBatch batch, long window) {
        if (batch.compression() == Compression.NONE) {
            return null;
        }
        if (window != decompressedWindow || decompressedBytes > DECOMPRESSED_BYTES_KEPT) {
            decompressed.clear();
            decompressedBytes = 0;
            decompressedWindow = window;
        }
        ByteBuffer records = decompressed.get(batch.position());
        if (records == null) {
            records = RecordCursor.decompress(batch, DECOMPRESSED_BYTES_MAX);
            workLeft -= records.limit();
            decompressed.put(batch.position(), records);
            decompressedBytes += records.limit();
        }
        return records;
    }

    /** Nothing is kept of what was read. */
    void forget() {
        decompressed.clear();
        decompressedBytes = 0;
    }

    /** What {@link #examine} has decided. */
    static final class Sorted {
        final OffsetRanges deliverable = new OffsetRanges();
        /** Settled unseen. */
        final OffsetRanges passed = new OffsetRanges();
        /** For nobody any more, and to be moved. */
        final OffsetRanges expired = new OffsetRanges();
        /** For consumers with other selectors. */
        final OffsetRanges unwanted = new OffsetRanges();

        void clear() {
            deliverable.clear();
            passed.clear();
            expired.clear();
            unwanted.clear();
        }
    }

    private boolean delivered(Record record) {
        expired = false;
        boolean wanted = (record.headerCount() == 0 || isForGroup(record))
                && (rules.filter == null || rules.filter.matches(record));
        expired &= wanted;
        return wanted && !expired;
    }

    /** Notes whether it has expired as well. */
    private boolean isForGroup(Record record) {
        headers.open(record);
        while (headers.next()) {
            if (headers.nameEquals(EXPIRATION)) {
                long expiration = RecordOrder.number(headers, 0);
                expired = expiration > 0 && expiration <= rules.nowMillis;
            } else if (record.offset() < rules.discardBelow && headers.nameEquals(DELIVERY_MODE)) {
                if (valueIs(NON_PERSISTENT)) {
                    return false;
                }
            } else if (excludedSender != null && headers.nameEquals(SENDER) && valueIs(excludedSender)) {
                return false;
            }
        }
        return true;
    }

    private boolean valueIs(byte[] expected) {
        if (headers.valueBytes() != expected.length) {
            return false;
        }
        for (int i = 0; i < expected.length; i++) {
            if (headers.valueByte(i) != expected[i]) {
                return false;
            }
        }
        return true;
    }
}
