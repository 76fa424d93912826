package io.penstock.broker.delivery;

import io.penstock.broker.config.DestinationSettings;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogId;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** One partition with delivery on logs in memory, on simulated time: what tests of this package stand on. */
final class DeliveryBench {

    private static final DestinationSettings EXCLUSIVE = new DestinationSettings(-1, 0, 1, 0, null, false, null, true);

    final SimulatedTime time;
    SimulatedOwner owner;
    MemoryLog log = new MemoryLog(LogId.records(FakePartition.TOPIC, 0));
    MemoryLog ledger = new MemoryLog(LogId.ledger(FakePartition.TOPIC, 0));
    DeliveryConfig config = DeliveryConfig.defaults();
    SettledRetention retention = SettledRetention.KEEP;
    boolean clean = true;
    FakePartition partition;
    PartitionDelivery delivery;
    int dueTimesMax = DueTimes.NEAR_MAX;
    boolean exclusive;
    DestinationSettings settings = DestinationSettings.UNLIMITED;
    Moves moves = Moves.NONE;
    private int written;

    DeliveryBench() {
        this(1);
    }

    DeliveryBench(long seed) {
        time = new SimulatedTime(seed);
    }

    DeliveryBench open() {
        return open(false);
    }

    /** @param again after a failure of the delivery in the same life of the broker */
    DeliveryBench open(boolean again) {
        owner = new SimulatedOwner(time, "owner");
        partition = new FakePartition(owner, log, ledger);
        run(() -> {
            CompletionStage<PartitionDelivery> opened =
                    PartitionDelivery.open(partition, context().withDueTimes(dueTimesMax), retention, again);
            delivery = opened.toCompletableFuture().getNow(null);
            if (delivery == null) {
                opened.toCompletableFuture().join();
            }
        });
        return this;
    }

    private DeliveryContext context() {
        DeliveryContext context =
                new DeliveryContext(owner, time, config, clean, destination -> exclusive ? EXCLUSIVE : settings);
        context.moveBy(moves);
        return context;
    }

    /** Opens and makes the queue's group. */
    SharePartition openQueue() {
        open();
        return queue();
    }

    SharePartition queue() {
        SharePartition[] group = {null};
        run(() -> group[0] = delivery.createGroup(GroupSpec.queue("orders", 0), failure -> {}));
        return group[0];
    }

    SharePartition group() {
        return delivery.group("orders").orElseThrow();
    }

    /** Runs a turn of the owner, with all that it causes at once. */
    void run(Runnable turn) {
        owner.runHere(turn);
        settle();
    }

    /** Lets queued tasks run; timers of a millisecond and more do not. */
    void settle() {
        time.runFor(1_000_000);
    }

    void after(long millis) {
        time.runFor(millis * 1_000_000L);
    }

    /** The broker dies; the page cache stays. */
    void kill() {
        owner.kill();
        log = log.afterKill();
        ledger = ledger.afterKill();
        clean = false;
    }

    void powerCut() {
        owner.kill();
        log = log.afterPowerCut();
        ledger = ledger.afterPowerCut();
        clean = false;
    }

    /** Sends one batch of messages with values m0, m1, ... */
    void send(int messages) {
        send(Compression.NONE, messages);
    }

    void send(Compression compression, int messages, Header... headers) {
        SimpleRecord[] records = new SimpleRecord[messages];
        for (int i = 0; i < messages; i++) {
            byte[] value = ("m" + written++).getBytes(StandardCharsets.UTF_8);
            records[i] = new SimpleRecord(time.millis(), null, value, headers);
        }
        append(MemoryRecords.withRecords(compression, records).buffer());
    }

    void append(ByteBuffer batches) {
        run(() -> partition.append(batches, AppendOrigin.CLIENT, true, (append, failure) -> {
            if (failure != null) {
                throw new AssertionError(failure);
            }
        }));
    }

    static IOException full() {
        return new io.penstock.storage.disk.DiskFullException("no space left", null);
    }
}
