package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.storage.log.LogException.Reason;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.simulation.TestBatches;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client sends is checked to the last record; and records are found by time inside of compressed batches. */
@Timeout(30)
class AppendCheckTest {
    private static final LogId ID = LogId.records(new UUID(1, 1), 0);
    private static final int MAX = 1 << 20;

    private static ByteBuffer batch(Compression compression, int valueBytes, long... timestamps) {
        RecordBatchBuilder builder = new RecordBatchBuilder(4096).start(compression);
        for (long timestamp : timestamps) {
            builder.beginRecord(timestamp).key((byte[]) null).value(new byte[valueBytes]);
            builder.endRecord();
        }
        ByteBuffer built = builder.build();
        return ByteBuffer.allocate(built.remaining()).put(built).flip();
    }

    /** Makes the checksum fit again after a change. */
    private static ByteBuffer sealed(ByteBuffer batch) {
        CRC32C crc = new CRC32C();
        crc.update(batch.slice(21, batch.limit() - 21));
        return batch.putInt(17, (int) crc.getValue());
    }

    private static void assertRefused(Reason reason, ByteBuffer batch) {
        LogException refused =
                assertThrows(LogException.class, () -> AppendCheck.check(ID, batch, AppendOrigin.CLIENT, MAX));
        assertEquals(reason, refused.reason(), refused.getMessage());
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void wholeBatchIsTaken(Compression compression) throws Exception {
        assertEquals(1, AppendCheck.check(ID, batch(compression, 100, 1, 2, 3), AppendOrigin.CLIENT, MAX));
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void countUnlikeContentIsRefused(Compression compression) {
        ByteBuffer more = batch(compression, 100, 1, 2, 3);
        assertRefused(Reason.INVALID_RECORD, sealed(more.putInt(57, 4).putInt(23, 3)));
        ByteBuffer fewer = batch(compression, 100, 1, 2, 3);
        assertRefused(Reason.INVALID_RECORD, sealed(fewer.putInt(57, 2).putInt(23, 1)));
    }

    @Test
    void bombIsRefusedBeforeItIsUnpacked() {
        ByteBuffer bomb = batch(Compression.ZSTD, AppendCheck.DECOMPRESSED_BYTES_MAX, 1);
        assertRefused(Reason.BATCH_TOO_LARGE, bomb);
    }

    @Test
    void damagedCompressedRecordsAreRefused() {
        ByteBuffer batch = batch(Compression.LZ4, 1000, 1, 2);
        for (int at = RecordBatch.HEADER_BYTES; at < batch.limit(); at++) {
            batch.put(at, (byte) 0x55);
        }
        assertRefused(Reason.INVALID_RECORD, sealed(batch));
    }

    @Test
    void controlBatchOldMagicAndUnknownCompressionAreRefusedByName() {
        assertRefused(Reason.INVALID_RECORD, TestBatches.batch().attributes(32).build());
        assertRefused(Reason.UNSUPPORTED_FORMAT, TestBatches.of(1, 10, 1).put(16, (byte) 1));
        assertRefused(
                Reason.UNSUPPORTED_COMPRESSION,
                TestBatches.batch().attributes(7).build());
        assertRefused(Reason.CORRUPT_BATCH, TestBatches.of(1, 10, 1).put(70, (byte) 99));
        assertRefused(Reason.BATCH_TOO_LARGE, TestBatches.of(1, MAX, 1));
        assertRefused(Reason.INVALID_RECORD, ByteBuffer.allocate(0));
        assertRefused(Reason.INVALID_RECORD, ByteBuffer.allocate(5));
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void timestampsAreFoundExactlyInsideOfBatches(Compression compression) throws IOException {
        SimulatedTime time = new SimulatedTime(1);
        SimulatedOwner owner = new SimulatedOwner(time, "owner");
        DirectoryLogStore store = DirectoryLogStore.open(
                StoreConfig.small(Path.of("/data")), new SimulatedDisk(2), time, new SimulatedWorkers(time, "store"));
        PartitionLog log = store.openNow(ID, LogConfig.defaults(), owner);
        log.append(batch(compression, 50, 100, 300, 200), 0, AppendOrigin.CLIENT);
        log.append(batch(compression, 50, 150, 400, 250), 0, AppendOrigin.CLIENT);
        assertEquals(0, log.offsetForTimestamp(100).orElseThrow().offset());
        assertEquals(1, log.offsetForTimestamp(101).orElseThrow().offset());
        assertEquals(4, log.offsetForTimestamp(301).orElseThrow().offset());
        assertEquals(400, log.offsetForTimestamp(301).orElseThrow().timestampMillis());
        assertEquals(4, log.maxTimestamp().orElseThrow().offset());
        assertEquals(true, log.offsetForTimestamp(401).isEmpty());
    }
}
