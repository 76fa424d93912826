package io.penstock.broker.delivery;

import io.penstock.broker.partition.Partition;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogSlice;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A partition with one replica on any two logs; its high watermark is what is durable. */
final class FakePartition implements Partition {

    static final UUID TOPIC = new UUID(7, 7);

    private final Owner owner;
    private final PartitionLog log;
    private final PartitionLog ledger;
    private final List<Runnable> listeners = new ArrayList<>();
    private final long openedEndOffset;
    IOException readFails;
    boolean readsNothing;

    FakePartition(Owner owner, PartitionLog log, PartitionLog ledger) {
        this.owner = owner;
        this.log = log;
        this.ledger = ledger;
        this.openedEndOffset = log.endOffset();
    }

    void highWatermarkMoved() {
        new ArrayList<>(listeners).forEach(Runnable::run);
    }

    int listeners() {
        return listeners.size();
    }

    @Override
    public UUID topicId() {
        return TOPIC;
    }

    @Override
    public String topicName() {
        return "orders";
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
        return 3;
    }

    @Override
    public PartitionLog log() {
        return log;
    }

    @Override
    public long openedEndOffset() {
        return openedEndOffset;
    }

    @Override
    public long highWatermark() {
        return log.durableEndOffset();
    }

    @Override
    public long lastStableOffset() {
        return highWatermark();
    }

    @Override
    public void append(ByteBuffer batches, AppendOrigin origin, boolean waitForCommit, AppendCallback callback) {
        try {
            var append = log.append(batches, leaderEpoch(), origin);
            log.onDurable(failure -> {
                callback.done(failure == null ? append : null, failure);
                if (failure == null) {
                    highWatermarkMoved();
                }
            });
        } catch (IOException e) {
            callback.done(null, e);
        }
    }

    @Override
    public LogSlice read(long offset, int maxBytes, boolean readCommitted, boolean atLeastOneBatch) throws IOException {
        if (readFails != null) {
            throw readFails;
        }
        return log.read(offset, maxBytes, readsNothing ? offset : highWatermark(), atLeastOneBatch);
    }

    @Override
    public Registration onHighWatermark(Runnable listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public CompletionStage<PartitionLog> ledger() {
        return CompletableFuture.completedFuture(ledger);
    }

    @Override
    public void advanceStartOffset(long offset) throws IOException {
        log.advanceStartOffset(offset);
    }
}
