package io.penstock.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.protocol.record.InvalidBatchException.Reason;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class BatchValidatorTest {
    private static final int LIMIT = 1 << 20;

    @Test
    void aChangedByteIsCorrupt() {
        for (int at = RecordBatch.CRC_AT; at < batch().limit(); at++) {
            ByteBuffer batch = batch();
            batch.put(at, (byte) (batch.get(at) ^ 4));
            refuse(Reason.CORRUPT, batch);
        }
    }

    @Test
    void baseOffsetAndLeaderEpochLieOutsideOfTheChecksum() {
        ByteBuffer bytes = batch();
        RecordBatch batch = RecordBatch.of(bytes);
        batch.baseOffset(77);
        batch.partitionLeaderEpoch(8);
        BatchValidator.checkProduced(batch, true, LIMIT);
        assertEquals(79, batch.lastOffset());
        assertEquals(80, batch.nextOffset());
        assertEquals(8, batch.partitionLeaderEpoch());
    }

    @Test
    void cutOffBatchesAreInvalid() {
        ByteBuffer batch = batch();
        for (int length = 0; length < batch.limit(); length++) {
            refuse(Reason.INVALID, batch.slice(0, length));
        }
    }

    @Test
    void oldMagicIsNamed() {
        ByteBuffer batch = batch();
        batch.put(RecordBatch.MAGIC_AT, (byte) 1);
        refuse(Reason.OLD_MAGIC, batch);
    }

    @Test
    void unknownCompressionIsNamed() {
        refuse(Reason.UNKNOWN_COMPRESSION, withShort(RecordBatch.ATTRIBUTES_AT, 5));
    }

    @Test
    void controlBatchesOfClientsAreInvalid() {
        refuse(Reason.INVALID, withShort(RecordBatch.ATTRIBUTES_AT, RecordBatch.CONTROL_BIT));
    }

    @Test
    void clientsMayNotStampTheLogsTime() {
        refuse(Reason.INVALID, withShort(RecordBatch.ATTRIBUTES_AT, RecordBatch.LOG_APPEND_TIME_BIT));
    }

    @Test
    void unknownAttributesAreInvalid() {
        refuse(Reason.INVALID, withShort(RecordBatch.ATTRIBUTES_AT, 0x80));
    }

    @Test
    void transactionsNeedAProducer() {
        refuse(Reason.INVALID, withShort(RecordBatch.ATTRIBUTES_AT, RecordBatch.TRANSACTIONAL_BIT));
    }

    @Test
    void countAndOffsetsMustAgree() {
        refuse(Reason.INVALID, withInt(RecordBatch.LAST_OFFSET_DELTA_AT, 3));
        refuse(Reason.INVALID, withInt(RecordBatch.LAST_OFFSET_DELTA_AT, 1));
        refuse(Reason.INVALID, withInt(RecordBatch.LAST_OFFSET_DELTA_AT, -1));
        refuse(Reason.INVALID, withInt(RecordBatch.COUNT_AT, -1));
        refuse(Reason.INVALID, withInt(RecordBatch.COUNT_AT, Integer.MAX_VALUE));
    }

    @Test
    void gapsBetweenRecordsAreInvalid() {
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(Compression.NONE);
        builder.beginRecord(1, 0).key(null).value(new byte[1]).endRecord();
        builder.beginRecord(1, 2).key(null).value(new byte[1]).endRecord();
        ByteBuffer batch = builder.build();
        BatchValidator.checkStored(RecordBatch.of(batch));
        refuse(Reason.INVALID, batch);
    }

    @Test
    void compactedTopicsNeedKeys() {
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(Compression.NONE);
        builder.beginRecord(1).key(null).value(new byte[1]).endRecord();
        ByteBuffer batch = builder.build();
        BatchValidator.checkProduced(RecordBatch.of(batch), false, LIMIT);
        refuse(Reason.INVALID, batch);
    }

    @Test
    void negativeSequencesOfAProducerAreInvalid() {
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(Compression.NONE, 5, (short) 0, -1);
        builder.beginRecord(1).key(new byte[1]).value(new byte[1]).endRecord();
        refuse(Reason.INVALID, builder.build());
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void bombsStopAtTheLimit(Compression compression) {
        // Given
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(compression);
        builder.beginRecord(1).key(new byte[1]).value(new byte[50 << 20]).endRecord();
        ByteBuffer batch = builder.build();
        assertTrue(batch.remaining() < 4 << 20);
        // When, Then
        InvalidBatchException refused = assertThrows(
                InvalidBatchException.class, () -> BatchValidator.checkProduced(RecordBatch.of(batch), false, LIMIT));
        assertEquals(Reason.TOO_LARGE, refused.reason());
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void recordsOfExactlyTheLimitAreRead(Compression compression) {
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(compression);
        builder.beginRecord(1).key(new byte[1]).value(new byte[10_000]).endRecord();
        int recordBytes = builder.sizeBytes() - RecordBatch.HEADER_BYTES;
        ByteBuffer batch = builder.build();
        BatchValidator.checkProduced(RecordBatch.of(batch), true, recordBytes);
        assertThrows(
                InvalidBatchException.class,
                () -> BatchValidator.checkProduced(RecordBatch.of(batch), true, recordBytes - 1));
    }

    private static ByteBuffer batch() {
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(Compression.NONE);
        for (int i = 0; i < 3; i++) {
            builder.beginRecord(100 + i).key(new byte[] {(byte) i}).value(new byte[10]);
            builder.header("name", "value").endRecord();
        }
        return builder.build();
    }

    private static ByteBuffer withShort(int at, int value) {
        return withCrc(batch().putShort(at, (short) value));
    }

    private static ByteBuffer withInt(int at, int value) {
        return withCrc(batch().putInt(at, value));
    }

    static ByteBuffer withCrc(ByteBuffer batch) {
        CRC32C crc = new CRC32C();
        crc.update(batch.slice(RecordBatch.ATTRIBUTES_AT, batch.limit() - RecordBatch.ATTRIBUTES_AT));
        return batch.putInt(RecordBatch.CRC_AT, (int) crc.getValue());
    }

    private static void refuse(Reason reason, ByteBuffer batch) {
        InvalidBatchException refused = assertThrows(
                InvalidBatchException.class, () -> BatchValidator.checkProduced(RecordBatch.of(batch), true, LIMIT));
        assertEquals(reason, refused.reason(), refused.getMessage());
    }
}
