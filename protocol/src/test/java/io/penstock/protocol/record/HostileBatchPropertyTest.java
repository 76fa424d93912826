package io.penstock.protocol.record;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** Whatever stands in a batch, reading ends in records or in {@link InvalidBatchException}, within bounded memory. */
class HostileBatchPropertyTest {
    private static final int LIMIT = 1 << 20;

    @Property(tries = 500)
    void randomBytesAreNoBatch(@ForAll @Size(max = 200) byte[] bytes) {
        read(ByteBuffer.wrap(bytes), 0);
    }

    @Property(tries = 2000)
    void changedBatchesAreReadOrRefused(@ForAll long seed) {
        Random random = new Random(seed);
        Compression compression = Compression.values()[random.nextInt(5)];
        ByteBuffer batch = batch(random, compression);
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(4) == 0
                    ? random.nextInt(batch.limit())
                    : RecordBatch.HEADER_BYTES + random.nextInt(batch.limit() - RecordBatch.HEADER_BYTES);
            batch.put(at, (byte) random.nextInt());
        }
        read(BatchValidatorTest.withCrc(batch), LIMIT);
    }

    @Property(tries = 300)
    void memoryIsBoundedByTheLimit(@ForAll long seed) {
        Random random = new Random(seed);
        Compression compression = Compression.values()[1 + random.nextInt(4)];
        ByteBuffer batch = batch(random, compression);
        int payload = batch.limit() - RecordBatch.HEADER_BYTES;
        for (int i = 0; i < 4; i++) {
            batch.put(RecordBatch.HEADER_BYTES + random.nextInt(Math.min(24, payload)), (byte) random.nextInt());
        }
        BatchValidatorTest.withCrc(batch);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        read(batch, LIMIT);
        // An lz4 frame may ask for blocks of 4 MB, which its reader buffers twice.
        assertTrue(threads.getCurrentThreadAllocatedBytes() - before < 16L << 20, compression::name);
    }

    private static ByteBuffer batch(Random random, Compression compression) {
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(compression);
        int count = 1 + random.nextInt(5);
        for (int i = 0; i < count; i++) {
            builder.beginRecord(1_000 + i)
                    .key(random.nextBoolean() ? null : new byte[random.nextInt(10)])
                    .value(new byte[random.nextInt(100)]);
            for (int h = random.nextInt(3); h > 0; h--) {
                builder.header("name" + h, "value");
            }
            builder.endRecord();
        }
        return builder.build();
    }

    private static void read(ByteBuffer bytes, int limit) {
        try {
            RecordBatch batch = RecordBatch.of(bytes);
            BatchValidator.checkProduced(batch, false, limit);
            RecordCursor cursor = new RecordCursor().open(batch, limit);
            while (cursor.next()) {
                cursor.record().key();
                cursor.record().value();
                HeaderCursor headers = cursor.record().headers();
                while (headers.next()) {
                    headers.name();
                    headers.valueText();
                }
            }
        } catch (InvalidBatchException expected) {
            assertTrue(expected.getMessage().length() > 5);
        }
    }
}
