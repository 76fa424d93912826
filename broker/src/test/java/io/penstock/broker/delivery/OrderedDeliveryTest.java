package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.jms.JmsHeader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Priorities and delivery times (rules 18, 19). */
@Timeout(60)
class OrderedDeliveryTest {

    private static final SessionKey A = new SessionKey(100, 1);
    private static final SessionKey B = new SessionKey(200, 1);

    private final DeliveryBench bench = new DeliveryBench();

    private RecordingConsumer consumer(SessionKey session, int credit) {
        RecordingConsumer consumer = new RecordingConsumer(session, 1, credit);
        bench.run(() -> bench.group().attach(consumer));
        return consumer;
    }

    private void more(RecordingConsumer consumer, int credit) {
        consumer.credit += credit;
        bench.run(() -> bench.group().wake(consumer));
    }

    private void send(int messages, Header... headers) {
        bench.send(Compression.NONE, messages, headers);
    }

    private static Header priority(int priority) {
        return header(JmsHeader.PRIORITY, Integer.toString(priority));
    }

    private Header after(long millis) {
        return header(JmsHeader.DELIVERY_TIME, Long.toString(bench.time.millis() + millis));
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static List<Long> offsets(long... offsets) {
        return LongStream.of(offsets).boxed().toList();
    }

    private void accept(SessionKey session, long sequence, long first, long last) {
        bench.run(() -> bench.group()
                .settle(session, sequence, Settlements.accept(OffsetRanges.of(first, last)), (outcome, failure) -> {
                    assertTrue(outcome.complete());
                }));
    }

    @Test
    void theHighestPriorityIsNextAndAmongEqualsTheOldest() {
        bench.openQueue();
        send(2);
        send(2, priority(1));
        send(1, priority(9));
        send(2, priority(5));
        send(1, priority(9));
        RecordingConsumer consumer = consumer(A, 3);
        assertEquals(offsets(4, 7, 5), consumer.offsets());
        send(1, priority(7));
        more(consumer, 2);
        assertEquals(offsets(4, 7, 5, 8, 6), consumer.offsets());
        more(consumer, 10);
        assertEquals(offsets(4, 7, 5, 8, 6, 0, 1, 2, 3), consumer.offsets());
        assertEquals(IntStream.generate(() -> 1).limit(9).boxed().toList(), consumer.counts());
    }

    @Test
    void priorityIsStrictAboveALargeBacklog() {
        bench.openQueue();
        for (int i = 0; i < 200; i++) {
            send(1000, priority(i % 4));
        }
        RecordingConsumer consumer = consumer(A, 0);
        send(1, priority(9));
        more(consumer, 1);
        assertEquals(offsets(200_000), consumer.offsets());
        more(consumer, 1);
        assertEquals(offsets(200_000, 3_000), consumer.offsets());
        assertEquals(0, bench.group().state().startOffset());
        assertEquals(200_001, bench.delivery.orderIndex().end());
    }

    @Test
    void whatComesBackIsFirstAmongItsPriorityAndNotBefore() {
        bench.openQueue();
        send(4);
        send(2, priority(6));
        RecordingConsumer first = consumer(A, 4);
        assertEquals(offsets(4, 5, 0, 1), first.offsets());
        bench.run(() -> bench.group().detach(first, new OffsetRanges()));
        send(1, priority(8));
        bench.run(() -> bench.group().mark(A, OffsetRanges.of(5, 5)));
        bench.run(() -> bench.delivery.sessionEnded(A));
        RecordingConsumer second = consumer(B, 10);
        assertEquals(offsets(6, 4, 5, 0, 1, 2, 3), second.offsets());
        assertEquals(List.of(1, 1, 2, 1, 1, 1, 1), second.counts());
    }

    @Test
    void aRecordOfAKafkaProducerMayHaveAnyPriorityHeader() {
        bench.openQueue();
        send(1, header(JmsHeader.PRIORITY, "many"));
        send(1, header(JmsHeader.PRIORITY, "12"));
        send(1, header(JmsHeader.PRIORITY, ""));
        send(1, priority(0));
        send(1, priority(5));
        assertEquals(offsets(1, 4, 0, 2, 3), consumer(A, 10).offsets());
    }

    @Test
    void nothingIsDeliveredEarlyAndNobodyWaitsBehindIt() {
        bench.openQueue();
        send(1);
        send(2, after(5_000));
        send(1);
        RecordingConsumer consumer = consumer(A, 10);
        assertEquals(offsets(0, 3), consumer.offsets());
        send(1, after(2_000), priority(1));
        send(1);
        assertEquals(offsets(0, 3, 5), consumer.offsets());
        bench.after(1_990);
        assertEquals(offsets(0, 3, 5), consumer.offsets());
        bench.after(50);
        assertEquals(offsets(0, 3, 5, 4), consumer.offsets());
        bench.after(2_900);
        assertEquals(offsets(0, 3, 5, 4), consumer.offsets());
        bench.after(60);
        assertEquals(offsets(0, 3, 5, 4, 1, 2), consumer.offsets());
        // Nothing is ordered by more than its offset any more once all is settled.
        accept(A, 1, 0, 5);
        send(1);
        assertEquals(null, bench.delivery.orderIndex());
        assertEquals(offsets(0, 3, 5, 4, 1, 2, 6), consumer.offsets());
    }

    @Test
    void scheduledMessagesSurviveARestartAndPinTheirRecords() {
        bench.retention = SettledRetention.CONSUMED;
        bench.openQueue();
        send(1, after(3_000));
        send(5);
        RecordingConsumer before = consumer(A, 10);
        assertEquals(offsets(1, 2, 3, 4, 5), before.offsets());
        accept(A, 1, 1, 5);
        bench.after(1_500);
        assertEquals(0, bench.log.startOffset());
        bench.kill();
        bench.openQueue();
        RecordingConsumer consumer = consumer(B, 10);
        bench.after(1_400);
        assertEquals(offsets(), consumer.offsets());
        bench.after(150);
        assertEquals(offsets(0), consumer.offsets());
        accept(B, 1, 0, 0);
        bench.after(1_500);
        assertEquals(6, bench.log.startOffset());
    }

    @Test
    void whatBecameDueWhileTheBrokerWasDownIsThereAtOnce() {
        bench.openQueue();
        send(3, after(1_000));
        bench.powerCut();
        bench.after(5_000);
        bench.openQueue();
        assertEquals(offsets(0, 1, 2), consumer(A, 10).offsets());
    }

    @Test
    void moreDueTimesThanMemoryHoldsAreReadAgain() {
        bench.dueTimesMax = 100;
        bench.openQueue();
        List<Long> expected = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            send(1, after(10_000 + 7 * (i * 7919L % 2_000)));
            assertTrue(bench.delivery.nearDueTimes() <= 101);
        }
        RecordingConsumer consumer = consumer(A, 10_000);
        long start = bench.time.millis();
        for (int step = 0; consumer.got.size() < 2_000; step++) {
            bench.after(10);
            assertTrue(step < 4_000, consumer.got.size() + " were delivered");
            assertTrue(bench.delivery.nearDueTimes() <= 101);
        }
        assertTrue(bench.time.millis() > start);
        for (RecordingConsumer.Got got : consumer.got) {
            expected.add(got.offset());
        }
        assertEquals(2_000, expected.stream().distinct().count());
    }

