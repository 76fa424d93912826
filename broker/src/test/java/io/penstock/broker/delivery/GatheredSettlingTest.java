package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What AUTO_ACKNOWLEDGE sends, a settlement for each message, of which several come in one turn. */
@Timeout(30)
class GatheredSettlingTest {
    private static final SessionKey A = new SessionKey(100, 1);
    private static final SessionKey B = new SessionKey(200, 1);

    private final DeliveryBench bench = new DeliveryBench();
    private final List<String> outcomes = new ArrayList<>();

    private SettleCallback noting(long sequence) {
        return (outcome, failure) -> outcomes.add(sequence + ":"
                + (failure != null ? failure.getClass().getSimpleName() : outcome.complete() ? "ok" : outcome.lost()));
    }

    private void accept(SessionKey session, long sequence, long offset) {
        bench.group().settle(session, sequence, Settlements.accept(OffsetRanges.of(offset, offset)), noting(sequence));
    }

    private RecordingConsumer pushed(SessionKey session, int messages) {
        RecordingConsumer consumer = new RecordingConsumer(session, 1, messages);
        bench.run(() -> bench.group().attach(consumer));
        bench.send(messages);
        return consumer;
    }

    private static List<String> all(int from, int to, String how) {
        List<String> all = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            all.add(i + ":" + how);
        }
        return all;
    }

    @Test
    void aTurnsAcceptancesAreOneEntryWhateverTheirNumber() {
        bench.openQueue();
        pushed(A, 101);
        bench.run(() -> accept(A, 1, 0));
        long one = bench.delivery.writer().bytesWritten();
        bench.run(() -> accept(A, 2, 1));
        one = bench.delivery.writer().bytesWritten() - one;
        long before = bench.delivery.writer().bytesWritten();
        bench.run(() -> {
            for (int i = 0; i < 99; i++) {
                accept(A, 3 + i, 2 + i);
            }
        });
        long many = bench.delivery.writer().bytesWritten() - before;
        assertTrue(many < one + 8, "one takes " + one + " bytes, 99 take " + many);
        assertEquals(all(1, 101, "ok"), outcomes);
        assertEquals(0, bench.group().statistics().acquired());
        assertEquals(101, bench.group().statistics().settledTotal());
    }

    @Test
    void eachOfThemMayBeRepeatedAlsoAfterARestart() {
        bench.openQueue();
        pushed(A, 4);
        bench.run(() -> {
            accept(A, 1, 0);
            accept(A, 2, 1);
            accept(A, 4, 2);
            accept(A, 2, 1);
        });
        bench.kill();
        bench.open();
        bench.run(() -> {
            accept(A, 1, 0);
            accept(A, 4, 2);
            accept(A, 5, 3);
        });
        assertEquals(List.of("1:ok", "2:ok", "4:ok", "2:ok", "1:ok", "4:ok", "5:ok"), outcomes);
        assertEquals(0, bench.group().statistics().acquired());
    }

    @Test
    void theyAreRefusedTogetherAndMayBeTriedAgain() {
        bench.openQueue();
        RecordingConsumer consumer = pushed(A, 5);
        bench.ledger.appendFails = DeliveryBench.full();
        bench.run(() -> {
            for (int i = 0; i < 4; i++) {
                accept(A, 1 + i, i);
            }
        });
        assertEquals(all(1, 4, "DiskFullException"), outcomes);
        assertEquals(5, bench.group().statistics().acquired());
        outcomes.clear();
        bench.ledger.appendFails = null;
        bench.run(() -> accept(A, 5, 4));
        bench.run(() -> {
            for (int i = 3; i >= 0; i--) {
                accept(A, 1 + i, i);
            }
        });
        Collections.sort(outcomes);
        assertEquals(all(1, 5, "ok"), outcomes);
        assertEquals(0, bench.group().statistics().acquired());
        assertEquals(5, consumer.got.size());
    }

    @Test
    void whatComesBetweenKeepsItsPlace() {
        bench.openQueue();
        pushed(A, 6);
        bench.run(() -> {
            accept(A, 1, 0);
            accept(A, 2, 1);
            bench.group().mark(A, OffsetRanges.of(3, 3));
            accept(A, 3, 2);
            bench.group().settle(A, 4, Settlements.release(OffsetRanges.of(3, 3)), noting(4));
            accept(A, 5, 5);
        });
        bench.kill();
        bench.open();
        RecordingConsumer other = new RecordingConsumer(B, 1, 10);
        bench.run(() -> bench.delivery.sessionEnded(A));
        bench.run(() -> bench.group().attach(other));
        assertEquals(List.of(3L, 4L), other.offsets());
        assertEquals(List.of(2, 1), other.counts());
    }

    @Test
    void whenTheSyncFailsEachIsTold() {
        bench.openQueue();
        pushed(A, 3);
        bench.ledger.syncAtOnce = false;
        bench.run(() -> {
            accept(A, 1, 0);
            accept(A, 2, 1);
        });
        bench.run(() -> bench.ledger.syncFails(new IOException("Input/output error")));
        assertEquals(all(1, 2, "DeliveryFailedException"), outcomes);
    }

    @Test
    void whatTheSessionDoesNotHoldIsToldToItsOwn() {
        bench.openQueue();
        pushed(A, 2);
        bench.run(() -> {
            accept(A, 1, 0);
            accept(A, 2, 7);
            accept(A, 3, 1);
        });
        Collections.sort(outcomes);
        assertEquals(List.of("1:ok", "2:{7}", "3:ok"), outcomes);
    }

    @Test
    void oneThatClosesTheDeliveryInItsTurnIsTold() {
        bench.openQueue();
        pushed(A, 1);
        bench.run(() -> {
            accept(A, 1, 0);
            bench.delivery.close();
        });
        bench.open();
        assertEquals(1, outcomes.size());
        bench.run(() -> bench.delivery.sessionEnded(A));
        assertEquals(
                outcomes.equals(List.of("1:ok")) ? 0 : 1,
                bench.group().statistics().waiting());
    }
}
