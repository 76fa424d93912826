package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Message groups and exclusive queues (rule 28, invariant 24). */
@Timeout(60)
class MessageGroupTest {

    private static final SessionKey A = new SessionKey(100, 1);
    private static final SessionKey B = new SessionKey(200, 1);
    private static final SessionKey C = new SessionKey(300, 1);
    private static final OffsetRanges NOTHING = new OffsetRanges();

    private final DeliveryBench bench = new DeliveryBench();
    private final List<String> groups = new ArrayList<>();

    private RecordingConsumer consumer(SessionKey session, int credit) {
        RecordingConsumer consumer = new RecordingConsumer(session, 1, credit);
        bench.run(() -> bench.group().attach(consumer));
        return consumer;
    }

    private void send(String... keys) {
        send(keys, new Header[0]);
    }

    private void send(String[] keys, Header... headers) {
        SimpleRecord[] records = new SimpleRecord[keys.length];
        for (int i = 0; i < keys.length; i++) {
            byte[] key = keys[i].isEmpty() ? null : keys[i].getBytes(StandardCharsets.UTF_8);
            records[i] = new SimpleRecord(bench.time.millis(), key, ("m" + groups.size()).getBytes(), headers);
            groups.add(keys[i]);
        }
        bench.append(MemoryRecords.withRecords(Compression.NONE, records).buffer());
    }

    private void settle(SessionKey session, long sequence, long... offsets) {
        OffsetRanges ranges = new OffsetRanges();
        LongStream.of(offsets).forEach(offset -> ranges.add(offset, offset));
        bench.run(() -> bench.group()
                .settle(
                        session,
                        sequence,
                        Settlements.accept(ranges),
                        (outcome, failure) -> assertTrue(outcome.complete(), () -> "" + outcome)));
    }

    private void detach(RecordingConsumer consumer) {
        bench.run(() -> bench.group().detach(consumer, NOTHING));
    }

    private static List<Long> offsets(long... offsets) {
        return LongStream.of(offsets).boxed().toList();
    }

