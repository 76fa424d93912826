package io.penstock.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our batches against those of kafka-clients, in both directions. */
@Timeout(60)
class KafkaFormatTest {
    private static final int LIMIT = 16 << 20;
    private static final long PRODUCER = 0x1_0000_0007L;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void uncompressedBatchesHaveTheSameBytesAsKafkas(long seed) {
        // Given
        List<SimpleRecord> records = records(seed, 200);
        ByteBuffer expected = MemoryRecords.withIdempotentRecords(
                        RecordBatch.MAGIC, 0, kafka(Compression.NONE), PRODUCER, (short) 3, 17, -1, array(records))
                .buffer();
        // When
        ByteBuffer written = write(records, Compression.NONE);
        // Then
        assertEquals(expected, written);
    }

    @ParameterizedTest
    @EnumSource
    void kafkaReadsWhatWeWrite(Compression compression) {
        // Given
        List<SimpleRecord> records = records(11, 500);
        // When
        ByteBuffer written = write(records, compression);
        // Then
        MutableRecordBatch batch =
                MemoryRecords.readableRecords(written).batches().iterator().next();
        batch.ensureValid();
        assertEquals(compression.name(), batch.compressionType().name());
        assertEquals(PRODUCER, batch.producerId());
        assertEquals(3, batch.producerEpoch());
        assertEquals(17, batch.baseSequence());
        List<SimpleRecord> read = new ArrayList<>();
        batch.forEach(record -> read.add(new SimpleRecord(record)));
        assertEquals(records, read);
    }

    @ParameterizedTest
    @EnumSource
    void weReadWhatKafkaWrites(Compression compression) {
        // Given
        List<SimpleRecord> records = records(12, 500);
        ByteBuffer written = MemoryRecords.withRecords(
                        RecordBatch.MAGIC,
                        1000L,
                        kafka(compression),
                        TimestampType.CREATE_TIME,
                        PRODUCER,
                        (short) 3,
                        17,
                        9,
                        true,
                        array(records))
                .buffer();
        // When
        RecordBatch batch = RecordBatch.of(written);
        BatchValidator.checkProduced(batch, false, LIMIT);
        // Then
        assertEquals(1000, batch.baseOffset());
        assertEquals(1499, batch.lastOffset());
        assertEquals(compression, batch.compression());
        assertEquals(9, batch.partitionLeaderEpoch());
        assertEquals(516, batch.lastSequence());
        assertTrue(batch.transactional());
        assertFalse(batch.control());
        assertEquals(written.remaining(), batch.sizeBytes());
        assertEquals(records, read(batch));
    }

    @ParameterizedTest
    @EnumSource
    void directBuffersAreReadLikeThoseOfTheHeap(Compression compression) {
        List<SimpleRecord> records = records(13, 50);
        ByteBuffer written = write(records, compression);
        ByteBuffer direct = ByteBuffer.allocateDirect(written.remaining() + 7)
                .position(7)
                .put(written)
                .position(7);
        BatchValidator.checkProduced(RecordBatch.of(direct), false, LIMIT);
        assertEquals(records, read(RecordBatch.of(direct)));
    }

    @Test
    void snappyWithoutFramingIsRead() throws Exception {
        // Given
        List<SimpleRecord> records = records(14, 50);
        ByteBuffer plain = write(records, Compression.NONE);
        byte[] body = Arrays.copyOfRange(plain.array(), RecordBatch.HEADER_BYTES, plain.limit());
        byte[] compressed = org.xerial.snappy.Snappy.compress(body);
        ByteBuffer batch = ByteBuffer.allocate(RecordBatch.HEADER_BYTES + compressed.length);
        batch.put(plain.array(), 0, RecordBatch.HEADER_BYTES).put(compressed).flip();
        batch.putInt(RecordBatch.LENGTH_AT, batch.limit() - RecordBatch.LENGTH_OVERHEAD_BYTES);
        batch.putShort(RecordBatch.ATTRIBUTES_AT, (short) Compression.SNAPPY.id());
        // When
        List<SimpleRecord> read = read(RecordBatch.of(batch));
        // Then
        assertEquals(records, read);
    }

    @Test
    void manyHeadersAreWrittenAsKafkaWritesThem() {
        for (int headers : new int[] {0, 1, 63, 64, 65, 8191, 8192}) {
            Header[] all = new Header[headers];
            for (int i = 0; i < headers; i++) {
                all[i] = new RecordHeader("h" + i, i % 3 == 0 ? null : ("v" + i).getBytes(StandardCharsets.UTF_8));
            }
            List<SimpleRecord> records = List.of(new SimpleRecord(5, (byte[]) null, null, all));
            ByteBuffer expected = MemoryRecords.withIdempotentRecords(
                            RecordBatch.MAGIC, 0, kafka(Compression.NONE), PRODUCER, (short) 3, 17, -1, array(records))
                    .buffer();
            assertEquals(expected, write(records, Compression.NONE), headers + " headers");
        }
    }

