package io.penstock.broker.request.jms;

import io.penstock.broker.metadata.MetadataStore;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Producer ids for JMS connections, taken from the metadata store in large blocks, so that a connection costs no round
 * trip to it. Any thread may call.
 */
final class ProducerIdPool {
    private static final int BLOCK = 100_000;

    private final MetadataStore metadata;
    private final Deque<Wanted> waiting = new ArrayDeque<>();
    private long next;
    private long left;
    private boolean asking;

    private record Wanted(int count, LongConsumer given, Consumer<Throwable> failed) {}

    ProducerIdPool(MetadataStore metadata) {
        this.metadata = metadata;
    }

    /** Gives the first of {@code count} ids in a row, at once when there are enough. */
    void take(int count, LongConsumer given, Consumer<Throwable> failed) {
        long first = -1;
        boolean ask = false;
        synchronized (this) {
            if (waiting.isEmpty() && left >= count) {
                first = next;
                next += count;
                left -= count;
            } else {
                waiting.add(new Wanted(count, given, failed));
                ask = !asking;
                asking = true;
            }
        }
        if (first >= 0) {
            given.accept(first);
        } else if (ask) {
            ask();
        }
    }

    /** Fetches the first block, so that the first connection need not wait for it. */
    void warmUp() {
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
        metadata.allocateProducerIds(BLOCK).whenComplete((first, failure) -> {
            Deque<Wanted> all;
            synchronized (this) {
                asking = false;
                if (failure == null) {
                    next = first;
                    left = BLOCK;
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
