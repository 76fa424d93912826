package io.penstock.broker.partition;

import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.protocol.record.RecordCursor;
import io.penstock.storage.disk.DiskFullException;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * An {@link InternalLog} on a partition: values are records without keys. After a failure it takes the partition anew,
 * which may have been closed and recovered meanwhile. Owner only; the owner stays the same.
 */
public final class PartitionInternalLog implements InternalLog {
    private static final int BUILDER_BYTES = 4 * 1024;
    private static final int BUILDER_BYTES_KEPT = 1024 * 1024;
    private static final int READ_BYTES = 1024 * 1024;

    private final Partitions partitions;
    private final Clock clock;
    private Partition partition;
    private volatile boolean stale;
    private boolean renewing;
    private RecordBatchBuilder builder = new RecordBatchBuilder(BUILDER_BYTES);

    public PartitionInternalLog(Partitions partitions, Partition partition, Clock clock) {
        this.partitions = partitions;
        this.partition = partition;
        this.clock = clock;
    }

    @Override
    public Owner owner() {
        return partition.owner();
    }

    @Override
    public long startOffset() {
        return partition.log().startOffset();
    }

    @Override
    public long endOffset() {
        return partition.log().endOffset();
    }

    @Override
    public boolean stale() {
        return stale;
    }

    @Override
    public void append(List<ByteBuffer> values, boolean wait, Appended callback) {
        if (!renewing) {
            appendTo(values, wait, callback);
            return;
        }
        partitions.with(
                partition.topicId(),
                partition.index(),
                anew -> {
                    partition = anew;
                    renewing = false;
                    appendTo(values, wait, callback);
                },
                failure -> callback.done(-1, failure instanceof IOException io ? io : new IOException(failure)));
    }

    private void failed(IOException failure) {
        // A full disk refuses and leaves the log as it was.
        if (!(failure instanceof DiskFullException)) {
            stale = true;
            renewing = true;
        }
    }

    private void appendTo(List<ByteBuffer> values, boolean wait, Appended callback) {
        builder.start(Compression.NONE);
        long nowMillis = clock.millis();
        for (ByteBuffer value : values) {
            builder.beginRecord(nowMillis).key(null).value(value).endRecord();
        }
        ByteBuffer batch = builder.build();
        if (batch.capacity() > BUILDER_BYTES_KEPT) {
            builder = new RecordBatchBuilder(BUILDER_BYTES); // one large commit must not stay in memory for ever
        }
        long expected = endOffset();
        partition.append(batch, AppendOrigin.BROKER, wait, (done, failure) -> {
            if (failure == null) {
                callback.done(done.baseOffset(), null);
            } else {
                failed(failure);
                boolean written = endOffset() > expected;
                callback.done(written ? expected : -1, failure);
            }
        });
    }

    @Override
    public void replay(Visitor visitor) throws IOException {
        scan(startOffset(), Long.MAX_VALUE, visitor);
    }

    @Override
    public ByteBuffer read(long wanted) throws IOException {
        ByteBuffer[] found = new ByteBuffer[1];
        scan(wanted, wanted + 1, (offset, value) -> {
            if (offset == wanted) {
                found[0] = ByteBuffer.allocate(value.remaining()).put(value).flip();
            }
        });
        if (found[0] == null) {
            throw new IOException("the log of " + partition.topicName() + " has no value at " + wanted);
        }
        return found[0];
    }

    private void scan(long from, long below, Visitor visitor) throws IOException {
        RecordBatch batch = null;
        RecordCursor cursor = new RecordCursor();
        long offset = from;
        while (offset < Math.min(below, partition.highWatermark())) {
            ByteBuffer bytes;
            try (LogSlice slice = partition.read(offset, READ_BYTES, false, true)) {
                if (slice.sizeBytes() == 0) {
                    throw new IOException("the log of " + partition.topicName() + " ends at " + offset + ", not at "
                            + partition.highWatermark());
                }
                bytes = ByteBuffer.allocate(slice.sizeBytes());
                slice.readInto(bytes);
                bytes.flip();
            }
            for (int at = 0; at < bytes.limit(); at = batch.end()) {
                batch = RecordBatch.of(bytes).wrap(bytes, at);
                cursor.open(batch, Integer.MAX_VALUE);
                while (cursor.next()) {
                    if (cursor.record().offset() >= offset) {
                        visitor.value(cursor.record().offset(), cursor.record().value());
                    }
                }
                offset = Math.max(offset, batch.nextOffset());
            }
        }
    }

    @Override
    public void forgetBelow(long offset) throws IOException {
        partition.advanceStartOffset(offset);
    }
}
