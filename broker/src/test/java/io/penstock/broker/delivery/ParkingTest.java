package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.partition.Partition;
import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Invariant 15 seen from JMS: records of undecided Kafka transactions delay nobody, come first when their marker is
 * committed, and never when they are aborted; also after a restart. On real storage of a simulated disk.
 */
@Timeout(60)
class ParkingTest {
    private static final SessionKey A = new SessionKey(100, 1);
    private static final SessionKey B = new SessionKey(200, 1);
    private static final long ONE = 1L << 40;
    private static final long TWO = 1L << 41;

    private final SimulatedTime time = new SimulatedTime(5);
    private final SimulatedDisk disk = new SimulatedDisk(5);
    private final RecordBatchBuilder builder = new RecordBatchBuilder(1024);
    private final Map<Long, Integer> sequences = new HashMap<>();
    private final Map<Long, Short> epochs = new HashMap<>();
    private DeliveryConfig config = DeliveryConfig.defaults();
    private SimulatedBroker broker;
    private Partition partition;

    @BeforeEach
    void start() throws IOException {
        broker = SimulatedBroker.start(time, disk, config, DeliverySimulation.Sabotage.NONE, 1);
        partition = broker.part(0).partition;
        settle();
    }

    private void settle() {
        time.runFor(50_000_000);
    }

    private void kill() throws IOException {
        broker.kill();
        disk.kill();
        start();
    }

    private SharePartition group() {
        return broker.part(0).group(SimulatedBroker.QUEUE);
    }

    private RecordingConsumer consumer(SessionKey session, String selector) {
        RecordingConsumer consumer = new RecordingConsumer(session, 1, 1000).selecting(selector);
        broker.owner.runHere(() -> group().attach(consumer));
        settle();
        return consumer;
    }

    private void record(String color) {
        builder.beginRecord(time.millis()).key(null).value("m".getBytes(StandardCharsets.US_ASCII));
        builder.header("color", color).endRecord();
    }

    private void send(String... colors) {
        builder.start(Compression.NONE);
        append(colors);
    }

    private void append(String... colors) {
        for (String color : colors) {
            record(color);
        }
        ByteBuffer built = builder.build();
        ByteBuffer batch = ByteBuffer.allocate(built.remaining()).put(built).flip();
        broker.owner.runHere(() ->
                partition.append(batch, AppendOrigin.CLIENT, true, (append, failure) -> assertEquals(null, failure)));
        settle();
    }

    private void sendIn(long producer, String... colors) {
        short epoch = epochs.computeIfAbsent(producer, id -> (short) 0);
        int sequence = sequences.merge(producer, colors.length, Integer::sum) - colors.length;
        builder.start(Compression.NONE, producer, epoch, sequence).transactional();
        broker.owner.runHere(() -> partition.transactions().verify(producer).finish(() -> append(colors)));
        settle();
    }

    private void end(long producer, boolean commit) {
        short epoch = epochs.merge(producer, (short) 1, (before, one) -> (short) (before + one));
        sequences.remove(producer);
        broker.owner.runHere(() -> partition
                .transactions()
                .end(commit, producer, epoch, 1, true, (append, failure) -> assertEquals(null, failure)));
        settle();
    }

    private void accept(long first, long last) {
        broker.owner.runHere(() -> group().settle(
                        A,
                        SharePartition.NO_SEQUENCE,
                        Settlements.accept(OffsetRanges.of(first, last)),
                        (outcome, failure) -> assertEquals(null, failure)));
        settle();
    }

    @Test
    void undecidedRecordsDelayNobodyAndComeWhenTheyAreCommitted() {
        RecordingConsumer consumer = consumer(A, null);
        sendIn(ONE, "red", "red");
        send("red");
        assertEquals(List.of(2L), consumer.offsets());
        assertEquals(1, group().statistics().acquired());
        end(ONE, true);
        send("red");
        assertEquals(List.of(2L, 0L, 1L, 4L), consumer.offsets());
        assertEquals(List.of(1, 1, 1, 1), consumer.counts());
    }

