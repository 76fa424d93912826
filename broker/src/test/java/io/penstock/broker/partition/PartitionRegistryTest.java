package io.penstock.broker.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.InMemoryMetadataStore;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.storage.disk.DiskFullException;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.DirectoryLogStore;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.StoreConfig;
import io.penstock.storage.simulation.DiskFault;
import io.penstock.storage.simulation.DiskOperation;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.simulation.TestBatches;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults of the disk below partitions that stay in service, and what retention may take; in simulated time. */
@Timeout(30)
class PartitionRegistryTest {
    private static final long ENOUGH_NANOS = 5_000_000_000L;
    private static final int LARGE = 9_000;

    private final SimulatedTime time = new SimulatedTime(11);
    private final SimulatedDisk disk = new SimulatedDisk(12);
    private final SimulatedOwner owner = new SimulatedOwner(time, "owner");
    private DirectoryLogStore logs;
    private PartitionRegistry registry;
    private UUID topic;
    private LogConfig config = LogConfig.defaults();

    @BeforeEach
    void start() throws IOException {
        MetadataStore metadata = new InMemoryMetadataStore("cluster", Runnable::run, () -> new UUID(1, 7));
        metadata.register(new BrokerImage(0, 0, "localhost", 9092, null));
        TopicImage made = metadata.createTopic(new MetadataStore.NewTopic("t", 1, (short) 1, null, Map.of()))
                .toCompletableFuture()
                .join();
        topic = made.id();
        logs = DirectoryLogStore.open(
                StoreConfig.small(Path.of("/data")), disk, time, new SimulatedWorkers(time, "store"));
        registry = new PartitionRegistry(0, metadata::image, logs, owners(), ignored -> config);
    }

    private Owners owners() {
        return new Owners() {
            @Override
            public Owner next() {
                return owner;
            }

            @Override
            public List<Owner> all() {
                return List.of(owner);
            }
        };
    }

    /** The partition, or why it cannot be had. */
    private Object ask() {
        List<Object> answer = new ArrayList<>();
        registry.with(topic, 0, answer::add, answer::add);
        assertTrue(time.runUntil(() -> !answer.isEmpty(), ENOUGH_NANOS));
        return answer.get(0);
    }

    private Partition partition() {
        return assertInstanceOf(Partition.class, ask());
    }

    /** Null when committed. */
    private IOException append(Partition partition, int bytes) {
        List<IOException> told = new ArrayList<>();
        owner.execute(() -> partition.append(
                TestBatches.of(1, bytes, time.millis()),
                AppendOrigin.CLIENT,
                true,
                (append, failure) -> told.add(failure)));
        assertTrue(time.runUntil(() -> !told.isEmpty(), ENOUGH_NANOS));
        return told.get(0);
    }

    @Test
    void aLogThatWentOfflineIsRecoveredWithoutARestart() {
        Partition first = partition();
        assertNull(append(first, 100));
        assertNull(append(first, 100));
        boolean[] told = {false};
        owner.execute(() -> first.onHighWatermark(() -> told[0] = true));
        time.runFor(1);
        disk.failNth(DiskOperation.FORCE, 1, DiskFault.EIO, ".log");
        assertInstanceOf(IOException.class, append(first, LARGE));
        if (ask() instanceof PartitionUnavailableException refused) {
            assertEquals(PartitionUnavailableException.Reason.OFFLINE, refused.reason());
        }
        time.runFor(ENOUGH_NANOS);
        assertTrue(told[0], "parked readers look again");
        Partition second = partition();
        assertNotSame(first, second);
        assertTrue(second.highWatermark() >= 2, "what was acknowledged is there");
        assertEquals(0, second.openedEndOffset(), "nothing here comes from an earlier life");
        long end = second.highWatermark();
        assertNull(append(second, LARGE));
        assertEquals(end + 1, second.highWatermark());
    }

    @Test
    void aLedgerThatWentOfflineIsRecoveredWithItsPartition() {
        Partition first = partition();
        assertNull(append(first, 100));
        List<Object> ledgers = new ArrayList<>();
        owner.execute(() -> first.ledger().thenAccept(ledgers::add));
        assertTrue(time.runUntil(() -> !ledgers.isEmpty(), ENOUGH_NANOS));
        owner.execute(() -> first.failed(new io.penstock.storage.log.LogException(
                io.penstock.storage.log.LogException.Reason.OFFLINE, "the ledger is offline")));
        time.runFor(ENOUGH_NANOS);
        Partition second = partition();
        assertNotSame(first, second);
        assertEquals(1, second.highWatermark());
        owner.execute(() -> second.ledger().thenAccept(ledgers::add));
        assertTrue(time.runUntil(() -> ledgers.size() == 2, ENOUGH_NANOS));
        assertNotSame(ledgers.get(0), ledgers.get(1));
    }

    @Test
    void aFailureThatIsNotOfflineLeavesThePartitionOpen() {
        Partition first = partition();
        owner.execute(() -> first.failed(new IOException("a ledger entry makes no sense")));
        time.runFor(ENOUGH_NANOS);
        assertSame(first, partition());
    }

    @Test
    void aFullDiskRefusesAndGoesOnByItself() {
        Partition partition = partition();
        assertNull(append(partition, 100));
        disk.capacityBytes(1);
        IOException refused = null;
        for (int i = 0; i < 2_000 && refused == null; i++) {
            refused = append(partition, LARGE);
        }
        assertInstanceOf(DiskFullException.class, refused);
        long end = partition.highWatermark();
        assertInstanceOf(DiskFullException.class, append(partition, LARGE), "as long as it is full");
        assertEquals(end, partition.highWatermark());
        disk.capacityBytes(Long.MAX_VALUE);
        assertNull(append(partition, LARGE));
        assertSame(partition, partition());
        assertEquals(end + 1, partition.highWatermark());
    }

    @Test
    void whatIsHeldOutlivesRetentionByTimeAndSize() {
        config = new LogConfig(
                config.segmentBytes() >> 14,
                config.segmentMillis(),
                1,
                1,
                config.flushPolicy(),
                config.flushMessages(),
                config.flushMillis(),
                config.maxBatchBytes(),
                config.indexIntervalBytes(),
                false);
        Partition partition = partition();
        List<Object> ledger = new ArrayList<>();
        owner.execute(() -> partition.ledger().thenAccept(ledger::add));
        assertTrue(time.runUntil(() -> !ledger.isEmpty(), ENOUGH_NANOS));
        for (int i = 0; i < 40; i++) {
            assertNull(append(partition, LARGE));
        }
        long[] held = {0};
        registry.holdRetention((asked, answer) -> answer.accept(held[0]));
        time.runFor(ENOUGH_NANOS);
        registry.applyRetention();
        time.runFor(ENOUGH_NANOS);
        assertEquals(0, partition.log().startOffset());
        held[0] = 20;
        registry.applyRetention();
        time.runFor(ENOUGH_NANOS);
        assertTrue(partition.log().startOffset() > 0 && partition.log().startOffset() <= 20);
        held[0] = Long.MAX_VALUE;
        registry.applyRetention();
        time.runFor(ENOUGH_NANOS);
        assertTrue(partition.log().startOffset() > 20);
    }
}
