package io.penstock.broker.shard;

import io.penstock.broker.partition.Partition;
import io.penstock.storage.log.LogSlice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Replays a partition of a coordinator's topic: slices are found on the owner, read and decoded on an I/O thread, applied
 * on the owner again, one after another. Completes on the owner.
 *
 * @param <R> the coordinator's records
 */
public final class ShardLoader<R> {
    private static final int READ_BYTES = 1024 * 1024;

    private final Partition partition;
    private final Executor io;
    private final Decoder<R> decoder;
    private final Consumer<R> apply;
    private final CompletableFuture<Void> loaded = new CompletableFuture<>();
    private long position;
    private Partition.Registration waiting;

    /** Reads whole batches that the log has checked already. */
    public interface Decoder<R> {
        /**
         * @return the offset after the last batch, or -1 when there is none
         * @throws IOException when a record is not one that this broker writes
         */
        long decode(ByteBuffer batches, Consumer<R> records) throws IOException;
    }

    private ShardLoader(Partition partition, Executor io, Decoder<R> decoder, Consumer<R> apply) {
        this.partition = partition;
        this.io = io;
        this.decoder = decoder;
        this.apply = apply;
    }

    /** Owner thread only. */
    public static <R> CompletionStage<Void> load(
            Partition partition, Executor io, Decoder<R> decoder, Consumer<R> apply) {
        ShardLoader<R> loader = new ShardLoader<>(partition, io, decoder, apply);
        loader.position = partition.log().startOffset();
        loader.next();
        return loader.loaded;
    }

    private void next() {
        if (position >= partition.log().endOffset()) {
            loaded.complete(null);
            return;
        }
        try {
            LogSlice slice = partition.read(position, READ_BYTES, false, true);
            if (slice.sizeBytes() == 0) {
                slice.close();
                awaitCommit();
            } else {
                io.execute(() -> read(slice));
            }
        } catch (IOException | RuntimeException e) {
            loaded.completeExceptionally(e);
        }
    }

    /** The log's tail is not committed yet: what is not may still go, so it is not replayed. */
    private void awaitCommit() {
        if (waiting == null) {
            waiting = partition.onHighWatermark(() -> {
                if (waiting != null) {
                    waiting.cancel();
                    waiting = null;
                    next();
                }
            });
        }
    }

    private void read(LogSlice slice) {
        List<R> records = new ArrayList<>();
        long after;
        try (slice) {
            ByteBuffer bytes = ByteBuffer.allocate(slice.sizeBytes());
            slice.readInto(bytes);
            after = decoder.decode(bytes.flip(), records::add);
        } catch (IOException | RuntimeException e) {
            partition.owner().execute(() -> loaded.completeExceptionally(e));
            return;
        }
        partition.owner().execute(() -> apply(records, after));
    }

    private void apply(List<R> records, long after) {
        try {
            if (after <= position) {
                throw new IOException("no batch at offset " + position + " of " + partition.topicName());
            }
            records.forEach(apply);
            position = after;
        } catch (IOException | RuntimeException e) {
            loaded.completeExceptionally(e);
            return;
        }
        next();
    }
}
