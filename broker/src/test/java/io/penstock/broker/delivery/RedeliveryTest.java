package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.config.DestinationSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Waits and attempts of failed deliveries, and what leaves (rules 3 and 19, invariant 19). */
@Timeout(20)
class RedeliveryTest {
    private static final SessionKey A = new SessionKey(100, 1);
    private static final SessionKey B = new SessionKey(200, 1);
    private static final OffsetRanges NOTHING = new OffsetRanges();

    private final DeliveryBench bench = new DeliveryBench();
    private final Target target = new Target();
    private long sequence;

    /** Takes what is moved, or refuses it. */
    private static final class Target implements Moves {
        final List<String> moved = new ArrayList<>();
        Map<String, String> headers = new TreeMap<>();
        IOException refusal;
        /** A value that is not taken. */
        String unwanted;

        @Override
        public void move(Move move, Consumer<IOException> done) {
            if (refusal != null) {
                done.accept(refusal);
            } else if (unwanted != null
                    && StandardCharsets.ISO_8859_1
                            .decode(move.batch().duplicate())
                            .toString()
                            .contains(unwanted)) {
                done.accept(new MoveRefusedException("not this one"));
            } else if (!move.prepare()) {
                done.accept(null);
            } else {
                for (Record record : MemoryRecords.readableRecords(move.batch()).records()) {
                    byte[] value = new byte[record.valueSize()];
                    record.value().get(value);
                    moved.add(move.target() + ":" + new String(value));
                    headers = new TreeMap<>();
                    for (Header header : record.headers()) {
                        headers.put(header.key(), new String(header.value()));
                    }
                }
                move.settle((outcome, failure) -> done.accept(failure));
            }
        }
    }

    private static DestinationSettings settings(int attempts, long delayMillis, String expiryAddress) {
        return new DestinationSettings(attempts, delayMillis, 2, 10_000, "DLQ", true, expiryAddress, false);
    }

    private void open(DestinationSettings settings) {
        bench.config = bench.config.withSessionGraceMillis(0);
        bench.settings = settings;
        bench.moves = target;
        bench.openQueue();
    }

    private RecordingConsumer consumer(SessionKey session, int credit) {
        RecordingConsumer consumer = new RecordingConsumer(session, 1, credit);
        bench.run(() -> bench.group().attach(consumer));
        return consumer;
    }

    private void fail(SessionKey session, long... pairs) {
        bench.run(() -> bench.group()
                .settle(
                        session,
                        sequence++,
                        new Settlements(NOTHING, NOTHING, OffsetRanges.of(pairs)),
                        (outcome, failure) -> assertNull(failure)));
    }

    @Test
    void afterItsAttemptsAMessageLeaves() {
        open(settings(2, 0, null));
        bench.send(Compression.NONE, 2, new RecordHeader("JMSMessageID", "ID:1".getBytes()));
        RecordingConsumer consumer = consumer(A, 10);
        fail(A, 0, 0);
        assertEquals(List.of(0L, 1L, 0L), consumer.offsets());
        assertEquals(List.of(), target.moved);
        fail(A, 0, 0);
        assertEquals(List.of(0L, 1L, 0L), consumer.offsets());
        assertEquals(List.of("DLQ:m0"), target.moved);
        assertEquals(
                Map.of(
                        "JMSMessageID", "ID:1",
                        "JMS_Penstock_Attempts", "2",
                        "JMS_Penstock_Origin", "orders-0@0",
                        "JMS_Penstock_Reason", "max-delivery-attempts",
                        "_AMQ_ORIG_ADDRESS", "orders",
                        "_AMQ_ORIG_QUEUE", "orders"),
                target.headers);
        assertEquals(1, bench.group().statistics().acquired(), "the other one");
        assertEquals(0, bench.group().statistics().waiting());
    }

    /** Invariant 19: who dies with a message has had an attempt; what was never handed out has not been one. */
    @Test
    void attemptsOfDeadSessionsCountAndPrefetchedOnesDoNot() {
        open(settings(2, 0, null));
        bench.send(2);
        for (int i = 0; i < 3; i++) {
            SessionKey session = new SessionKey(300 + i, 1);
            consumer(session, 10);
            bench.run(() -> {
                bench.group().mark(session, OffsetRanges.of(0, 0));
                bench.delivery.sessionEnded(session);
            });
        }
        assertEquals(List.of("DLQ:m0"), target.moved);
        RecordingConsumer last = consumer(B, 10);
        assertEquals(List.of(1L), last.offsets());
        assertEquals(List.of(1), last.counts());
    }

