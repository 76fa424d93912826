package io.penstock.broker.request.jms;

import io.penstock.broker.partition.Partition;
import java.io.IOException;
import java.util.function.Consumer;

/** Waits until what is in a partition's log is committed, or the leadership is over. Owner only. */
final class CommitWait {
    private final Partition partition;
    private final long end;
    private Consumer<IOException> done;
    private Partition.Registration moved;
    private Partition.Registration closed;

    private CommitWait(Partition partition, long end, Consumer<IOException> done) {
        this.partition = partition;
        this.end = end;
        this.done = done;
    }

    static void of(Partition partition, long end, Consumer<IOException> done) {
        CommitWait wait = new CommitWait(partition, end, done);
        wait.moved = partition.onHighWatermark(wait::look);
        wait.closed = partition.onClosed(wait::finish);
        wait.look();
    }

    private void look() {
        if (partition.highWatermark() >= end) {
            finish(null);
        }
    }

    private void finish(IOException failure) {
        Consumer<IOException> told = done;
        done = null;
        if (told != null) {
            // Not within the call of a listener, which goes through the listeners.
            partition.owner().execute(() -> {
                moved.cancel();
                closed.cancel();
                told.accept(failure);
            });
        }
    }
}
