package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.jms.BodyKind;
import io.penstock.protocol.jms.MessageTypes;
import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatchBuilder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** JMS-RULES 27 (a queue's consumers with selectors), 9 (subscriptions'), 18 (browsers). */
@Timeout(60)
class SelectorDeliveryTest {

    private static final SessionKey A = new SessionKey(100, 1);
    private static final SessionKey B = new SessionKey(200, 1);
    private static final SessionKey C = new SessionKey(300, 1);

    private DeliveryBench bench = new DeliveryBench();
    private final RecordBatchBuilder builder = new RecordBatchBuilder(4096);

    private RecordingConsumer consumer(SessionKey session, int credit, String selector) {
        RecordingConsumer consumer = new RecordingConsumer(session, 1, credit).selecting(selector);
        bench.run(() -> bench.group().attach(consumer));
        return consumer;
    }

    /** One batch of messages, each with its color. */
    private void send(Compression compression, String... colors) {
        builder.start(compression);
        for (String color : colors) {
            builder.beginRecord(bench.time.millis()).key(null).value("m".getBytes(StandardCharsets.US_ASCII));
            builder.header("penstock.types", MessageTypes.format(BodyKind.TEXT, Map.of("color", color)));
            builder.header("color", color);
            builder.endRecord();
        }
        bench.append(copy(builder.build()));
    }

    private static ByteBuffer copy(ByteBuffer batch) {
        return ByteBuffer.allocate(batch.remaining()).put(batch).flip();
    }

    private void send(String... colors) {
        send(Compression.NONE, colors);
    }

    private void accept(SessionKey session, long... offsets) {
        OffsetRanges ranges = new OffsetRanges();
        for (long offset : offsets) {
            ranges.add(offset, offset);
        }
        List<Throwable> failures = new ArrayList<>();
        bench.run(() -> bench.group()
                .settle(
                        session,
                        SharePartition.NO_SEQUENCE,
                        Settlements.accept(ranges),
                        (outcome, failure) -> failures.add(failure)));
        assertEquals(1, failures.size());
    }

    @Test
    void eachRecordGoesToAConsumerThatMatchesIt() {
        bench.openQueue();
        RecordingConsumer red = consumer(A, 100, "color = 'red'");
        RecordingConsumer blue = consumer(B, 100, "color = 'blue'");
        send("red", "blue", "green", "blue");
        send(Compression.GZIP, "green", "red", "blue");
        assertEquals(List.of(0L, 5L), red.offsets());
        assertEquals(List.of(1L, 3L, 6L), blue.offsets());
        GroupStatistics statistics = bench.group().statistics();
        assertEquals(2, statistics.waiting());
        assertEquals(5, statistics.acquired());

        RecordingConsumer rest = consumer(C, 100, null);
        assertEquals(List.of(2L, 4L), rest.offsets());
        assertEquals(List.of(1, 1), rest.counts());
    }

    @Test
    void whatNobodyMatchesBlocksNobody() {
        bench.config = new DeliveryConfig(10, 256 << 10, 4 << 20, 1 << 20, 64 << 10, 1000, 1000, 500);
        bench.openQueue();
        RecordingConsumer red = consumer(A, 1000, "color = 'red'");
        for (int i = 0; i < 50; i++) {
            send("green", "green", "red", "green");
            accept(A, 4L * i + 2);
        }
        assertEquals(50, red.got.size());
        assertEquals(150, bench.group().statistics().waiting());
        assertEquals(50, bench.group().statistics().settledTotal());
    }

    @Test
    void slowConsumerHoldsBackItsOwnRecordsOnly() {
        bench.openQueue();
        RecordingConsumer red = consumer(A, 0, "color = 'red'");
        RecordingConsumer blue = consumer(B, 100, "color = 'blue'");
        send("red", "blue", "red", "blue");
        assertEquals(List.of(1L, 3L), blue.offsets());
        red.credit = 1;
        bench.run(() -> bench.group().wake(red));
        assertEquals(List.of(0L), red.offsets());
        red.credit = 5;
        bench.run(() -> bench.group().wake(red));
        assertEquals(List.of(0L, 2L), red.offsets());
    }

    @Test
    void backlogIsLookedAtOnceAndNotAgainForEachMessage() {
        bench.openQueue();
        String[] greens = new String[1000];
        java.util.Arrays.fill(greens, "green");
        for (int i = 0; i < 50; i++) {
            send(greens);
        }
        RecordingConsumer red = consumer(A, 1_000_000, "color = 'red'");
        bench.after(500);
        assertEquals(0, red.got.size());
        long readsBefore = bench.log.reads;
        for (int i = 0; i < 20; i++) {
            send("green", "red");
        }
        assertEquals(20, red.got.size());
        assertTrue(bench.log.reads - readsBefore <= 20, "reads " + (bench.log.reads - readsBefore));
        assertEquals(50_020, bench.group().statistics().waiting());
        assertTrue(bench.group().state().passedOver.bitmaps() <= 3);
    }

