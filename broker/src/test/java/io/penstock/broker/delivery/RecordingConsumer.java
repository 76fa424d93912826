package io.penstock.broker.delivery;

import io.penstock.protocol.selector.Selector;
import io.penstock.protocol.selector.SelectorSyntaxException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;

/** A consumer that remembers what it got, read back by Kafka's own parser. */
final class RecordingConsumer implements DeliveryConsumer {

    private final SessionKey session;
    private final int id;
    int credit;
    int creditBytes = Integer.MAX_VALUE;
    boolean writable = true;
    String selector;
    /** Offset and count, in the order of arrival. */
    final List<Got> got = new ArrayList<>();

    /** Offsets of what came by a replay. */
    final List<Long> replayed = new ArrayList<>();

    final List<Integer> drains = new ArrayList<>();
    EndReason ended;
    /** Thrown by the next push. */
    Error fails;

    int pushes;
    long bytes;

    /** One message. */
    record Got(long offset, int count, String value) {}

    RecordingConsumer(SessionKey session, int id, int credit) {
        this.session = session;
        this.id = id;
        this.credit = credit;
    }

    @Override
    public SessionKey session() {
        return session;
    }

    @Override
    public int consumerId() {
        return id;
    }

    RecordingConsumer selecting(String text) {
        selector = text;
        return this;
    }

    @Override
    public Selector selector() {
        try {
            return selector == null ? null : Selector.compile(selector);
        } catch (SelectorSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public int creditMessages() {
        return credit;
    }

    @Override
    public int creditBytes() {
        return creditBytes;
    }

    @Override
    public boolean writable() {
        return writable;
    }

    @Override
    public void deliver(Delivery delivery) {
        if (fails != null) {
            throw fails;
        }
        pushes++;
        credit -= delivery.messages();
        creditBytes -= delivery.sizeBytes();
        bytes += delivery.sizeBytes();
        ByteBuffer batches = ByteBuffer.allocate(delivery.sizeBytes());
        delivery.writeTo(batches);
        batches.flip();
        int before = got.size();
        // Records and ranges both come in offset order.
        int range = 0;
        for (Record record : MemoryRecords.readableRecords(batches).records()) {
            while (range < delivery.ranges() && delivery.last(range) < record.offset()) {
                range++;
            }
            if (range < delivery.ranges() && delivery.first(range) <= record.offset()) {
                byte[] value = new byte[record.valueSize()];
                record.value().get(value);
                if (delivery.replayed(range)) {
                    replayed.add(record.offset());
                }
                got.add(new Got(record.offset(), delivery.deliveryCount(range), new String(value)));
            }
        }
        if (got.size() - before != delivery.messages()) {
            throw new AssertionError(delivery + " holds " + (got.size() - before) + " acquired records");
        }
    }

    @Override
    public void drained(int drainId) {
        drains.add(drainId);
    }

    @Override
    public void ended(EndReason reason, String message) {
        ended = reason;
    }

    List<Long> offsets() {
        return got.stream().map(Got::offset).toList();
    }

    List<Integer> counts() {
        return got.stream().map(Got::count).toList();
    }
}
