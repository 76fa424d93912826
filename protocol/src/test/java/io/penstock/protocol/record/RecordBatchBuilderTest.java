package io.penstock.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RecordBatchBuilderTest {

    @Test
    void sequencesGoOnAtZeroAfterTheLargest() {
        RecordBatchBuilder builder =
                new RecordBatchBuilder(64).start(Compression.NONE, 1, (short) 0, Integer.MAX_VALUE - 1);
        for (int i = 0; i < 4; i++) {
            add(builder, 10);
        }
        assertEquals(1, RecordBatch.of(builder.build()).lastSequence());
        assertEquals(Integer.MAX_VALUE, RecordBatch.sequenceAfter(Integer.MAX_VALUE - 1, 1));
        assertEquals(0, RecordBatch.sequenceAfter(Integer.MAX_VALUE, 1));
    }

    @Test
    void recordsOfEverySizeSurviveTheGuessOfTheirLength() {
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(Compression.NONE);
        int[] sizes = {0, 1, 50, 55, 56, 57, 58, 59, 60, 8_170, 8_180, 8_185, 8_190, 9_000, 0, 2_000_000, 3, 56};
        for (int size : sizes) {
            add(builder, size);
        }
        RecordBatch batch = RecordBatch.of(builder.build());
        BatchValidator.checkProduced(batch, false, 0);
        RecordCursor cursor = new RecordCursor().open(batch, 0);
        for (int size : sizes) {
            cursor.next();
            assertEquals(size, cursor.record().valueBytes());
        }
    }

    @Test
    void headersOfNumbersAreDecimalDigits() {
        long[] numbers = {0, 1, 9, 10, 1_700_000_000_123L, Long.MAX_VALUE, -1, Long.MIN_VALUE};
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(Compression.NONE);
        builder.beginRecord(1).key(null).value((byte[]) null);
        for (long number : numbers) {
            builder.header(new byte[] {'n'}, number);
        }
        builder.endRecord();
        RecordCursor cursor = new RecordCursor().open(RecordBatch.of(builder.build()), 0);
        cursor.next();
        HeaderCursor headers = cursor.record().headers();
        for (long number : numbers) {
            headers.next();
            assertEquals(Long.toString(number), headers.valueText());
        }
    }

    @Test
    void anAbandonedRecordLeavesNoTrace() {
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(Compression.NONE);
        add(builder, 5);
        builder.beginRecord(1).key(null).value(new byte[500]).header("a", "b");
        builder.abandonRecord();
        add(builder, 6);
        RecordBatch batch = RecordBatch.of(builder.build());
        BatchValidator.checkProduced(batch, false, 0);
        assertEquals(2, batch.count());
    }

    @Test
    void stepsOutOfOrderAreRefused() {
        RecordBatchBuilder builder = new RecordBatchBuilder(64);
        assertThrows(IllegalStateException.class, () -> builder.beginRecord(1));
        builder.start(Compression.NONE);
        assertThrows(IllegalStateException.class, builder::build);
        builder.beginRecord(1);
        assertThrows(IllegalStateException.class, () -> builder.value(new byte[1]));
        builder.key(null);
        assertThrows(IllegalStateException.class, builder::endRecord);
    }

    @Test
    void aSubsetHasTheChosenRecordsAtTheirOffsets() {
        // Given
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(Compression.NONE);
        for (int i = 0; i < 10; i++) {
            add(builder, i * 20);
        }
        RecordBatch whole = RecordBatch.of(builder.baseOffset(100).build());
        List<Long> chosen = List.of(100L, 103L, 104L, 105L, 109L);
        int size = RecordSubset.sizeBytes(whole, chosen::contains);
        ByteBuffer dst = ByteBuffer.allocate(size + 8).position(3);
        // When
        RecordSubset.write(whole, chosen::contains, dst);
        // Then
        assertEquals(3 + size, dst.position());
        RecordBatch subset = new RecordBatch().wrap(dst, 3);
        assertEquals(size, subset.sizeBytes());
        assertEquals(100, subset.baseOffset());
        assertEquals(109, subset.lastOffset());
        assertEquals(5, subset.count());
        RecordCursor cursor = new RecordCursor().open(subset, 0);
        for (long offset : chosen) {
            cursor.next();
            assertEquals(offset, cursor.record().offset());
            assertEquals((offset - 100) * 20, cursor.record().valueBytes());
        }
        assertEquals(false, cursor.next());
    }

    @Test
    void aSubsetOfAllIsTheBatchAndOfNothingNothing() {
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(Compression.NONE);
        IntStream.range(0, 5).forEach(i -> add(builder, i));
        RecordBatch whole = RecordBatch.of(builder.build());
        ByteBuffer dst = ByteBuffer.allocate(whole.sizeBytes());
        RecordSubset.write(whole, offset -> true, dst);
        assertEquals(whole.slice(), dst.flip());
        assertEquals(0, RecordSubset.sizeBytes(whole, offset -> false));
        ByteBuffer nothing = ByteBuffer.allocate(0);
        RecordSubset.write(whole, offset -> false, nothing);
        assertEquals(0, nothing.position());
    }

    private static void add(RecordBatchBuilder builder, int valueBytes) {
        builder.beginRecord(1_000).key(null).value(new byte[valueBytes]).endRecord();
    }
}
