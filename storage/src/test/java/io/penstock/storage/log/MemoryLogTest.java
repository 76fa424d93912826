package io.penstock.storage.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.storage.disk.DiskFullException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class MemoryLogTest {
    private final MemoryBudget budget = new MemoryBudget(10_000);
    private final MemoryLog log = new MemoryLog(LogId.records(new UUID(1, 2), 0), LogConfig.defaults(), budget);

    private static ByteBuffer batch(int records, int sequence, int valueBytes) {
        RecordBatchBuilder builder = new RecordBatchBuilder(256);
        builder.start(Compression.NONE, 7, (short) 0, sequence);
        for (int i = 0; i < records; i++) {
            builder.beginRecord(1_000).key(null).value(new byte[valueBytes]);
            builder.endRecord();
        }
        return builder.build();
    }

    private LogAppend append(int records, int sequence, int valueBytes) throws IOException {
        return log.append(batch(records, sequence, valueBytes), 0, AppendOrigin.CLIENT);
    }

    @Test
    void batchesAreReadAsTheyCameWithOffsets() throws Exception {
        assertEquals(0, append(3, 0, 10).baseOffset());
        assertEquals(3, append(2, 3, 10).baseOffset());
        assertEquals(5, log.endOffset());
        assertEquals(5, log.durableEndOffset());
        try (LogSlice slice = log.read(1, 1 << 20, 5, true)) {
            ByteBuffer bytes = ByteBuffer.allocate(slice.sizeBytes());
            slice.readInto(bytes);
            bytes.flip();
            assertEquals(0, RecordBatch.of(bytes).baseOffset());
            assertEquals(log.sizeBytes(), slice.sizeBytes());
        }
        try (LogSlice slice = log.read(4, 1, 5, true)) {
            ByteBuffer bytes = ByteBuffer.allocate(slice.sizeBytes());
            slice.readInto(bytes);
            bytes.flip();
            assertEquals(3, RecordBatch.of(bytes).baseOffset());
        }
        assertEquals(0, log.read(5, 100, 5, true).sizeBytes());
        assertThrows(OffsetOutOfRangeException.class, () -> log.read(6, 100, 6, true));
    }

    @Test
    void aRepeatIsKnownAndAGapRefused() throws Exception {
        append(3, 0, 10);
        LogAppend repeat = append(3, 0, 10);
        assertTrue(repeat.duplicate());
        assertEquals(0, repeat.baseOffset());
        assertEquals(3, log.endOffset());
        LogException gap = assertThrows(LogException.class, () -> append(1, 5, 10));
        assertEquals(LogException.Reason.OUT_OF_ORDER_SEQUENCE, gap.reason());
        assertEquals(2, log.producer(7).orElseThrow().lastSequence());
    }

    @Test
    void whatIsDroppedIsGivenBackToTheBudget() throws Exception {
        append(1, 0, 6_000);
        assertThrows(DiskFullException.class, () -> append(1, 1, 6_000));
        assertEquals(1, log.endOffset());
        log.advanceStartOffset(1);
        assertEquals(0, budget.takenBytes());
        append(1, 1, 6_000);
        assertThrows(OffsetOutOfRangeException.class, () -> log.read(0, 100, 2, true));
        log.close();
        assertEquals(0, budget.takenBytes());
        assertThrows(LogException.class, () -> append(1, 2, 10));
    }

    @Test
    void aDamagedBatchIsRefused() {
        ByteBuffer damaged = batch(1, 0, 10);
        damaged.put(damaged.limit() - 1, (byte) 99);
        LogException refused = assertThrows(LogException.class, () -> log.append(damaged, 0, AppendOrigin.CLIENT));
        assertEquals(LogException.Reason.CORRUPT_BATCH, refused.reason());
        assertFalse(log.producer(7).isPresent());
    }

    @Test
    void aForgetfulOneTakesEverythingAndHoldsNothing() throws Exception {
        MemoryLog forgetful = MemoryLog.forgetful(LogId.ledger(new UUID(1, 2), 0), LogConfig.defaults());
        for (int i = 0; i < 100; i++) {
            forgetful.append(batch(1, i, 1_000), 0, AppendOrigin.BROKER);
        }
        assertEquals(100, forgetful.endOffset());
        assertEquals(100, forgetful.startOffset());
        assertEquals(0, forgetful.sizeBytes());
    }
}
