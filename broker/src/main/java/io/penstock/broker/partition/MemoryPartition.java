package io.penstock.broker.partition;

import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogAppend;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.MemoryBudget;
import io.penstock.storage.log.MemoryLog;
import io.penstock.storage.log.OffsetOutOfRangeException;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/**
 * The one partition of a temporary destination: records in memory, which are committed when they are appended, and no
 * ledger. Making one costs a few objects. The owner's thread only; closed by who made it.
 */
public final class MemoryPartition implements Partition {
    private final UUID topicId;
    private final String topicName;
    private final Owner owner;
    private final BooleanSupplier wanted;
    private final MemoryLog log;
    private final PartitionLog ledger;
    private final Listeners listeners = new Listeners();

    /** @param wanted false while nobody will ever get what is appended now, so that it is dropped */
    public MemoryPartition(
            UUID topicId,
            String topicName,
            Owner owner,
            LogConfig config,
            MemoryBudget budget,
            BooleanSupplier wanted) {
        this.topicId = topicId;
        this.topicName = topicName;
        this.owner = owner;
        this.wanted = wanted;
        this.log = new MemoryLog(LogId.records(topicId, 0), config, budget);
        this.ledger = MemoryLog.forgetful(LogId.ledger(topicId, 0), config);
    }

    /** Drops all records. */
    public void close() {
        log.close();
    }

    @Override
    public UUID topicId() {
        return topicId;
    }

    @Override
    public String topicName() {
        return topicName;
    }

    @Override
    public int index() {
        return 0;
    }

    @Override
    public Owner owner() {
        return owner;
    }

    @Override
    public int leaderEpoch() {
        return 0;
    }

    @Override
    public PartitionLog log() {
        return log;
    }

    @Override
    public long highWatermark() {
        return log.endOffset();
    }

    @Override
    public long lastStableOffset() {
        return log.endOffset();
    }

    @Override
    public void append(ByteBuffer batches, AppendOrigin origin, boolean waitForCommit, AppendCallback callback) {
        owner.requireCurrent();
        LogAppend append;
        try {
            append = log.append(batches, leaderEpoch(), origin);
            if (!wanted.getAsBoolean()) {
                log.advanceStartOffset(log.endOffset());
            }
        } catch (IOException e) {
            callback.done(null, e);
            return;
        }
        callback.done(append, null);
        if (!append.duplicate()) {
            listeners.run(null);
        }
    }

    @Override
    public LogSlice read(long offset, int maxBytes, boolean readCommitted, boolean atLeastOneBatch) throws IOException {
        return log.read(offset, maxBytes, log.endOffset(), atLeastOneBatch);
    }

    @Override
    public Registration onHighWatermark(Runnable listener) {
        return listeners.add(listener);
    }

    @Override
    public CompletionStage<PartitionLog> ledger() {
        return CompletableFuture.completedFuture(ledger);
    }

    @Override
    public void advanceStartOffset(long offset) throws IOException {
        if (offset > log.endOffset()) {
            throw new OffsetOutOfRangeException(log.id(), offset, log.startOffset(), log.endOffset());
        }
        log.advanceStartOffset(offset);
    }
}
