package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What nobody expected leads to a defined end, and nothing stands still without a word (invariants 13, 18). */
@Timeout(30)
class UnexpectedFailureTest {

    private static final SessionKey A = new SessionKey(100, 1);
    private static final SessionKey B = new SessionKey(200, 1);

    private final DeliveryBench bench = new DeliveryBench();

    private RecordingConsumer consumer(SessionKey session, int credit) {
        RecordingConsumer consumer = new RecordingConsumer(session, 1, credit);
        bench.run(() -> bench.group().attach(consumer));
        return consumer;
    }

    @Test
    void anErrorInAPushEndsTheDeliveryAndWhatWasPushedComesAgain() {
        bench.openQueue();
        RecordingConsumer bad = consumer(A, 1);
        RecordingConsumer good = consumer(B, 100);
        bad.fails = new OutOfMemoryError("simulated");
        assertSame(bad.fails, assertThrows(OutOfMemoryError.class, () -> bench.send(5)));
        bench.settle();
        assertTrue(bench.delivery.failure().isPresent());
        assertEquals(DeliveryConsumer.EndReason.FAILED, bad.ended);
        assertEquals(DeliveryConsumer.EndReason.FAILED, good.ended);

        bench.run(() -> bench.delivery.close());
        bench.open(true);
        bench.queue();
        RecordingConsumer next = consumer(B, 100);
        bench.after(bench.config.sessionGraceMillis());
        assertEquals(List.of(0L, 1L, 2L, 3L, 4L), next.offsets());
    }

    @Test
    void anAnswerThatFailsKeepsNoOtherWaiting() {
        bench.openQueue();
        consumer(A, 10);
        bench.send(2);
        bench.ledger.syncAtOnce = false;
        List<String> outcomes = new ArrayList<>();
        bench.run(() -> {
            bench.group().settle(A, 1, Settlements.accept(OffsetRanges.of(0, 0)), (outcome, failure) -> {
                throw new IllegalStateException("simulated");
            });
            bench.group()
                    .settle(
                            A,
                            2,
                            Settlements.accept(OffsetRanges.of(1, 1)),
                            (outcome, failure) -> outcomes.add(failure == null ? "ok" : failure.toString()));
        });
        assertThrows(IllegalStateException.class, () -> bench.run(bench.ledger::sync));
        assertEquals(List.of("ok"), outcomes);
        assertTrue(bench.delivery.failure().isPresent());

        bench.open(true);
        assertEquals(2, bench.queue().statistics().settledTotal());
    }

    @Test
    void whoWaitsForTheLedgerIsToldWhenItsAppendFailsUnexpectedly() {
        bench.openQueue();
        consumer(A, 10);
        bench.send(1);
        List<IOException> failures = new ArrayList<>();
        bench.ledger.appendBreaks = new IllegalStateException("simulated");
        assertThrows(
                IllegalStateException.class,
                () -> bench.run(() -> bench.group()
                        .settle(
                                A,
                                1,
                                Settlements.accept(OffsetRanges.of(0, 0)),
                                (outcome, failure) -> failures.add(failure))));
        assertEquals(1, failures.size());
        assertNotNull(failures.get(0));
        assertTrue(bench.delivery.failure().isPresent());
    }

    @Test
    void sessionsThatLiveKeepWhatTheyHoldWhenTheDeliveryIsOpenedAgain() {
        bench.openQueue();
        consumer(A, 10);
        bench.send(3);
        bench.after(10 * bench.config.sessionGraceMillis());
        bench.run(() -> bench.delivery.close());
        bench.open(true);
        RecordingConsumer other = consumer(B, 10);
        bench.after(bench.config.sessionGraceMillis() / 2);
        assertEquals(List.of(), other.offsets());
        bench.run(() -> bench.delivery.sessionResumed(A));
        bench.after(2 * bench.config.sessionGraceMillis());
        assertEquals(List.of(), other.offsets());
        bench.run(() -> bench.delivery.sessionEnded(A));
        assertEquals(List.of(0L, 1L, 2L), other.offsets());
    }

    @Test
    void whatMustBeThereAndIsNotFoundIsLookedForAgain() {
        bench.openQueue();
        bench.partition.readsNothing = true;
        RecordingConsumer consumer = consumer(A, 10);
        bench.send(3);
        assertEquals(List.of(), consumer.offsets());
        assertNotNull(bench.group().standstill());
        bench.partition.readsNothing = false;
        bench.after(bench.config.retryMillis());
        assertEquals(List.of(0L, 1L, 2L), consumer.offsets());
        assertNull(bench.group().standstill());
    }

    @Test
    void aGroupThatWaitsForTheDiskAtItsLimitSaysSoAndGoesOnWithTheDisk() {
        bench.config = new DeliveryConfig(3, 4096, 16 << 10, 1 << 20, 64 << 10, 1000, 1000, 500);
        bench.openQueue();
        RecordingConsumer consumer = consumer(A, 10);
        bench.send(5);
        bench.ledger.syncAtOnce = false;
        bench.run(() -> bench.group()
                .settle(A, 1, Settlements.accept(OffsetRanges.of(0, 2)), (outcome, failure) -> assertNull(failure)));
        bench.after(3 * StandstillWatch.MILLIS);
        assertEquals(3, consumer.got.size());
        assertTrue(bench.group().standstill().contains("3 records are not settled"));
        bench.run(bench.ledger::sync);
        assertEquals(5, consumer.got.size());
        assertFalse(bench.delivery.failure().isPresent());
    }
}
