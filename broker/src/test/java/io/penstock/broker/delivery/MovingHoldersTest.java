package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.config.DestinationSettings;
import io.penstock.protocol.message.CommitTerm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Moves by commits over several brokers: whatever dies in between, a record is moved once (invariants 18, 19). */
@Timeout(20)
class MovingHoldersTest {
    private static final SessionKey A = new SessionKey(100, 1);
    private static final SessionKey MOVE = SessionKey.moving(77, MoveReason.MAX_DELIVERY_ATTEMPTS);
    private static final CommitTerm TERM = new CommitTerm(1, 1);
    private static final DestinationSettings ONE_ATTEMPT =
            new DestinationSettings(1, 0, 2, 10_000, "DLQ", true, null, false);

    private final DeliveryBench bench = new DeliveryBench();
    private final List<OffsetRanges> asked = new ArrayList<>();
    private Consumer<IOException> ended;

    /** Two messages, the first of which has had its attempts and is held by a commit. */
    private void begin() {
        bench.config = bench.config.withSessionGraceMillis(0);
        bench.settings = ONE_ATTEMPT;
        bench.moves = (move, done) -> {
            asked.add(move.offsets());
            assertTrue(move.holdAs(MOVE));
            ended = done;
        };
        bench.openQueue();
        bench.send(2);
        consumer();
        bench.run(() -> bench.group()
                .settle(
                        A,
                        1,
                        new Settlements(new OffsetRanges(), new OffsetRanges(), OffsetRanges.of(0, 0)),
                        (outcome, failure) -> assertNull(failure)));
        assertEquals(List.of(OffsetRanges.of(0, 0)), asked);
    }

    private RecordingConsumer consumer() {
        RecordingConsumer consumer = new RecordingConsumer(A, 1, 10);
        bench.run(() -> bench.group().attach(consumer));
        return consumer;
    }

    private void prepare() {
        bench.run(() ->
                bench.group().doubts().prepare(MOVE, 0, TERM, OffsetRanges.of(0, 0), failure -> assertNull(failure)));
    }

    private void restart() {
        bench.kill();
        bench.open();
        bench.after(1);
    }

    @Test
    void killedBeforeItIsInDoubtItIsMovedAgain() {
        begin();
        restart();
        assertEquals(List.of(OffsetRanges.of(0, 0), OffsetRanges.of(0, 0)), asked);
        assertEquals(List.of(1L), consumer().offsets(), "what leaves is delivered to nobody");
    }

    @Test
    void inDoubtItWaitsForTheHomeAndIsThenSettled() {
        begin();
        prepare();
        restart();
        bench.after(60_000);
        assertEquals(1, asked.size(), "moved a second time");
        assertNotNull(bench.group().doubts().find(MOVE, 0));
        bench.run(() ->
                bench.group().reapplySettle(MOVE, 0, OffsetRanges.of(0, 0), (outcome, failure) -> assertNull(failure)));
        bench.after(60_000);
        assertEquals(1, asked.size());
        assertEquals(1, bench.group().statistics().settledTotal());
        assertEquals(List.of(1L), consumer().offsets());
        assertNull(bench.group().state().session(MOVE), "its holder is kept");
    }

    @Test
    void theHomeHasRefusedItForEver() {
        begin();
        prepare();
        restart();
        bench.run(() -> bench.group().doubts().undo(MOVE, 0, TERM));
        bench.after(60_000);
        assertEquals(List.of(OffsetRanges.of(0, 0), OffsetRanges.of(0, 0)), asked);
    }

    @Test
    void ofUnknownOutcomeItIsLeftAloneUntilTheHomeTells() {
        begin();
        prepare();
        bench.run(() -> ended.accept(new IOException("nobody knows")));
        bench.after(60_000);
        assertEquals(1, asked.size());
        bench.run(() -> bench.group().doubts().undo(MOVE, 0, TERM));
        bench.after(60_000);
        assertEquals(2, asked.size());
        bench.run(() ->
                bench.group().reapplySettle(MOVE, 1, OffsetRanges.of(0, 0), (outcome, failure) -> assertNull(failure)));
        bench.run(() -> ended.accept(null));
        bench.after(60_000);
        assertEquals(2, asked.size());
        assertNull(bench.group().state().session(MOVE));
    }
}
