package io.penstock.broker.group;

import io.penstock.storage.disk.DiskFullException;
import io.penstock.storage.log.LogException;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A log in memory that commits in order after a while. {@link #crash} loses what was not committed, as a power cut
 * does, or only some of it.
 */
final class FakeGroupLog {
    private final List<Entry> entries = new ArrayList<>();
    private long startOffset;
    private long endOffset;
    private int epoch;
    /** The next append fails with this, if set. */
    IOException nextFailure;

    private record Entry(long baseOffset, long lastOffset, byte[] bytes, boolean[] committed) {}

    /** The port for a shard on {@code owner}; one of an earlier life does nothing any more. */
    GroupLog open(SimulatedTime time, Owner owner, long commitMaxNanos) {
        int mine = epoch;
        return new GroupLog() {
            private long lastCommitAt;

            @Override
            public void append(List<GroupRecord> records, Appended done) {
                IOException failure = nextFailure;
                nextFailure = null;
                if (failure != null) {
                    done.done(failure);
                    return;
                }
                ByteBuffer batch = GroupBatch.encode(records, time.millis());
                byte[] bytes = new byte[batch.remaining()];
                batch.putLong(0, endOffset);
                batch.get(bytes);
                Entry entry = new Entry(endOffset, endOffset + records.size() - 1, bytes, new boolean[1]);
                entries.add(entry);
                endOffset += records.size();
                // Commits keep the order of appends.
                lastCommitAt =
                        Math.max(lastCommitAt, time.nanos() + time.random().nextLong(commitMaxNanos + 1));
                owner.schedule(
                        () -> {
                            if (mine == epoch) {
                                commitUpTo(entry, done);
                            }
                        },
                        lastCommitAt - time.nanos());
            }

            private final List<Pending> pending = new ArrayList<>();

            private void commitUpTo(Entry entry, Appended done) {
                pending.add(new Pending(entry, done));
                pending.sort((a, b) -> Long.compare(a.entry.baseOffset, b.entry.baseOffset));
                while (!pending.isEmpty() && isNext(pending.get(0).entry)) {
                    Pending first = pending.remove(0);
                    first.entry.committed[0] = true;
                    first.done.done(null);
                }
            }

            private boolean isNext(Entry entry) {
                return entries.stream()
                        .filter(other -> other.baseOffset < entry.baseOffset)
                        .allMatch(other -> other.committed[0]);
            }

            @Override
            public long endOffset() {
                return endOffset;
            }

            @Override
            public long sizeBytes() {
                return FakeGroupLog.this.sizeBytes();
            }

            @Override
            public void advanceStart(long offset) {
                startOffset = offset;
                entries.removeIf(entry -> entry.lastOffset < offset);
            }
        };
    }

    private record Pending(Entry entry, GroupLog.Appended done) {}

    long sizeBytes() {
        return entries.stream().mapToLong(entry -> entry.bytes.length).sum();
    }

    long startOffset() {
        return startOffset;
    }

    /** The process and the power are gone; a prefix of what was not committed may survive. */
    void crash(SimulatedTime time) {
        epoch++;
        int committed = 0;
        while (committed < entries.size() && entries.get(committed).committed[0]) {
            committed++;
        }
        int keep = committed + time.random().nextInt(entries.size() - committed + 1);
        entries.subList(keep, entries.size()).clear();
        endOffset = entries.isEmpty() ? Math.max(startOffset, 0) : entries.get(entries.size() - 1).lastOffset + 1;
        entries.forEach(entry -> entry.committed[0] = true);
    }

    void replay(Consumer<GroupRecord> apply) {
        for (Entry entry : List.copyOf(entries)) {
            try {
                GroupBatch.decode(ByteBuffer.wrap(entry.bytes), apply);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static IOException diskFull() {
        return new DiskFullException("no space left", null);
    }

    static IOException offline() {
        return new LogException(LogException.Reason.OFFLINE, "the log failed");
    }
}
