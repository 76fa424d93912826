package io.penstock.broker.group;

import io.penstock.broker.partition.Partition;
import io.penstock.storage.disk.DiskFullException;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.time.Clock;
import java.io.IOException;
import java.util.List;

/** A partition of the offsets topic as the coordinator's log. Owner thread only; owns nothing that must be closed. */
final class PartitionGroupLog implements GroupLog {
    private final Partition partition;
    private final Clock clock;

    PartitionGroupLog(Partition partition, Clock clock) {
        this.partition = partition;
        this.clock = clock;
    }

    @Override
    public void append(List<GroupRecord> records, Appended done) {
        long expected = endOffset();
        partition.append(
                GroupBatch.encode(records, clock.millis()),
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
    public long sizeBytes() {
        return partition.log().sizeBytes();
    }

    @Override
    public void advanceStart(long offset) throws IOException {
        partition.advanceStartOffset(offset);
    }
}
