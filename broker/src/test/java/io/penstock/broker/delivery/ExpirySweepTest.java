package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.broker.config.DestinationSettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What expires leaves within two seconds, whether or not somebody takes it (rule 19). */
@Timeout(20)
class ExpirySweepTest {
    private static final SessionKey A = new SessionKey(100, 1);
    private static final OffsetRanges NOTHING = new OffsetRanges();

    private final DeliveryBench bench = new DeliveryBench();
    private final List<String> moved = new ArrayList<>();

    private SharePartition open(String expiryAddress) {
        bench.config = bench.config.withSessionGraceMillis(0);
        bench.settings = new DestinationSettings(-1, 0, 1, 0, null, false, expiryAddress, false);
        bench.moves = this::move;
        return bench.openQueue();
    }

    private void move(Moves.Move move, Consumer<java.io.IOException> done) {
        if (!move.prepare()) {
            done.accept(null);
            return;
        }
        for (Record record : MemoryRecords.readableRecords(move.batch()).records()) {
            byte[] value = new byte[record.valueSize()];
            record.value().get(value);
            moved.add(move.target() + ":" + new String(value, StandardCharsets.UTF_8));
        }
        move.settle((outcome, failure) -> done.accept(failure));
    }

    private void sendExpiring(int messages, long millis) {
        String expiration = Long.toString(bench.time.millis() + millis);
        bench.send(
                Compression.NONE,
                messages,
                new RecordHeader("JMSExpiration", expiration.getBytes(StandardCharsets.US_ASCII)));
    }

    private RecordingConsumer consumer(int credit) {
        RecordingConsumer consumer = new RecordingConsumer(A, 1, credit);
        bench.run(() -> bench.group().attach(consumer));
        return consumer;
    }

    @Test
    void withoutAConsumerTheyAreDropped() {
        open(null);
        sendExpiring(3, 1000);
        bench.after(900);
        assertEquals(3, bench.group().statistics().waiting(), "not before their time");
        bench.after(1100);
        assertEquals(0, bench.group().statistics().waiting());
        assertEquals(3, bench.group().state().expiredTotal);
        assertEquals(3, bench.delivery.keepFrom(), "retention follows");
    }

    @Test
    void withoutAConsumerTheyGoToTheExpiryAddress() {
        open("old");
        bench.send(1);
        sendExpiring(2, 1000);
        bench.send(1);
        sendExpiring(1, 5000);
        bench.after(2000);
        assertEquals(List.of("old:m1", "old:m2"), moved);
        assertEquals(3, bench.group().statistics().waiting());
        assertEquals(List.of(0L, 3L, 4L), consumer(10).offsets(), "what stays is in order");
    }

    @Test
    void moreThanAreRememberedAreFoundAgain() {
        bench.dueTimesMax = 64;
        open(null);
        for (int i = 0; i < 500; i++) {
            sendExpiring(20, 60_000 + i % 7 * 100);
        }
        bench.send(1);
        bench.after(63_000);
        assertEquals(1, bench.group().statistics().waiting());
        assertEquals(10_000, bench.delivery.keepFrom());
    }

    @Test
    void afterARestartItIsKnownFromTheLog() {
        for (String address : new String[] {null, "old"}) {
            int before = (int) bench.log.endOffset();
            open(address);
            sendExpiring(2, 1000);
            sendExpiring(2, 3000);
            bench.kill();
            bench.after(1500);
            bench.open();
            bench.after(600);
            assertEquals(2, bench.group().statistics().waiting());
            bench.after(2000);
            assertEquals(0, bench.group().statistics().waiting());
            bench.kill();
            bench.open();
            assertEquals(before + 4, bench.delivery.keepFrom(), "it is in the ledger");
            bench.kill();
        }
        assertEquals(4, moved.size(), moved.toString());
    }

    @Test
    void whatASessionHoldsIsLeftAloneUntilItComesBack() {
        open("old");
        sendExpiring(2, 1000);
        RecordingConsumer consumer = consumer(1);
        bench.after(3000);
        assertEquals(List.of(0L), consumer.offsets());
        assertEquals(List.of("old:m1"), moved);
        assertEquals(1, bench.group().statistics().acquired());
        bench.run(() -> {
            bench.group().detach(consumer, NOTHING);
            bench.delivery.sessionEnded(A);
        });
        bench.after(100);
        assertEquals(List.of("old:m1", "old:m0"), moved);
        assertEquals(2, bench.delivery.keepFrom());
    }

    @Test
    void aSubscriptionWithASelectorAndOneWithoutLoseThemToo() {
        open(null);
        for (String selector : new String[] {null, "color = 'red'"}) {
            bench.run(() -> bench.delivery.createGroup(
                    new GroupSpec("sub" + selector, 1, GroupSpec.Kind.DURABLE, 0, null, selector),
                    failure -> assertNull(failure)));
        }
        String expiration = Long.toString(bench.time.millis() + 1000);
        bench.send(
                Compression.NONE,
                2,
                new RecordHeader("JMSExpiration", expiration.getBytes(StandardCharsets.US_ASCII)),
                new RecordHeader("p.color", "red".getBytes(StandardCharsets.US_ASCII)));
        bench.after(2000);
        for (SharePartition group : bench.delivery.groups()) {
            assertEquals(0, group.statistics().waiting(), group.toString());
        }
        assertEquals(2, bench.delivery.keepFrom());
    }

    /** Rule 19, by rule 18's browser. */
    @Test
    void aBrowserDoesNotShowWhatHasExpired() {
        open(null);
        sendExpiring(2, 100);
        bench.send(1);
        RecordingConsumer before = new RecordingConsumer(A, 1, 10);
        bench.run(() -> bench.group().browse(before));
        assertEquals(List.of(0L, 1L, 2L), before.offsets());
        bench.after(110);
        RecordingConsumer after = new RecordingConsumer(A, 2, 10);
        bench.run(() -> bench.group().browse(after));
        assertEquals(List.of(2L), after.offsets(), "also before it was swept");
    }
}