    @Test
    void hostileSelectorRunsInSlices() {
        bench.config = new DeliveryConfig(1000, 256 << 10, 4 << 20, 1 << 20, 64 << 10, 1000, 1000, 500, 5_000);
        bench.openQueue();
        String[] greens = new String[200];
        java.util.Arrays.fill(greens, "green");
        send(greens);
        RecordingConsumer hostile =
                new RecordingConsumer(A, 1, 10).selecting("color = 'x'" + " OR color LIKE '%a%a%a%'".repeat(100));
        RecordingConsumer red = new RecordingConsumer(B, 2, 10).selecting("color = 'red'");
        long[] turns = {0};
        bench.run(() -> {
            bench.group().attach(hostile);
            bench.group().attach(red);
            turns[0] = bench.group().state().nextOffset();
        });
        assertTrue(turns[0] < 20, "looked at in one turn: " + turns[0]);
        bench.after(100);
        send("red");
        bench.after(100);
        assertEquals(List.of(200L), red.offsets());
        assertEquals(0, hostile.got.size());
    }

    @Test
    void releasedRecordsGoToWhoeverMatchesFirst() {
        bench.openQueue();
        RecordingConsumer red = consumer(A, 10, "color = 'red'");
        send("red", "green", "red", "red");
        assertEquals(List.of(0L, 2L, 3L), red.offsets());
        bench.run(() -> bench.group().mark(A, OffsetRanges.of(0, 0)));
        RecordingConsumer green = consumer(B, 10, "color = 'green'");
        RecordingConsumer other = consumer(C, 10, "color <> 'green'");
        assertEquals(List.of(1L), green.offsets());
        bench.run(() -> bench.delivery.sessionEnded(A));
        assertEquals(List.of(0L, 2L, 3L), other.offsets());
        assertEquals(List.of(2, 1, 1), other.counts());
        assertEquals(List.of(1L), green.offsets());
    }

    @Test
    void drainWaitsForTheScanAndSaysWhenNothingMatches() {
        bench.openQueue();
        send("green", "green");
        RecordingConsumer red = consumer(A, 10, "color = 'red'");
        RecordingConsumer all = consumer(B, 0, null);
        bench.run(() -> bench.group().drain(red, 7));
        assertEquals(List.of(7), red.drains);
        assertEquals(List.of(), all.drains);
        send("red");
        bench.run(() -> bench.group().drain(red, 8));
        assertEquals(List.of(7, 8), red.drains);
        assertEquals(List.of(2L), red.offsets());
    }

    @Test
    void whatWasPassedOverSurvivesReplayAndSnapshots() {
        for (boolean snapshot : new boolean[] {false, true}) {
            bench = new DeliveryBench();
            bench.config =
                    new DeliveryConfig(1000, 256 << 10, 4 << 20, snapshot ? 64 : 1 << 20, 64 << 10, 1000, 1000, 500);
            replay();
        }
    }

    private void replay() {
        bench.openQueue();
        RecordingConsumer red = new RecordingConsumer(A, 1, 100).selecting("color = 'red'");
        bench.run(() -> bench.group().attach(red));
        for (int i = 0; i < 30; i++) {
            builder.start(Compression.NONE);
            for (String color : List.of("green", "red", "green", "blue")) {
                builder.beginRecord(0)
                        .key(null)
                        .value(new byte[0])
                        .header("color", color)
                        .endRecord();
            }
            bench.append(copy(builder.build()));
        }
        OffsetRanges half = new OffsetRanges();
        red.offsets().subList(0, 15).forEach(offset -> half.add(offset, offset));
        bench.run(() -> bench.group().settle(A, 1, Settlements.accept(half), (outcome, failure) -> {}));
        String before = bench.group().state().passedOver + " " + bench.group().state().table;
        assertEquals(30, red.got.size());

        bench.kill();
        bench.open();
        assertEquals(
                before, bench.group().state().passedOver + " " + bench.group().state().table);
        assertEquals(90, bench.group().statistics().waiting());
        // What the session holds stays with it; nothing new goes to others before it has come back.
        bench.run(() -> bench.delivery.sessionResumed(A));
        RecordingConsumer rest = new RecordingConsumer(B, 1, 1000);
        bench.run(() -> bench.group().attach(rest));
        assertEquals(90, rest.got.size());
        assertEquals(rest.offsets().stream().sorted().toList(), rest.offsets());
    }

