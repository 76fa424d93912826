package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.jms.JmsHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GroupReplayTest {

    private static final SessionKey A = new SessionKey(100, 1);
    private static final SessionKey B = new SessionKey(200, 1);

    private final DeliveryBench bench = new DeliveryBench();
    private final List<String> outcomes = new ArrayList<>();

    private RecordingConsumer consumer(SessionKey session, int credit) {
        RecordingConsumer consumer = new RecordingConsumer(session, 1, credit);
        bench.run(() -> bench.group().attach(consumer));
        return consumer;
    }

    private void accept(long sequence, long... pairs) {
        bench.run(() -> bench.group()
                .settle(A, sequence, Settlements.accept(OffsetRanges.of(pairs)), (outcome, failure) -> {}));
    }

    private void replay(long from) {
        bench.run(() -> bench.group()
                .replay()
                .from(
                        from,
                        (replayed, failure) -> outcomes.add(
                                failure != null
                                        ? failure.toString()
                                        : replayed.records() + " from " + replayed.fromOffset())));
    }

    @Test
    void whatWasSettledComesAgainInOrderAndFlaggedAndTheRestIsLeftAlone() {
        bench.openQueue();
        bench.send(10);
        RecordingConsumer first = consumer(A, 6);
        accept(1, 0, 3, 5, 5);
        replay(2);
        assertEquals(List.of("3 from 2"), outcomes);
        assertEquals(6, first.got.size(), "the first has no credit");
        RecordingConsumer second = consumer(B, 100);
        assertEquals(List.of(2L, 3L, 5L, 6L, 7L, 8L, 9L), second.offsets());
        assertEquals(List.of(2L, 3L, 5L), second.replayed);
        assertTrue(second.counts().stream().allMatch(count -> count == 1), "a replay is a first delivery");
        assertEquals(List.of(), first.replayed);
    }

    @Test
    void aReplayIsInTheLedgerAndInItsSnapshots() {
        for (int snapshotBytes : new int[] {1 << 20, 1}) {
            DeliveryBench other = new DeliveryBench();
            other.config = new DeliveryConfig(1000, 64 << 10, 1 << 20, snapshotBytes, 100, 60_000, 1000, 500)
                    .withSessionGraceMillis(0);
            other.openQueue();
            other.send(6);
            RecordingConsumer first = new RecordingConsumer(A, 1, 6);
            other.run(() -> other.group().attach(first));
            other.run(() -> other.group().settle(A, 1, Settlements.accept(OffsetRanges.of(0, 4)), (o, f) -> {}));
            other.run(() -> other.group().replay().from(1, (replayed, failure) -> {}));
            other.run(() -> other.group().mark(A, OffsetRanges.of(5, 5)));
            other.kill();
            other.open();
            other.after(1);
            RecordingConsumer second = new RecordingConsumer(B, 1, 100);
            other.run(() -> other.group().attach(second));
            assertEquals(List.of(5L, 1L, 2L, 3L, 4L), second.offsets());
            assertEquals(List.of(1L, 2L, 3L, 4L), second.replayed);
        }
    }

    @Test
    void whatIsReplayedAndSettledAgainStaysSettled() {
        bench.config = bench.config.withSessionGraceMillis(0);
        bench.openQueue();
        bench.send(4);
        consumer(A, 100);
        accept(1, 0, 3);
        replay(0);
        accept(2, 0, 2);
        bench.kill();
        bench.open();
        bench.after(1);
        RecordingConsumer second = consumer(B, 100);
        assertEquals(List.of(3L), second.offsets());
        assertEquals(List.of(3L), second.replayed, "given back, it is a replay all the same");
    }

    @Test
    void whatIsBeingSettledIsNotReplayedAliveAndAfterAKill() {
        bench.config = bench.config.withSessionGraceMillis(0);
        bench.openQueue();
        bench.send(3);
        RecordingConsumer first = consumer(A, 3);
        accept(1, 0, 0);
        bench.ledger.syncAtOnce = false;
        accept(2, 1, 1);
        replay(0);
        assertEquals(List.of(), outcomes, "confirmed before it is durable");
        bench.run(bench.ledger::sync);
        assertEquals(List.of("1 from 0"), outcomes);
        first.credit = 10;
        bench.run(() -> bench.group().wake(first));
        assertEquals(List.of(0L), first.replayed);
        bench.kill();
        bench.open();
        bench.after(1);
        assertEquals(List.of(0L, 2L), consumer(B, 10).offsets());
    }

    @Test
    void prioritiesAreFoundAgain() {
        bench.openQueue();
        for (String priority : List.of("1", "9", "5")) {
            bench.send(Compression.NONE, 1, new RecordHeader(JmsHeader.PRIORITY, priority.getBytes()));
        }
        bench.send(1);
        RecordingConsumer first = consumer(A, 100);
        accept(1, 0, 3);
        bench.after(10);
        bench.send(1);
        accept(2, 4, 4);
        first.got.clear();
        first.credit = 0;
        replay(0);
        first.credit = 100;
        bench.run(() -> bench.group().wake(first));
        assertEquals(List.of(1L, 2L, 3L, 4L, 0L), first.offsets());
    }

    /** Against a set of offsets: whatever was done before, exactly what is settled at or above the place comes again. */
    @RepeatedTest(50)
    void exactlyTheSettledComesAgain(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        bench.config = bench.config.withSessionGraceMillis(0);
        bench.openQueue();
        bench.send(200);
        RecordingConsumer first = consumer(A, 50 + random.nextInt(200));
        TreeSet<Long> held = new TreeSet<>(first.offsets());
        TreeSet<Long> settled = new TreeSet<>();
        TreeSet<Long> replayed = new TreeSet<>();
        for (int step = 1; step < 30; step++) {
            if (random.nextInt(6) == 0) {
                long from = random.nextInt(200);
                TreeSet<Long> again = new TreeSet<>(settled.tailSet(from));
                first.credit = 0;
                replay(from);
                assertEquals(again.size() + " from " + from, outcomes.get(outcomes.size() - 1));
                settled.removeAll(again);
                replayed.addAll(again);
                int before = first.got.size();
                first.credit = again.size();
                bench.run(() -> bench.group().wake(first));
                assertEquals(new ArrayList<>(again), first.offsets().subList(before, first.got.size()));
                held.addAll(again);
            } else if (!held.isEmpty()) {
                TreeSet<Long> some = new TreeSet<>(held);
                some.removeIf(offset -> random.nextInt(3) > 0);
                OffsetRanges ranges = new OffsetRanges();
                some.forEach(offset -> ranges.add(offset, offset));
                long sequence = step;
                bench.run(() -> bench.group().settle(A, sequence, Settlements.accept(ranges), (o, f) -> {}));
                held.removeAll(some);
                settled.addAll(some);
            }
        }
        bench.kill();
        bench.open();
        bench.after(1);
        RecordingConsumer second = consumer(B, 1000);
        TreeSet<Long> left = new TreeSet<>(second.offsets());
        assertEquals(200 - settled.size(), left.size());
        assertTrue(left.stream().noneMatch(settled::contains));
        replayed.retainAll(left);
        assertEquals(replayed, new TreeSet<>(second.replayed));
    }
}
