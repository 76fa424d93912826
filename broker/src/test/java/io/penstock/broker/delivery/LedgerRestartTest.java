package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatchBuilder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LedgerRestartTest {

    private static final SessionKey A = new SessionKey(-5, 1);
    private static final SessionKey B = new SessionKey(200, 70_000);

    private final DeliveryBench bench = new DeliveryBench();
    private final List<String> outcomes = new ArrayList<>();

    private SettleCallback noting(String name) {
        return (outcome, failure) ->
                outcomes.add(name + ":" + (failure != null ? failure : outcome.complete() ? "ok" : outcome.lost()));
    }

    private RecordingConsumer consumer(SessionKey session, int credit) {
        RecordingConsumer consumer = new RecordingConsumer(session, 1, credit);
        bench.run(() -> bench.group().attach(consumer));
        return consumer;
    }

    private void accept(SessionKey session, long sequence, long... pairs) {
        bench.run(() -> bench.group()
                .settle(session, sequence, Settlements.accept(OffsetRanges.of(pairs)), noting("" + sequence)));
    }

    @Test
    void afterAKillSettledStaysSettledAndCountsAreRight() {
        bench.config = bench.config.withSessionGraceMillis(0);
        bench.openQueue();
        bench.send(10);
        consumer(A, 6);
        bench.run(() -> bench.group().mark(A, OffsetRanges.of(0, 3)));
        accept(A, 1, 0, 1, 5, 5);
        bench.kill();
        bench.open();
        bench.after(1);
        RecordingConsumer other = consumer(B, 100);
        assertEquals(List.of(2L, 3L, 4L, 6L, 7L, 8L, 9L), other.offsets());
        assertEquals(List.of(2, 2, 1, 1, 1, 1, 1), other.counts());
        assertEquals(3, bench.group().statistics().settledTotal());
    }

    @Test
    void aSessionMayComeBackWithinTheGraceAndSettleWhatItHolds() {
        bench.openQueue();
        bench.send(4);
        consumer(A, 4);
        accept(A, 1, 0, 0);
        bench.kill();
        bench.open();
        RecordingConsumer other = consumer(B, 100);
        accept(A, 1, 0, 0);
        accept(A, 2, 1, 1);
        bench.after(5000);
        assertEquals(List.of(), other.offsets());
        accept(A, 3, 2, 3);
        assertEquals(List.of("1:ok", "1:ok", "2:ok", "3:ok"), outcomes);
    }

    @Test
    void whoDoesNotComeBackLosesItsRecordsAfterTheGrace() {
        bench.openQueue();
        bench.send(2);
        consumer(A, 2);
        bench.kill();
        bench.open();
        RecordingConsumer other = consumer(B, 100);
        assertEquals(List.of(), other.offsets());
        bench.after(1100);
        assertEquals(List.of(0L, 1L), other.offsets());
        accept(A, 1, 0, 0);
        assertEquals(List.of("1:{0}"), outcomes);
    }

    @Test
    void afterAPowerCutWhatWasConfirmedIsSettled() {
        bench.config = bench.config.withSessionGraceMillis(0);
        bench.openQueue();
        bench.send(3);
        consumer(A, 3);
        accept(A, 1, 0, 0);
        bench.ledger.syncAtOnce = false;
        accept(A, 2, 1, 1);
        bench.powerCut();
        bench.open();
        bench.after(1);
        assertEquals(List.of("1:ok"), outcomes);
        assertEquals(List.of(1L, 2L), consumer(B, 10).offsets());
    }

    @Test
    void snapshotsKeepTheLedgerShortAndTellTheSame() {
        bench.config = new DeliveryConfig(1000, 64 << 10, 1 << 20, 2000, 100, 60_000, 1000, 500);
        bench.openQueue();
        bench.run(() ->
                bench.delivery.createGroup(new GroupSpec("s/ü", 9, GroupSpec.Kind.DURABLE, 0, "c"), failure -> {}));
        bench.send(400);
        RecordingConsumer first = consumer(A, 30);
        // Every third is settled; what is held becomes many runs.
        for (int i = 0; i < 400; i++) {
            long offset = i;
            first.credit = 10;
            bench.run(() -> {
                bench.group().wake(first);
                bench.group().mark(A, OffsetRanges.of(offset, offset));
            });
            if (i % 3 == 0) {
                accept(A, i, i, i);
            }
        }
        String before = bench.group().state().table.toString();
        GroupStatistics statistics = bench.group().statistics();
        assertTrue(bench.ledger.startOffset() > 0, "never cut off");
        assertTrue(bench.ledger.sizeBytes() < 30_000, bench.ledger.sizeBytes() + " bytes");
        bench.kill();
        bench.open();
        assertEquals(before, bench.group().state().table.toString());
        assertEquals(statistics.settledTotal(), bench.group().statistics().settledTotal());
        assertEquals(
                new GroupSpec("s/ü", 9, GroupSpec.Kind.DURABLE, 0, "c"),
                bench.delivery.group("s/ü").orElseThrow().spec());
        bench.run(() -> bench.delivery.sessionEnded(A));
        RecordingConsumer other = consumer(B, 1000);
        assertEquals(266, other.got.size());
        assertTrue(other.counts().stream().allMatch(count -> count == 2));
    }

    @Test
    void aSequenceIsRememberedThroughASnapshot() {
        bench.config = new DeliveryConfig(1000, 64 << 10, 1 << 20, 1, 100, 60_000, 1000, 500);
        bench.openQueue();
        bench.send(4);
        consumer(A, 3);
        accept(A, 1, 0, 0);
        accept(A, 2, 3, 3);
        accept(A, 3, 1, 1);
        bench.kill();
        bench.open();
        accept(A, 2, 3, 3);
        accept(A, 3, 1, 1);
        assertEquals(List.of("1:ok", "2:{3}", "3:ok", "2:{3}", "3:ok"), outcomes);
    }

    @Test
    void aSnapshotThatACrashCutOffIsNotUsed() throws Exception {
        bench.openQueue();
        bench.send(4);
        consumer(A, 3);
        accept(A, 1, 0, 0);
        EntryBuffer chunk = new EntryBuffer(64);
        chunk.putByte(LedgerEntry.VERSION).putByte(LedgerEntry.SNAPSHOT).putNumber(0);
        chunk.putByte(0).putBytes(ByteBuffer.wrap(new byte[] {1, 0, 0}));
        bench.delivery.writer().append(chunk.written());
        accept(A, 2, 1, 1);
        bench.kill();
        bench.open();
        assertEquals(2, bench.group().statistics().settledTotal());
        assertEquals(1, bench.group().statistics().acquired());
    }

    @Test
    void groupsAndTheirEndSurviveARestart() {
        bench.open();
        bench.send(4);
        bench.run(() -> {
            bench.delivery.createGroup(new GroupSpec("a", 1, GroupSpec.Kind.DURABLE, 2, null), failure -> {});
            bench.delivery.createGroup(new GroupSpec("b", 1, GroupSpec.Kind.DURABLE, 2, null), failure -> {});
            bench.delivery.createGroup(new GroupSpec("c", 1, GroupSpec.Kind.NON_DURABLE, 2, null), failure -> {});
        });
        bench.run(() -> bench.delivery.deleteGroup("a", 1, failure -> outcomes.add("deleted:" + failure)));
        bench.kill();
        bench.open();
        assertEquals(
                List.of("b"),
                bench.delivery.groups().stream()
                        .map(group -> group.spec().groupId())
                        .toList());
        assertEquals(2, bench.delivery.keepFrom());
        assertEquals(List.of("deleted:null"), outcomes);
    }

    @Test
    void whatTheRecordsLostTheLedgerForgets() {
        bench.config = bench.config.withSessionGraceMillis(0);
        bench.openQueue();
        bench.send(10);
        consumer(A, 8);
        accept(A, 1, 4, 7);
        bench.kill();
        bench.log.truncateTo(5);
        bench.open();
        bench.after(1);
        bench.send(3);
        RecordingConsumer other = consumer(B, 100);
        assertEquals(List.of(0L, 1L, 2L, 3L, 5L, 6L, 7L), other.offsets());
        bench.kill();
        bench.open();
        bench.after(1);
        assertEquals(7, consumer(A, 100).got.size());
    }

    @Test
    void aDecidedCommitIsAppliedAgainWhateverTheStateIs() {
        bench.openQueue();
        bench.send(6);
        consumer(A, 3);
        bench.kill();
        bench.open();
        bench.run(() -> bench.group().reapplySettle(A, 4, OffsetRanges.of(1, 1, 4, 4), noting("again")));
        bench.run(() -> bench.group().reapplySettle(A, 4, OffsetRanges.of(1, 1, 4, 4), noting("again")));
        bench.kill();
        bench.open();
        bench.after(1100);
        assertEquals(List.of("again:ok", "again:ok"), outcomes);
        assertEquals(List.of(0L, 2L, 3L, 5L), consumer(B, 100).offsets());
        assertEquals(2, bench.group().statistics().settledTotal());
    }

    @Test
    void nonPersistentRecordsAreDiscardedAfterAnUncleanRestartOnly() {
        bench.config = bench.config.withSessionGraceMillis(0);
        RecordHeader nonPersistent = new RecordHeader("JMSDeliveryMode", "NON_PERSISTENT".getBytes());
        bench.openQueue();
        bench.send(org.apache.kafka.common.compress.Compression.NONE, 2, nonPersistent);
        bench.send(1);
        bench.clean = true;
        bench.log = bench.log.afterKill();
        bench.ledger = bench.ledger.afterKill();
        bench.open();
        assertEquals(3, bench.group().statistics().waiting());
        RecordingConsumer clean = consumer(A, 1);
        assertEquals(List.of(0L), clean.offsets());
        bench.kill();
        bench.open();
        bench.send(org.apache.kafka.common.compress.Compression.gzip().build(), 2, nonPersistent);
        bench.after(1);
        assertEquals(List.of(2L, 3L, 4L), consumer(B, 10).offsets());
        assertEquals(2, bench.group().statistics().expiredTotal());
    }

    @Test
    void expiredRecordsAreSettledUnseen() {
        bench.config = bench.config.withSessionGraceMillis(0);
        bench.openQueue();
        String soon = Long.toString(bench.time.millis() + 5000);
        RecordHeader expiration = new RecordHeader("JMSExpiration", soon.getBytes());
        bench.send(org.apache.kafka.common.compress.Compression.NONE, 2, expiration);
        bench.send(
                org.apache.kafka.common.compress.Compression.NONE,
                1,
                new RecordHeader("JMSExpiration", "0".getBytes()));
        consumer(A, 1);
        bench.after(6000);
        bench.run(() -> bench.delivery.sessionEnded(A));
        assertEquals(List.of(2L), consumer(B, 10).offsets());
        assertEquals(2, bench.group().statistics().expiredTotal());
    }

    @Test
    void aPlainBatchIsHandedOnUnread() {
        bench.openQueue();
        RecordBatchBuilder builder =
                new RecordBatchBuilder(256).start(Compression.NONE).plain();
        builder.beginRecord(bench.time.millis()).key(null).value("v".getBytes());
        builder.header("JMSExpiration", "1").endRecord();
        bench.append(builder.build());
        assertEquals(List.of(0L), consumer(A, 10).offsets());
    }

    @Test
    void noLocalLeavesOutItsOwnSender() {
        bench.open();
        bench.send(
                org.apache.kafka.common.compress.Compression.NONE,
                1,
                new RecordHeader("penstock.sender", "me".getBytes()));
        bench.send(
                org.apache.kafka.common.compress.Compression.NONE,
                1,
                new RecordHeader("penstock.sender", "you".getBytes()));
        RecordingConsumer consumer = new RecordingConsumer(A, 1, 10);
        bench.run(() -> bench.delivery
                .createGroup(new GroupSpec("s", 1, GroupSpec.Kind.NON_DURABLE, 0, "me"), failure -> {})
                .attach(consumer));
        assertEquals(List.of(1L), consumer.offsets());
    }

    @Test
    void settledRecordsLeaveTheLogWhenEveryGroupAndTheSlackAllow() {
        long[] kafka = {3};
        bench.retention = new SettledRetention() {
            @Override
            public long releasableBelow() {
                return kafka[0];
            }

            @Override
            public long settledMillis() {
                return 10_000;
            }
        };
        bench.openQueue();
        bench.send(10);
        consumer(A, 10);
        accept(A, 1, 0, 5);
        bench.after(5_000);
        assertEquals(0, bench.log.startOffset());
        bench.after(10_000);
        assertEquals(3, bench.log.startOffset());
        kafka[0] = Long.MAX_VALUE;
        bench.after(120_000);
        assertEquals(6, bench.log.startOffset());
    }

    @Test
    void aLedgerOfALaterVersionIsRefused() throws Exception {
        bench.openQueue();
        bench.delivery.writer().append(new EntryBuffer(8).putByte(2).written());
        bench.kill();
        CompletionException refused = assertThrows(CompletionException.class, bench::open);
        assertEquals(LedgerCorruptException.class, refused.getCause().getClass());
    }
}
