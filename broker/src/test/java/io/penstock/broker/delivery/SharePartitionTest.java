package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.disk.DiskFullException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SharePartitionTest {

    private static final SessionKey A = new SessionKey(100, 1);
    private static final SessionKey B = new SessionKey(200, 1);
    private static final OffsetRanges NONE = new OffsetRanges();

    private final DeliveryBench bench = new DeliveryBench();
    private final List<String> outcomes = new ArrayList<>();

    private SettleCallback noting(String name) {
        return (outcome, failure) -> outcomes.add(name + ":"
                + (failure != null ? failure.getClass().getSimpleName() : outcome.complete() ? "ok" : outcome.lost()));
    }

    private RecordingConsumer consumer(SessionKey session, int credit) {
        RecordingConsumer consumer = new RecordingConsumer(session, 1, credit);
        bench.run(() -> bench.group().attach(consumer));
        return consumer;
    }

    private static List<Long> offsets(long first, long last) {
        List<Long> offsets = new ArrayList<>();
        for (long offset = first; offset <= last; offset++) {
            offsets.add(offset);
        }
        return offsets;
    }

    @Test
    void whatIsCommittedIsPushedInTheSamePassAndInOrder() {
        bench.openQueue();
        RecordingConsumer consumer = consumer(A, 100);
        bench.send(3);
        bench.send(2);
        assertEquals(offsets(0, 4), consumer.offsets());
        assertEquals(List.of(1, 1, 1, 1, 1), consumer.counts());
        assertEquals("m4", consumer.got.get(4).value());
    }

    @Test
    void nothingIsPushedBeforeItIsCommitted() {
        bench.openQueue();
        RecordingConsumer consumer = consumer(A, 100);
        bench.log.syncAtOnce = false;
        bench.send(3);
        assertEquals(List.of(), consumer.offsets());
        bench.run(bench.log::sync);
        assertEquals(offsets(0, 2), consumer.offsets());
    }

    @Test
    void creditLimitsMessagesAndCutsBatches() {
        bench.openQueue();
        RecordingConsumer consumer = consumer(A, 4);
        bench.send(3);
        bench.send(3);
        assertEquals(offsets(0, 3), consumer.offsets());
        consumer.credit = 5;
        bench.run(() -> bench.group().wake(consumer));
        assertEquals(offsets(0, 5), consumer.offsets());
    }

    @Test
    void creditInBytesIsOverrunByOneMessageAtMost() {
        bench.openQueue();
        bench.send(10);
        int batch = (int) bench.log.sizeBytes();
        RecordingConsumer consumer = new RecordingConsumer(A, 1, 100);
        consumer.creditBytes = batch / 10 + 1;
        bench.run(() -> bench.group().attach(consumer));
        assertEquals(2, consumer.got.size());
    }

    @Test
    void wholeBatchesAreHandedOnAsTheyLie() {
        bench.openQueue();
        bench.send(10);
        bench.send(20);
        bench.send(30);
        RecordingConsumer consumer = consumer(A, 1000);
        assertEquals(offsets(0, 59), consumer.offsets());
        assertEquals(bench.log.sizeBytes(), consumer.bytes);
        assertEquals(1, consumer.pushes);
    }

    @Test
    void compressedBatchesAreSharedByTheirRanges() {
        bench.openQueue();
        bench.send(Compression.gzip().build(), 10);
        RecordingConsumer first = consumer(A, 4);
        RecordingConsumer second = consumer(B, 10);
        assertEquals(offsets(0, 3), first.offsets());
        assertEquals(offsets(4, 9), second.offsets());
    }

    @Test
    void consumersWithCreditGetFairShares() {
        bench.openQueue();
        RecordingConsumer first = consumer(A, 100);
        RecordingConsumer second = consumer(B, 100);
        bench.send(10);
        assertEquals(5, first.got.size());
        assertEquals(5, second.got.size());
    }

    @Test
    void aSlowConsumerHoldsNobodyBack() {
        bench.openQueue();
        RecordingConsumer slow = consumer(A, 1);
        RecordingConsumer blocked = new RecordingConsumer(A, 2, 100);
        blocked.writable = false;
        bench.run(() -> bench.group().attach(blocked));
        RecordingConsumer quick = consumer(B, 1000);
        bench.send(50);
        assertEquals(1, slow.got.size());
        assertEquals(0, blocked.got.size());
        assertEquals(49, quick.got.size());
    }

    @Test
    void aHundredConsumersOnOnePartitionEachGetSome() {
        bench.openQueue();
        List<RecordingConsumer> consumers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            consumers.add(consumer(new SessionKey(i, 1), 10));
        }
        bench.send(300);
        assertTrue(consumers.stream().allMatch(each -> each.got.size() == 3));
    }

    @Test
    void whatIsSettledNeverComesBack() {
        bench.openQueue();
        bench.send(5);
        consumer(A, 100);
        bench.run(() -> bench.group().settle(A, 1, Settlements.accept(OffsetRanges.of(0, 2)), noting("a")));
        bench.run(() -> bench.delivery.sessionEnded(A));
        RecordingConsumer second = consumer(B, 100);
        assertEquals(List.of("a:ok"), outcomes);
        assertEquals(offsets(3, 4), second.offsets());
        assertEquals(3, bench.group().statistics().settledTotal());
    }

    @Test
    void aSettlementIsConfirmedWhenDurableAndNotRedeliveredMeanwhile() {
        bench.openQueue();
        bench.send(2);
        consumer(A, 100);
        bench.ledger.syncAtOnce = false;
        bench.run(() -> bench.group().settle(A, 1, Settlements.accept(OffsetRanges.of(0, 0)), noting("a")));
        bench.run(() -> bench.delivery.sessionEnded(A));
        RecordingConsumer second = consumer(B, 100);
        assertEquals(List.of(), outcomes);
        assertEquals(List.of(1L), second.offsets());
        assertEquals(0, bench.delivery.keepFrom());
        bench.run(bench.ledger::sync);
        assertEquals(List.of("a:ok"), outcomes);
        assertEquals(1, bench.delivery.keepFrom());
    }

    @Test
    void markedMessagesAreCountedAtTheEndOfTheSessionAndOthersAreNot() {
        bench.openQueue();
        bench.send(4);
        consumer(A, 100);
        bench.run(() -> bench.group().mark(A, OffsetRanges.of(0, 1)));
        bench.run(() -> bench.delivery.sessionEnded(A));
        RecordingConsumer second = consumer(B, 100);
        assertEquals(offsets(0, 3), second.offsets());
        assertEquals(List.of(2, 2, 1, 1), second.counts());
    }

    @Test
    void releasesCountByDispositionAndComeFirstInOrder() {
        bench.openQueue();
        bench.send(6);
        RecordingConsumer consumer = consumer(A, 4);
        Settlements releases = new Settlements(NONE, OffsetRanges.of(2, 2), OffsetRanges.of(0, 0, 3, 3));
        bench.run(() -> bench.group().settle(A, 1, releases, noting("r")));
        consumer.credit = 100;
        bench.run(() -> bench.group().wake(consumer));
        assertEquals(List.of("r:ok"), outcomes);
        assertEquals(List.of(0L, 1L, 2L, 3L, 0L, 2L, 3L, 4L, 5L), consumer.offsets());
        assertEquals(List.of(1, 1, 1, 1, 2, 1, 2, 1, 1), consumer.counts());
    }

    @Test
    void detachReleasesWhatWasNeverHandedOut() {
        bench.openQueue();
        bench.send(4);
        RecordingConsumer first = consumer(A, 100);
        RecordingConsumer second = consumer(B, 100);
        bench.run(() -> bench.group().detach(first, OffsetRanges.of(2, 3)));
        assertEquals(List.of(2L, 3L), second.offsets());
        assertEquals(List.of(1, 1), second.counts());
        bench.run(() -> bench.group().settle(A, 1, Settlements.accept(OffsetRanges.of(0, 1)), noting("late")));
        assertEquals(List.of("late:ok"), outcomes);
    }

    @Test
    void settlingWhatTheSessionDoesNotHoldIsNamed() {
        bench.openQueue();
        bench.send(4);
        consumer(A, 2);
        consumer(B, 2);
        bench.run(() -> bench.group().settle(A, 1, Settlements.accept(OffsetRanges.of(0, 3, 9, 9)), noting("a")));
        bench.run(() ->
                bench.group().settle(new SessionKey(5, 5), 1, Settlements.accept(OffsetRanges.of(0, 0)), noting("x")));
        assertEquals(List.of("a:{2..3, 9}", "x:{0}"), sorted());
        assertEquals(2, bench.group().statistics().settledTotal());
        assertEquals(2, bench.group().statistics().acquired());
    }

    private List<String> sorted() {
        return outcomes.stream().sorted().toList();
    }

    @Test
    void aRepeatedSequenceGetsTheFirstOutcome() {
        bench.openQueue();
        bench.send(4);
        consumer(A, 3);
        bench.run(() -> bench.group().settle(A, 7, Settlements.accept(OffsetRanges.of(0, 0)), noting("first")));
        bench.run(() -> bench.group().settle(A, 7, Settlements.accept(OffsetRanges.of(0, 0)), noting("again")));
        bench.run(() -> bench.group().settle(A, 8, Settlements.accept(OffsetRanges.of(3, 3)), noting("loses")));
        bench.run(() -> bench.group().settle(A, 9, Settlements.accept(OffsetRanges.of(1, 1)), noting("third")));
        bench.run(() -> bench.group().settle(A, 8, Settlements.accept(OffsetRanges.of(3, 3)), noting("loses")));
        assertEquals(List.of("first:ok", "again:ok", "loses:{3}", "third:ok", "loses:{3}"), outcomes);
        assertEquals(2, bench.group().statistics().settledTotal());
    }

    @Test
    void aRefusedSettlementLeavesTheRecordWithItsSessionAndMayBeRepeated() {
        bench.openQueue();
        bench.send(2);
        RecordingConsumer consumer = consumer(A, 2);
        bench.ledger.appendFails = DeliveryBench.full();
        bench.run(() -> bench.group().settle(A, 1, Settlements.accept(OffsetRanges.of(0, 0)), noting("a")));
        bench.ledger.appendFails = null;
        bench.run(() -> bench.group().settle(A, 1, Settlements.accept(OffsetRanges.of(0, 0)), noting("a")));
        assertEquals(List.of("a:" + DiskFullException.class.getSimpleName(), "a:ok"), outcomes);
        assertEquals(2, consumer.got.size());
    }

    @Test
    void whenTheLedgerTakesNothingNothingNewIsAcquiredUntilItDoes() {
        bench.openQueue();
        RecordingConsumer consumer = consumer(A, 100);
        bench.send(1);
        bench.ledger.appendFails = DeliveryBench.full();
        bench.send(1);
        bench.send(1);
        assertEquals(offsets(0, 1), consumer.offsets());
        bench.after(2000);
        assertEquals(offsets(0, 1), consumer.offsets());
        bench.ledger.appendFails = null;
        bench.after(2000);
        assertEquals(offsets(0, 2), consumer.offsets());
    }

    @Test
    void aSessionThatEndsWhileItsSettlementIsRefusedGivesTheRecordBack() {
        bench.openQueue();
        bench.send(1);
        consumer(A, 1);
        RecordingConsumer other = consumer(B, 10);
        bench.ledger.appendFails = DeliveryBench.full();
        bench.run(() -> {
            bench.group().settle(A, 1, Settlements.accept(OffsetRanges.of(0, 0)), noting("a"));
            bench.delivery.sessionEnded(A);
        });
        assertEquals(List.of(), other.offsets());
        bench.ledger.appendFails = null;
        bench.after(2000);
        assertEquals(List.of(0L), other.offsets());
        assertEquals(List.of("a:DiskFullException"), outcomes);
    }

    @Test
    void aFailedSyncStopsThePartitionLoudly() {
        bench.openQueue();
        bench.send(1);
        RecordingConsumer consumer = consumer(A, 1);
        bench.ledger.syncAtOnce = false;
        bench.run(() -> bench.group().settle(A, 1, Settlements.accept(OffsetRanges.of(0, 0)), noting("a")));
        bench.run(() -> bench.ledger.syncFails(new IOException("Input/output error")));
        bench.run(() -> bench.group().settle(A, 2, Settlements.accept(OffsetRanges.of(0, 0)), noting("b")));
        assertEquals(List.of("a:DeliveryFailedException", "b:DeliveryFailedException"), outcomes);
        assertEquals(DeliveryConsumer.EndReason.FAILED, consumer.ended);
        assertTrue(bench.delivery.failure().isPresent());
        assertEquals(0, bench.partition.listeners());
    }

    @Test
    void aDrainIsAnsweredAfterThePushes() {
        bench.openQueue();
        RecordingConsumer consumer = consumer(A, 0);
        bench.run(() -> bench.group().drain(consumer, 3));
        assertEquals(List.of(3), consumer.drains);
        bench.send(5);
        consumer.credit = 2;
        bench.run(() -> bench.group().drain(consumer, 4));
        assertEquals(List.of(3, 4), consumer.drains);
        assertEquals(offsets(0, 1), consumer.offsets());
    }

    @Test
    void aDrainWaitsForAConnectionThatIsFull() {
        bench.openQueue();
        RecordingConsumer consumer = consumer(A, 0);
        bench.send(2);
        consumer.writable = false;
        consumer.credit = 5;
        bench.run(() -> bench.group().drain(consumer, 1));
        assertEquals(List.of(), consumer.drains);
        consumer.writable = true;
        bench.run(() -> bench.group().wake(consumer));
        assertEquals(List.of(1), consumer.drains);
        assertEquals(offsets(0, 1), consumer.offsets());
    }

    @Test
    void preparedRecordsAreNobodysUntilDecided() throws Exception {
        bench.openQueue();
        bench.send(3);
        consumer(A, 3);
        PreparedSettlement[] prepared = {null, null};
        bench.run(() -> {
            prepared[0] = prepare(A, OffsetRanges.of(0, 0));
            prepared[1] = prepare(A, OffsetRanges.of(1, 1));
        });
        bench.run(() -> bench.delivery.sessionEnded(A));
        RecordingConsumer other = consumer(B, 10);
        assertEquals(List.of(2L), other.offsets());
        bench.run(() -> bench.group().commitSettle(prepared[0], 1, noting("commit")));
        bench.run(() -> bench.group().rollbackSettle(prepared[1]));
        assertEquals(List.of("commit:ok"), outcomes);
        assertEquals(List.of(2L, 1L), other.offsets());
        assertThrows(IllegalStateException.class, () -> bench.group().rollbackSettle(prepared[0]));
    }

    private PreparedSettlement prepare(SessionKey session, OffsetRanges ranges) {
        try {
            return bench.group().prepareSettle(session, ranges);
        } catch (AcquisitionLostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void preparingWhatIsNotHeldChangesNothing() {
        bench.openQueue();
        bench.send(2);
        consumer(A, 1);
        AcquisitionLostException lost = assertThrows(
                AcquisitionLostException.class, () -> bench.group().prepareSettle(A, OffsetRanges.of(0, 1)));
        assertEquals(OffsetRanges.of(1, 1), lost.lost());
        bench.run(() -> bench.group().settle(A, 1, Settlements.accept(OffsetRanges.of(0, 0)), noting("a")));
        assertEquals(List.of("a:ok"), outcomes);
    }

    @Test
    void aDecidedCommitIsAppliedAsSoonAsTheLedgerTakesIt() {
        bench.openQueue();
        bench.send(1);
        consumer(A, 1);
        bench.ledger.appendFails = DeliveryBench.full();
        bench.run(() -> bench.group().commitSettle(prepare(A, OffsetRanges.of(0, 0)), 1, noting("commit")));
        assertEquals(List.of(), outcomes);
        bench.ledger.appendFails = null;
        bench.after(2000);
        assertEquals(List.of("commit:ok"), outcomes);
    }

    @Test
    void purgeTakesWhatWaitsAndLeavesWhatIsHeld() {
        bench.openQueue();
        bench.send(5);
        consumer(A, 2);
        bench.run(() -> bench.group().purge(noting("purge")));
        bench.run(() -> bench.delivery.sessionEnded(A));
        RecordingConsumer other = consumer(B, 10);
        assertEquals(List.of("purge:ok"), outcomes);
        assertEquals(offsets(0, 1), other.offsets());
    }

    @Test
    void recordsInFlightAreLimited() {
        bench.config = new DeliveryConfig(10, 64 << 10, 1 << 20, 1 << 20, 1 << 16, 1000, 1000, 500);
        bench.openQueue();
        RecordingConsumer consumer = consumer(A, 100);
        bench.send(30);
        assertEquals(10, consumer.got.size());
        bench.run(() -> bench.group().settle(A, 1, Settlements.accept(OffsetRanges.of(0, 4)), noting("a")));
        assertEquals(15, consumer.got.size());
    }

    @Test
    void gapsAndRecordsGoneByRetentionHoldNothingUp() throws Exception {
        bench.openQueue();
        bench.send(3);
        RecordingConsumer consumer = consumer(A, 3);
        bench.log.skip(4);
        bench.send(2);
        bench.log.advanceStartOffset(2);
        bench.run(() -> bench.delivery.sessionEnded(A));
        RecordingConsumer other = consumer(B, 100);
        assertEquals(offsets(0, 2), consumer.offsets());
        assertEquals(2, other.got.get(0).offset() + 0);
        assertEquals(
                List.of(7L, 8L),
                other.offsets()
                        .subList(other.offsets().size() - 2, other.offsets().size()));
    }

    @Test
    void topicsHaveAGroupForEachSubscription() {
        bench.open();
        bench.send(2);
        GroupSpec late = new GroupSpec("late", 1, GroupSpec.Kind.DURABLE, 2, null);
        GroupSpec early = new GroupSpec("early", 1, GroupSpec.Kind.NON_DURABLE, 0, null);
        RecordingConsumer first = new RecordingConsumer(A, 1, 100);
        RecordingConsumer second = new RecordingConsumer(B, 1, 100);
        bench.run(() -> {
            bench.delivery
                    .createGroup(late, failure -> outcomes.add("late:" + failure))
                    .attach(first);
            bench.delivery
                    .createGroup(early, failure -> outcomes.add("early:" + failure))
                    .attach(second);
        });
        int readsBefore = bench.log.reads;
        bench.send(3);
        assertEquals(List.of("early:null", "late:null"), sorted());
        assertEquals(offsets(2, 4), first.offsets());
        assertEquals(offsets(0, 4), second.offsets());
        assertEquals(1, bench.log.reads - readsBefore);
    }

    @Test
    void aDeletedGroupEndsItsConsumersAndANewIncarnationStartsAfresh() {
        bench.open();
        bench.send(2);
        RecordingConsumer first = new RecordingConsumer(A, 1, 100);
        GroupSpec spec = new GroupSpec("s", 4, GroupSpec.Kind.DURABLE, 0, null);
        bench.run(() -> bench.delivery.createGroup(spec, failure -> {}).attach(first));
        bench.run(() -> bench.delivery.deleteGroup("s", 3, failure -> outcomes.add("3:" + failure)));
        assertNull(first.ended);
        bench.run(() -> bench.delivery.createGroup(
                new GroupSpec("s", 5, GroupSpec.Kind.DURABLE, 2, null), failure -> outcomes.add("5:" + failure)));
        assertEquals(DeliveryConsumer.EndReason.GROUP_DELETED, first.ended);
        assertEquals(List.of("3:null", "5:null"), sorted());
        assertFalse(bench.delivery.group("s").orElseThrow().anythingHeld());
        assertThrows(IllegalStateException.class, () -> bench.delivery.createGroup(spec, failure -> {}));
    }

    @Test
    void entriesOfOneTurnShareOneAppend() {
        bench.openQueue();
        bench.send(10);
        consumer(A, 10);
        int before = bench.ledger.appends;
        bench.run(() -> {
            for (int i = 0; i < 10; i++) {
                bench.group().mark(A, OffsetRanges.of(i, i));
                bench.group().settle(A, i + 1, Settlements.accept(OffsetRanges.of(i, i)), noting("" + i));
            }
        });
        assertEquals(1, bench.ledger.appends - before);
        assertEquals(10, outcomes.size());
    }

    @Test
    void aReadErrorIsTriedAgain() {
        bench.openQueue();
        RecordingConsumer consumer = consumer(A, 10);
        bench.partition.readFails = new IOException("Input/output error");
        bench.send(1);
        assertEquals(List.of(), consumer.offsets());
        bench.partition.readFails = null;
        bench.after(1000);
        assertEquals(List.of(0L), consumer.offsets());
    }
}