    @Test
    void kafkaReadsOurMarkersAndWeReadKafkas() {
        for (boolean commit : new boolean[] {true, false}) {
            ControlRecordType type = commit ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
            ByteBuffer kafkas = MemoryRecords.withEndTransactionMarker(
                            0, 1234L, -1, PRODUCER, (short) 3, new EndTransactionMarker(type, 6))
                    .buffer();
            ControlBatch.EndOfTransaction end = new ControlBatch.EndOfTransaction(commit, 6, 12, 34);
            ByteBuffer ours = ControlBatch.endOfTransaction(PRODUCER, (short) 3, end, 1234L);

            MutableRecordBatch batch =
                    MemoryRecords.readableRecords(ours).batches().iterator().next();
            batch.ensureValid();
            assertTrue(batch.isControlBatch() && batch.isTransactional());
            assertEquals(PRODUCER, batch.producerId());
            assertEquals(3, batch.producerEpoch());
            EndTransactionMarker read =
                    EndTransactionMarker.deserialize(batch.iterator().next());
            assertEquals(type, read.controlType());
            assertEquals(6, read.coordinatorEpoch());
            assertEquals(end, ControlBatch.endOfTransaction(RecordBatch.of(ours)));
            assertEquals(
                    new ControlBatch.EndOfTransaction(commit, 6, -1, -1),
                    ControlBatch.endOfTransaction(RecordBatch.of(kafkas)));
        }
    }

    @Test
    void controlBatchesOfUnknownTypeAreValidForKafka() {
        ByteBuffer written = ControlBatch.of((short) 100, new byte[] {1, 2, 3}, 7);
        MutableRecordBatch batch =
                MemoryRecords.readableRecords(written).batches().iterator().next();
        batch.ensureValid();
        assertTrue(batch.isControlBatch());
        assertEquals(100, ControlBatch.typeOf(RecordBatch.of(written)));
    }

    @Test
    void logAppendTimeIsStampedAsKafkaReadsIt() {
        // Given
        ByteBuffer written = write(records(15, 20), Compression.LZ4);
        // When
        RecordBatch.of(written).stampLogAppendTime(99_000);
        // Then
        MutableRecordBatch batch =
                MemoryRecords.readableRecords(written).batches().iterator().next();
        batch.ensureValid();
        assertEquals(TimestampType.LOG_APPEND_TIME, batch.timestampType());
        batch.forEach(record -> assertEquals(99_000, record.timestamp()));
        read(RecordBatch.of(written)).forEach(record -> assertEquals(99_000, record.timestamp()));
    }

    @Test
    void keyHashIsThatOfKafkasPartitioner() {
        Random random = new Random(16);
        for (int length = 0; length < 200; length++) {
            byte[] key = new byte[length];
            random.nextBytes(key);
            assertEquals(Utils.murmur2(key), KeyHash.murmur2(key));
            assertEquals(Utils.toPositive(Utils.murmur2(key)) % 13, KeyHash.partition(key, 13));
        }
    }

    private static List<SimpleRecord> records(long seed, int count) {
        Random random = new Random(seed);
        List<SimpleRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Header[] headers = new Header[random.nextInt(4)];
            for (int h = 0; h < headers.length; h++) {
                headers[h] = new RecordHeader("header-\u00e4-" + h, bytes(random, 70));
            }
            long timestamp = 1_700_000_000_000L + random.nextInt(2_000_000) - 1_000_000;
            records.add(
                    new SimpleRecord(timestamp, bytes(random, 30), bytes(random, i % 50 == 0 ? 20_000 : 150), headers));
        }
        return records;
    }

    private static byte[] bytes(Random random, int max) {
        int length = random.nextInt(max) - 1;
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) ('a' + random.nextInt(6));
        }
        return bytes;
    }

    private static ByteBuffer write(List<SimpleRecord> records, Compression compression) {
        RecordBatchBuilder builder = new RecordBatchBuilder(64);
        builder.start(compression, PRODUCER, (short) 3, 17);
        for (SimpleRecord record : records) {
            builder.beginRecord(record.timestamp());
            builder.key(array(record.key()));
            if (records.size() % 2 == 0) {
                builder.value(record.value());
            } else {
                builder.value(array(record.value()));
            }
            for (Header header : record.headers()) {
                builder.header(header.key().getBytes(StandardCharsets.UTF_8), header.value());
            }
            builder.endRecord();
        }
        return builder.build();
    }

    private static List<SimpleRecord> read(RecordBatch batch) {
        List<SimpleRecord> records = new ArrayList<>();
        RecordCursor cursor = new RecordCursor().open(batch, LIMIT);
        long offset = batch.baseOffset();
        while (cursor.next()) {
            Record record = cursor.record().detached();
            assertEquals(offset++, record.offset());
            List<Header> headers = new ArrayList<>();
            HeaderCursor header = record.headers();
            while (header.next()) {
                headers.add(new RecordHeader(header.name(), array(header.value())));
            }
            assertEquals(record.headerCount(), headers.size());
            records.add(new SimpleRecord(
                    record.timestamp(), array(record.key()), array(record.value()), headers.toArray(new Header[0])));
        }
        return records;
    }

    private static byte[] array(ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }

    private static SimpleRecord[] array(List<SimpleRecord> records) {
        return records.toArray(new SimpleRecord[0]);
    }

    private static org.apache.kafka.common.compress.Compression kafka(Compression compression) {
        return org.apache.kafka.common.compress.Compression.of(CompressionType.valueOf(compression.name()))
                .build();
    }

    private static String hex(ByteBuffer buffer) {
        return java.util.HexFormat.of().formatHex(array(buffer));
    }
}