    /** Where each message group went, checked to be one consumer and in order. */
    private Map<String, Integer> places(RecordingConsumer... consumers) {
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < consumers.length; i++) {
            Map<String, Long> last = new HashMap<>();
            for (long offset : consumers[i].offsets()) {
                String group = groups.get((int) offset);
                if (!group.isEmpty()) {
                    Integer before = places.put(group, i);
                    assertTrue(before == null || before == i, group + " went to " + before + " and " + i);
                    assertTrue(last.getOrDefault(group, -1L) < offset, group + " is out of order");
                    last.put(group, offset);
                }
            }
        }
        return places;
    }

    @Test
    void eachGroupGoesToOneConsumerAndTheyShareThem() {
        bench.openQueue();
        RecordingConsumer a = consumer(A, 1_000);
        RecordingConsumer b = consumer(B, 1_000);
        RecordingConsumer c = consumer(C, 1_000);
        for (int i = 0; i < 30; i++) {
            send("red", "green", "", "blue", "red");
        }
        Map<String, Integer> places = places(a, b, c);
        assertEquals(3, Map.copyOf(places).values().stream().distinct().count(), "" + places);
        assertEquals(150, a.got.size() + b.got.size() + c.got.size());
    }

    @Test
    void whoseOwnerIsSlowWaitsAndOthersDoNot() {
        bench.openQueue();
        RecordingConsumer a = consumer(A, 1);
        send("red");
        RecordingConsumer b = consumer(B, 100);
        send("red", "blue", "", "red");
        assertEquals(offsets(0), a.offsets());
        assertEquals(offsets(2, 3), b.offsets());
        a.credit = 10;
        bench.run(() -> bench.group().wake(a));
        assertEquals(offsets(0, 1, 4), a.offsets());
    }

    @Test
    void aGroupMovesWhenItsConsumerIsGoneAndNothingOfItIsHeld() {
        bench.openQueue();
        RecordingConsumer a = consumer(A, 2);
        send("red", "red", "red", "red");
        RecordingConsumer b = consumer(B, 100);
        assertEquals(offsets(0, 1), a.offsets());
        assertEquals(offsets(), b.offsets());
        detach(a);
        assertEquals(offsets(), b.offsets());
        settle(A, 1, 0);
        assertEquals(offsets(), b.offsets());
        settle(A, 2, 1);
        assertEquals(offsets(2, 3), b.offsets());
    }

    @Test
    void whatADeadConsumerHadComesAgainInOrder() {
        bench.openQueue();
        RecordingConsumer a = consumer(A, 2);
        send("red", "red", "red", "blue");
        RecordingConsumer b = consumer(B, 100);
        assertEquals(offsets(3), b.offsets());
        bench.run(() -> bench.delivery.sessionEnded(A));
        assertEquals(offsets(0, 1), a.offsets());
        assertEquals(offsets(3, 0, 1, 2), b.offsets());
    }

    @Test
    void anotherConsumerOfTheSameSessionGoesOn() {
        bench.openQueue();
        RecordingConsumer a = consumer(A, 1);
        send("red", "red");
        detach(a);
        RecordingConsumer b = consumer(B, 10);
        assertEquals(offsets(), b.offsets());
        RecordingConsumer next = new RecordingConsumer(A, 2, 10);
        bench.run(() -> bench.group().attach(next));
        assertEquals(offsets(1), next.offsets());
        assertEquals(offsets(), b.offsets());
    }

    @Test
    void aSequenceOfMinusOneEndsTheGroup() {
        bench.openQueue();
        RecordingConsumer a = consumer(A, 10);
        send("red");
        send(new String[] {"red"}, new RecordHeader("JMSXGroupSeq", "-1".getBytes()));
        assertEquals(offsets(0, 1), a.offsets());
        RecordingConsumer b = consumer(B, 10);
        settle(A, 1, 0, 1);
        a.credit = 0;
        send("red");
        assertEquals(offsets(2), b.offsets());
    }

    @Test
    void aRestartKeepsGroupsWithTheSessionsThatHoldThem() {
        bench.openQueue();
        RecordingConsumer a = consumer(A, 1);
        RecordingConsumer b = consumer(B, 1);
        send("red", "blue");
        assertEquals(List.of(1, 1), List.of(a.got.size(), b.got.size()));
        SessionKey ofRed = a.offsets().get(0) == 0 ? A : B;
        SessionKey ofBlue = ofRed.equals(A) ? B : A;
        bench.kill();
        bench.openQueue();
        RecordingConsumer blues = new RecordingConsumer(ofBlue, 3, 10);
        RecordingConsumer reds = new RecordingConsumer(ofRed, 4, 10);
        bench.run(() -> bench.group().attach(blues));
        bench.run(() -> bench.group().hold(ofBlue, OffsetRanges.of(1, 1)));
        bench.run(() -> bench.group().attach(reds));
        bench.run(() -> bench.group().hold(ofRed, OffsetRanges.of(0, 0)));
        send("red", "blue", "red");
        assertEquals(offsets(2, 4), reds.offsets());
        assertEquals(offsets(3), blues.offsets());
    }

    @Test
    void manyGroupsAreSpread() {
        bench.openQueue();
        RecordingConsumer[] consumers = {consumer(A, 10_000), consumer(B, 10_000), consumer(C, 10_000)};
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 300; i++) {
                send("group-" + i);
            }
        }
        places(consumers);
        for (RecordingConsumer consumer : consumers) {
            assertTrue(consumer.got.size() > 200, consumer.got.size() + " messages");
        }
    }

    @Test
    void exclusiveQueuesHaveOneConsumerAtATime() {
        bench.exclusive = true;
        bench.openQueue();
        RecordingConsumer a = consumer(A, 3);
        RecordingConsumer b = consumer(B, 100);
        bench.send(5);
        assertEquals(offsets(0, 1, 2), a.offsets());
        assertEquals(offsets(), b.offsets());
        bench.run(() -> bench.group().drain(b, 9));
        assertEquals(List.of(9), b.drains);
        detach(a);
        assertEquals(offsets(), b.offsets());
        settle(A, 1, 0, 1);
        assertEquals(offsets(), b.offsets());
        bench.run(() -> bench.delivery.sessionEnded(A));
        assertEquals(offsets(2, 3, 4), b.offsets());
        RecordingConsumer c = consumer(C, 100);
        bench.send(1);
        assertEquals(offsets(2, 3, 4, 5), b.offsets());
        assertEquals(offsets(), c.offsets());
        bench.exclusive = false;
        for (int i = 0; i < 4; i++) {
            bench.send(1);
        }
        assertNotEquals(0, c.got.size());
    }
}
