package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.simulation.TestBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A replica's log that goes on at its leader's start, over a power cut too. */
@Timeout(30)
class RestartedLogTest {
    private static final LogId ID = LogId.records(new UUID(3, 4), 0);

    private final SimulatedTime time = new SimulatedTime(1);
    private final SimulatedDisk disk = new SimulatedDisk(2);
    private SimulatedOwner owner;

    private PartitionLog open(LogConfig.FlushPolicy policy) throws IOException {
        owner = new SimulatedOwner(time, "owner");
        DirectoryLogStore store = DirectoryLogStore.open(
                StoreConfig.small(Path.of("/data")), disk, time, new SimulatedWorkers(time, "store"));
        return store.openNow(ID, LogConfig.defaults().withFlushPolicy(policy), owner);
    }

    private static ByteBuffer at(long offset) {
        ByteBuffer batch = TestBatches.of(2, 50, 1000);
        return batch.putLong(0, offset).putInt(12, 3);
    }

    @ParameterizedTest
    @EnumSource(LogConfig.FlushPolicy.class)
    void keepsItsNewStartOverAPowerCut(LogConfig.FlushPolicy policy) throws IOException {
        PartitionLog log = open(policy);
        owner.runHere(() -> restart(log, 1000));
        assertEquals(1000, log.startOffset());
        assertEquals(1000, log.endOffset());
        disk.powerCut();
        PartitionLog again = open(policy);
        assertEquals(1000, again.startOffset());
        assertEquals(1000, again.endOffset());
        owner.runHere(() -> replicate(again, 1000));
        assertEquals(1002, again.endOffset());
        assertEquals(3, again.latestEpoch().orElseThrow());
    }

    @Test
    void refusesToForgetRecords() throws IOException {
        PartitionLog log = open(LogConfig.FlushPolicy.INTERVAL);
        owner.runHere(() -> replicate(log, 0));
        assertThrows(IllegalStateException.class, () -> log.restartAt(500));
        assertEquals(2, log.endOffset());
    }

    private static void restart(PartitionLog log, long offset) {
        try {
            log.restartAt(offset);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void replicate(PartitionLog log, long offset) {
        try {
            log.append(at(offset), 3, AppendOrigin.REPLICATION);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