    @Test
    void subscriptionSettlesUnseenWhatItsSelectorLeavesOut() {
        bench.open();
        GroupSpec spec = new GroupSpec("s", 1, GroupSpec.Kind.DURABLE, 0, null, "color = 'red'");
        bench.run(() -> bench.delivery.createGroup(spec, failure -> {}));
        SharePartition[] group = {bench.delivery.group("s").orElseThrow()};
        send("green", "green", "red");
        send("blue", "red", "green");
        // Nobody is there: what does not match is not kept all the same.
        assertEquals(2, group[0].statistics().waiting());
        assertEquals(2, group[0].state().startOffset());

        bench.kill();
        bench.open();
        group[0] = bench.delivery.group("s").orElseThrow();
        assertEquals("color = 'red'", group[0].spec().selector());
        assertEquals(2, group[0].statistics().waiting());
        RecordingConsumer consumer = new RecordingConsumer(A, 1, 1);
        bench.run(() -> group[0].attach(consumer));
        send("green", "red");
        assertEquals(List.of(2L), consumer.offsets());
        assertEquals(2, group[0].statistics().waiting());
        consumer.credit = 10;
        bench.run(() -> group[0].wake(consumer));
        assertEquals(List.of(2L, 4L, 7L), consumer.offsets());
        bench.run(() ->
                group[0].settle(A, 1, Settlements.accept(OffsetRanges.of(2, 2, 4, 4, 7, 7)), (outcome, failure) -> {}));
        assertEquals(8, group[0].state().startOffset());
    }

    @Test
    void browserShowsWhatIsThereAndTakesNothing() {
        bench.openQueue();
        send("red", "green", "red", "green", "red");
        RecordingConsumer taker = consumer(A, 3, null);
        bench.run(() -> bench.group().mark(A, OffsetRanges.of(0, 0)));
        accept(A, 1);
        RecordingConsumer browser = new RecordingConsumer(B, 9, 2);
        bench.run(() -> bench.group().browse(browser));
        assertEquals(List.of(2L, 3L), browser.offsets());
        send("red");
        browser.credit = 100;
        bench.run(() -> bench.group().drain(browser, 4));
        // 0 is in an application's hands, 1 is settled, 5 came later.
        assertEquals(List.of(2L, 3L, 4L), browser.offsets());
        assertEquals(List.of(4), browser.drains);
        assertEquals(2, bench.group().statistics().acquired());
        assertEquals(3, bench.group().statistics().waiting());

        RecordingConsumer reds = new RecordingConsumer(B, 10, 100).selecting("color = 'red'");
        bench.run(() -> bench.group().browse(reds));
        assertEquals(List.of(2L, 4L, 5L), reds.offsets());
        taker.credit = 10;
        bench.run(() -> bench.group().wake(taker));
        assertEquals(List.of(0L, 1L, 2L, 3L, 4L, 5L), taker.offsets());
    }

    @Test
    void browserEndsWithItsGroupOrSession() {
        bench.openQueue();
        RecordingConsumer ofGroup = new RecordingConsumer(A, 1, 1);
        RecordingConsumer ofSession = new RecordingConsumer(B, 2, 1);
        bench.run(() -> {
            bench.group().browse(ofGroup);
            bench.group().browse(ofSession);
            bench.delivery.sessionEnded(B);
            bench.delivery.deleteGroup("orders", 0, failure -> {});
        });
        assertEquals(DeliveryConsumer.EndReason.GROUP_DELETED, ofGroup.ended);
        assertEquals(null, ofSession.ended);
    }

    /** Memory follows what is scattered, a bit each, and not the backlog; the position is kept for who comes back. */
    @Test
    void consumerOfTheSameSelectorFindsItsPlaceAgain() {
        bench.openQueue();
        String[] greens = new String[1000];
        java.util.Arrays.fill(greens, "green");
        for (int i = 0; i < 20; i++) {
            send(greens);
        }
        for (int i = 0; i < 5; i++) {
            RecordingConsumer red = consumer(A, 10, "color = 'red'");
            bench.after(100);
            long reads = bench.log.reads;
            bench.run(() -> bench.group().detach(red, new OffsetRanges()));
            RecordingConsumer again = consumer(A, 10, "color = 'red'");
            bench.run(() -> bench.group().drain(again, 1));
            assertEquals(List.of(1), again.drains);
            assertEquals(reads, bench.log.reads);
            bench.run(() -> bench.group().detach(again, new OffsetRanges()));
        }
    }
}
