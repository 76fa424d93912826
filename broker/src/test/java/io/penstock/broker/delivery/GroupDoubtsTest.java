package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.message.CommitTerm;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What commits over several brokers have in doubt, over restarts and snapshots (invariants 23 and 25). */
@Timeout(30)
class GroupDoubtsTest {
    private static final SessionKey A = new SessionKey(5, 1);
    private static final SessionKey B = new SessionKey(200, 70_000);
    private static final CommitTerm TERM = new CommitTerm(3, 7);

    private final DeliveryBench bench = new DeliveryBench();
    private final List<String> outcomes = new ArrayList<>();

    private RecordingConsumer consumer(SessionKey session, int credit) {
        RecordingConsumer consumer = new RecordingConsumer(session, 1, credit);
        bench.run(() -> bench.group().attach(consumer));
        return consumer;
    }

    private void prepare(long sequence, CommitTerm term, long... pairs) {
        bench.run(() -> bench.group()
                .doubts()
                .prepare(
                        A,
                        sequence,
                        term,
                        OffsetRanges.of(pairs),
                        failure -> outcomes.add(
                                failure == null ? "agreed" : failure.getClass().getSimpleName())));
    }

    private void undo(long sequence, CommitTerm term) {
        bench.run(() -> bench.group().doubts().undo(A, sequence, term));
    }

    private void open(boolean snapshots) {
        bench.config = snapshots
                ? new DeliveryConfig(1000, 64 << 10, 1 << 20, 64, 100, 60_000, 1000, 500).withSessionGraceMillis(0)
                : bench.config.withSessionGraceMillis(0);
        bench.openQueue();
        bench.send(6);
        consumer(A, 4);
    }

    private void restart() {
        bench.kill();
        bench.open();
        bench.after(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatIsInDoubtIsNobodysOverRestartsUntilTheHomeSaysThatItIsOff(boolean snapshots) {
        open(snapshots);
        prepare(8, TERM, 1, 2);
        restart();
        RecordingConsumer other = consumer(B, 100);
        assertEquals(List.of("agreed"), outcomes);
        assertEquals(List.of(0L, 3L, 4L, 5L), other.offsets());
        assertEquals(
                List.of(new GroupDoubts.Open(A, 8, TERM)),
                bench.group().doubts().all());

        restart();
        undo(8, TERM);
        RecordingConsumer third = consumer(B, 100);
        assertTrue(third.offsets().containsAll(List.of(1L, 2L)), third.offsets().toString());
        assertEquals(List.of(), bench.group().doubts().all());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatWasDecidedIsSettledAndStaysSo(boolean snapshots) {
        open(snapshots);
        prepare(8, TERM, 1, 2);
        restart();
        bench.run(() ->
                bench.group().reapplySettle(A, 8, OffsetRanges.of(1, 2), (done, failure) -> outcomes.add("settled")));
        assertEquals(List.of("agreed", "settled"), outcomes);
        assertEquals(List.of(), bench.group().doubts().all());
        restart();
        undo(8, TERM);
        assertEquals(List.of(0L, 3L, 4L, 5L), consumer(B, 100).offsets());
    }

    @Test
    void anUndoOfAnEarlierTermLeavesALaterAttemptAlone() {
        open(false);
        prepare(8, TERM, 0, 0);
        prepare(8, new CommitTerm(4, 9), 0, 0);
        undo(8, TERM);
        assertEquals(1, bench.group().doubts().all().size());
        undo(8, new CommitTerm(4, 9));
        assertEquals(0, bench.group().doubts().all().size());
        // The session lives and holds it again.
        prepare(9, new CommitTerm(4, 9), 0, 0);
        assertEquals(List.of("agreed", "agreed", "agreed"), outcomes);
    }

    @Test
    void whatTheSessionDoesNotHoldCannotBePrepared() {
        open(false);
        prepare(8, TERM, 3, 4);
        prepare(9, TERM, 0, 0);
        prepare(10, TERM, 0, 1);
        assertEquals(List.of("AcquisitionLostException", "agreed", "AcquisitionLostException"), outcomes);
        assertEquals(
                List.of(new GroupDoubts.Open(A, 9, TERM)),
                bench.group().doubts().all());
    }

    /** The home's word may come after the session's end. */
    @Test
    void afterTheEndOfTheSessionItGoesBackToEverybody() {
        open(false);
        prepare(8, TERM, 0, 1);
        bench.run(() -> bench.delivery.sessionEnded(A));
        RecordingConsumer other = consumer(B, 100);
        assertEquals(List.of(2L, 3L, 4L, 5L), other.offsets());
        undo(8, TERM);
        assertEquals(List.of(2L, 3L, 4L, 5L, 0L, 1L), other.offsets());
        restart();
        assertEquals(List.of(), bench.group().doubts().all());
    }

    /**
     * The client that came back has the messages, and hands them out again when its commit is off: pushed to anybody they would
     * be delivered twice, to the same session too.
     */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSessionThatComesBackHasAgainWhatItHadInDoubt(boolean snapshots) {
        open(snapshots);
        prepare(8, TERM, 0, 1);
        bench.run(() -> bench.delivery.sessionEnded(A));
        RecordingConsumer back = consumer(A, 0);
        bench.run(() -> bench.group().hold(A, OffsetRanges.of(0, 1)));
        undo(8, TERM);
        RecordingConsumer other = consumer(B, 100);

        assertEquals(List.of(), back.offsets());
        assertEquals(List.of(2L, 3L, 4L, 5L), other.offsets());
        prepare(9, TERM, 0, 1);
        assertEquals(List.of("agreed", "agreed"), outcomes);
        bench.run(() -> bench.delivery.sessionEnded(B));
        restart();
        assertEquals(List.of(2L, 3L, 4L, 5L), consumer(B, 100).offsets());
        undo(9, TERM);
        assertEquals(List.of(), bench.group().doubts().all());
    }
}
