package io.penstock.broker.metadata;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Producer ids, taken from the metadata store in blocks, so that a producer costs no round trip to it. Any thread may
 * call.
 */
public final class ProducerIdPool {
    /** Requests that wait for a block; more fail. */
    private static final int WAITING_MAX = 10_000;

    private final MetadataStore metadata;
    private final int block;
    private final Deque<Wanted> waiting = new ArrayDeque<>();
    private long next;
    private long left;
    private boolean asking;

    private record Wanted(int count, LongConsumer given, Consumer<Throwable> failed) {}

    public ProducerIdPool(MetadataStore metadata, int block) {
        this.metadata = metadata;
        this.block = block;
    }

    /** Gives the first of {@code count} ids in a row, at once when there are enough. */
    public void take(int count, LongConsumer given, Consumer<Throwable> failed) {
        long first = -1;
        boolean ask = false;
        synchronized (this) {
            if (waiting.isEmpty() && left >= count) {
                first = next;
                next += count;
                left -= count;
            } else if (waiting.size() >= WAITING_MAX) {
                first = -2;
            } else {
                waiting.add(new Wanted(count, given, failed));
                ask = !asking;
                asking = true;
            }
        }
        if (first >= 0) {
            given.accept(first);
        } else if (first == -2) {
            failed.accept(
                    new MetadataException(MetadataException.Reason.UNAVAILABLE, "too many wait for producer ids"));
        } else if (ask) {
            ask();
        }
    }

    /** Fetches the first block, so that the first connection need not wait for it. */
    public void warmUp() {
        boolean ask;
        synchronized (this) {
            ask = left == 0 && !asking;
            asking |= ask;
        }
        if (ask) {
            ask();
        }
    }

    private void ask() {
        metadata.allocateProducerIds(block).whenComplete((first, failure) -> {
            Deque<Wanted> all;
            synchronized (this) {
                asking = false;
                if (failure == null) {
                    next = first;
                    left = block;
                }
                all = new ArrayDeque<>(waiting);
                waiting.clear();
            }
            for (Wanted wanted : all) {
                if (failure != null) {
                    wanted.failed.accept(failure);
                } else {
                    take(wanted.count, wanted.given, wanted.failed);
                }
            }
        });
    }
}