    @Test
    void aMessageThatFailedWaitsAndHoldsNobodyUp() {
        open(settings(-1, 1000, null));
        bench.send(2);
        RecordingConsumer consumer = consumer(A, 10);
        fail(A, 0, 0);
        bench.send(1);
        bench.after(900);
        assertEquals(List.of(0L, 1L, 2L), consumer.offsets());
        assertEquals(1, bench.group().statistics().waiting());
        bench.after(150);
        assertEquals(List.of(0L, 1L, 2L, 0L), consumer.offsets());
        assertEquals(List.of(1, 1, 1, 2), consumer.counts());
        fail(A, 0, 0);
        bench.after(1900);
        assertEquals(4, consumer.got.size(), "the second wait is twice as long");
        bench.after(150);
        assertEquals(List.of(1, 1, 1, 2, 3), consumer.counts());
    }

    @Test
    void waitsOutliveAKillAndASnapshot() {
        bench.config = new DeliveryConfig(1000, 64 << 10, 1 << 20, 200, 100, 0, 1000, 500);
        bench.settings = settings(-1, 1000, null);
        bench.openQueue();
        bench.send(20);
        consumer(A, 20);
        for (int i = 0; i < 20; i++) {
            fail(A, i, i);
        }
        bench.after(500);
        bench.kill();
        bench.open();
        RecordingConsumer after = consumer(B, 100);
        assertEquals(List.of(), after.offsets());
        bench.after(700);
        assertEquals(20, after.got.size());
        assertTrue(
                after.counts().stream().allMatch(count -> count == 2),
                after.counts().toString());
    }

    @Test
    void whatCannotBeMovedIsTriedAgainAndGoesToNobody() {
        open(settings(1, 0, null));
        target.refusal = new IOException("no room");
        bench.send(3);
        RecordingConsumer consumer = consumer(A, 10);
        fail(A, 0, 2);
        bench.after(2000);
        assertEquals(List.of(), target.moved);
        assertEquals(3, bench.group().statistics().acquired());
        target.refusal = null;
        bench.after(31_000);
        assertEquals(List.of("DLQ:m0", "DLQ:m1", "DLQ:m2"), target.moved);
        assertEquals(3, consumer.got.size());
        assertEquals(0, bench.group().statistics().acquired());
    }

    @Test
    void oneThatNoTargetTakesHoldsNobodyBack() {
        open(settings(1, 0, null));
        target.unwanted = "m0";
        bench.send(2);
        consumer(A, 10);
        fail(A, 0, 1);
        bench.after(100);
        assertEquals(List.of("DLQ:m1"), target.moved);
        assertEquals(1, bench.group().statistics().acquired());
    }

    @Test
    void whatWasToLeaveBeforeAKillLeavesAfterIt() {
        open(settings(1, 0, null));
        target.refusal = new IOException("not yet");
        bench.send(1);
        consumer(A, 10);
        fail(A, 0, 0);
        bench.kill();
        target.refusal = null;
        bench.open();
        RecordingConsumer other = consumer(B, 10);
        assertEquals(List.of("DLQ:m0"), target.moved);
        assertEquals(List.of(), other.offsets());
    }

    @Test
    void whatHasExpiredLeavesOrIsDropped() {
        for (String address : new String[] {null, "old"}) {
            target.moved.clear();
            open(settings(1, 0, address));
            String soon = Long.toString(bench.time.millis() + 50);
            int before = (int) bench.partition.log().endOffset();
            bench.send(Compression.NONE, 2, new RecordHeader("JMSExpiration", soon.getBytes()));
            bench.send(1);
            bench.after(100);
            RecordingConsumer consumer = consumer(A, 10);
            assertEquals(List.of(before + 2L), consumer.offsets());
            assertEquals(address == null ? List.of() : List.of("old:m3", "old:m4"), target.moved);
            bench.run(() -> bench.group()
                    .settle(A, sequence++, Settlements.accept(OffsetRanges.of(before + 2, before + 2)), (o, f) -> {}));
            assertEquals(before + 3, bench.group().state().startOffset());
            bench.kill();
        }
        assertNull(target.headers.get("JMSExpiration"));
        assertEquals("expired", target.headers.get("JMS_Penstock_Reason"));
    }

    @Test
    void aLowerLimitCountsForWhatWaitsAlready() {
        open(settings(5, 0, null));
        bench.send(1);
        consumer(A, 1);
        fail(A, 0, 0);
        bench.settings = settings(1, 0, null);
        bench.run(bench.delivery::settingsChanged);
        assertEquals(List.of("DLQ:m0"), target.moved);
    }

    @Test
    void deadLettersStayInTheirQueue() {
        open(new DestinationSettings(1, 0, 1, 0, "orders", true, null, false));
        bench.send(1);
        RecordingConsumer consumer = consumer(A, 10);
        fail(A, 0, 0);
        fail(A, 0, 0);
        assertEquals(List.of(1, 2, 3), consumer.counts());
        assertEquals(List.of(), target.moved);
    }
}