    @Test
    void committedOnesComeFirstInOrderOfOffsets() {
        RecordingConsumer consumer = consumer(A, null);
        sendIn(ONE, "red");
        sendIn(TWO, "red");
        sendIn(ONE, "red");
        send("red");
        consumer.credit = 0;
        send("red");
        end(TWO, true);
        end(ONE, true);
        send("red");
        consumer.credit = 100;
        broker.owner.runHere(() -> group().wake(consumer));
        settle();
        assertEquals(List.of(3L, 0L, 1L, 2L, 4L, 7L), consumer.offsets());
    }

    @Test
    void abortedOnesAreSettledAndRetentionFollows() {
        RecordingConsumer consumer = consumer(A, null);
        sendIn(ONE, "red", "red");
        send("red");
        accept(2, 2);
        assertEquals(0, group().state().startOffset());
        end(ONE, false);
        send("red");
        assertEquals(List.of(2L, 4L), consumer.offsets());
        accept(4, 4);
        assertEquals(5, group().state().startOffset());
        assertEquals(0, group().statistics().waiting());
    }

    @Test
    void parkedRecordsOutliveARestartAndAreNoSessionsRecords() throws IOException {
        consumer(A, null);
        sendIn(ONE, "red", "red");
        sendIn(TWO, "red");
        send("red");
        accept(3, 3);
        kill();
        assertFalse(group().anythingHeld());
        RecordingConsumer again = consumer(B, null);
        send("red");
        assertEquals(List.of(4L), again.offsets());
        end(ONE, false);
        end(TWO, true);
        assertEquals(List.of(4L, 2L), again.offsets());
        kill();
        RecordingConsumer third = consumer(A, null);
        time.runFor(config.sessionGraceMillis() * 2_000_000L);
        assertEquals(List.of(2L, 4L), third.offsets());
    }

    @Test
    void consumersWithSelectorsGetTheirsOfWhatWasParked() {
        RecordingConsumer red = consumer(A, "color = 'red'");
        RecordingConsumer blue = consumer(B, "color = 'blue'");
        sendIn(ONE, "red", "blue", "green");
        send("blue", "red");
        assertEquals(List.of(4L), red.offsets());
        assertEquals(List.of(3L), blue.offsets());
        end(ONE, true);
        assertEquals(List.of(4L, 0L), red.offsets());
        assertEquals(List.of(3L, 1L), blue.offsets());
        assertEquals(1, group().statistics().waiting());
    }

    @Test
    void browserSeesWhatIsDecided() {
        consumer(A, "color = 'nothing'");
        sendIn(ONE, "red");
        send("red");
        sendIn(TWO, "red");
        end(TWO, true);
        RecordingConsumer browser = new RecordingConsumer(B, 2, 100);
        broker.owner.runHere(() -> group().browse(browser));
        settle();
        assertEquals(List.of(1L, 2L), browser.offsets());
    }

    @Test
    void whatWasPassedOverBecauseALaterRecordWasSettledIsParkedToo() {
        sendIn(ONE, "red");
        send("red", "red");
        // As the recovery of a decided commit does, when the ledger lost what was acquired.
        broker.owner.runHere(() -> group().reapplySettle(B, 1, OffsetRanges.of(2, 2), (outcome, failure) -> {}));
        settle();
        RecordingConsumer consumer = consumer(A, null);
        assertEquals(List.of(1L), consumer.offsets());
        end(ONE, true);
        assertEquals(List.of(1L, 0L), consumer.offsets());
    }

    @Test
    void subscriptionWithoutConsumersSortsWhatIsDecidedOnly() {
        sendIn(ONE, "red", "green");
        send("green", "red");
        SharePartition audit = broker.part(0).group(SimulatedBroker.AUDIT);
        assertEquals(0, audit.state().nextOffset());
        end(ONE, true);
        assertTrue(audit.state().nextOffset() >= 4, audit.toString());
        assertEquals(2, audit.statistics().waiting());
    }
}
