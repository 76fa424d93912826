package io.penstock.broker.shard;

import io.penstock.broker.partition.Partition;
import io.penstock.storage.disk.DiskFullException;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.time.Clock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A partition as a coordinator's log. Owner thread only; owns nothing that must be closed.
 *
 * @param <R> the coordinator's records
 */
public class PartitionShardLog<R> implements ShardLog<R> {
    private final Partition partition;
    private final Clock clock;
    private final Encoder<R> encoder;

    /** Makes one batch of records that belong together. */
    public interface Encoder<R> {
        ByteBuffer encode(List<R> records, long timestampMillis);
    }

    public PartitionShardLog(Partition partition, Clock clock, Encoder<R> encoder) {
        this.partition = partition;
        this.clock = clock;
        this.encoder = encoder;
    }

    @Override
    public void append(List<R> records, Appended done) {
        long expected = endOffset();
        partition.append(
                encoder.encode(records, clock.millis()),
                AppendOrigin.BROKER,
                true,
                (append, failure) -> done.done(translate(failure, endOffset() > expected)));
    }

    /** Written, but not known to be durable: that is more than a full disk, whose append leaves no trace. */
    private static IOException translate(IOException failure, boolean written) {
        return failure instanceof DiskFullException && written
                ? new IOException("it is not known whether what was appended is durable", failure)
                : failure;
    }

    @Override
    public long endOffset() {
        return partition.log().endOffset();
    }

    @Override
    public long firstUndecidedOffset() {
        return partition.log().firstUndecidedOffset(partition.highWatermark());
    }

    @Override
    public boolean serving() {
        return partition.serving();
    }

    @Override
    public long sizeBytes() {
        return partition.log().sizeBytes();
    }

    @Override
    public void advanceStart(long offset) throws IOException {
        partition.advanceStartOffset(offset);
    }
}