    @Test
    void browsersShowWhatIsDueByPriority() {
        bench.openQueue();
        send(2);
        send(1, after(1_000));
        send(2, priority(9));
        RecordingConsumer browser = new RecordingConsumer(A, 7, 100);
        bench.run(() -> bench.group().browse(browser));
        assertEquals(offsets(3, 4, 0, 1), browser.offsets());
        bench.after(1_100);
        RecordingConsumer later = new RecordingConsumer(A, 8, 3);
        bench.run(() -> bench.group().browse(later));
        bench.run(() -> bench.group().drain(later, 1));
        assertEquals(List.of(1), later.drains);
        later.credit = 10;
        bench.run(() -> bench.group().wake(later));
        bench.run(() -> bench.group().drain(later, 2));
        assertEquals(offsets(3, 4, 0, 1, 2), later.offsets());
        assertEquals(List.of(1, 2), later.drains);
    }

    @Test
    void selectorsAndPrioritiesTogether() {
        bench.openQueue();
        Header red = header("color", "red");
        Header blue = header("color", "blue");
        send(2, red);
        send(2, blue, priority(8));
        send(1, red, priority(9));
        send(1, blue, after(500));
        RecordingConsumer reds = new RecordingConsumer(A, 1, 100).selecting("color = 'red'");
        bench.run(() -> bench.group().attach(reds));
        assertEquals(offsets(4, 0, 1), reds.offsets());
        RecordingConsumer blues = new RecordingConsumer(B, 1, 100).selecting("color = 'blue'");
        bench.run(() -> bench.group().attach(blues));
        assertEquals(offsets(2, 3), blues.offsets());
        bench.after(600);
        assertEquals(offsets(2, 3, 5), blues.offsets());
        assertEquals(offsets(4, 0, 1), reds.offsets());
    }

    @Test
    void aDrainDoesNotWaitForWhatIsNotDue() {
        bench.openQueue();
        send(1, after(10_000));
        RecordingConsumer consumer = consumer(A, 1);
        bench.run(() -> bench.group().drain(consumer, 5));
        assertEquals(List.of(5), consumer.drains);
        assertEquals(offsets(), consumer.offsets());
    }
}
