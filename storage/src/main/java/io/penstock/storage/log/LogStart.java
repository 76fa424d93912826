package io.penstock.storage.log;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a log starts, and how segments before it go: readers see the new start at once, the disk when what removed segments
 * say of producers is kept elsewhere; then their files go. The owner moves the start, the store's workers let segments go.
 */
final class LogStart {
    private static final Logger log = LoggerFactory.getLogger(LogStart.class);

    /** Makes durable that the log's directory exists. */
    @FunctionalInterface
    interface DirectorySync {
        void run() throws IOException;
    }

    private final LogId id;
    private final StoreParts parts;
    private final Segments segments;
    private final DirectorySync directory;
    private final Supplier<IOException> offline;
    /** Removed segments, of which the producers are not kept yet; guarded by itself, with the offset. */
    private final ArrayDeque<Segment> leaving = new ArrayDeque<>(0);

    private volatile long offset;

    /** @param offline why the log's files may not be touched, null while they may */
    LogStart(
            LogId id,
            StoreParts parts,
            Segments segments,
            long offset,
            DirectorySync directory,
            Supplier<IOException> offline) {
        this.id = id;
        this.parts = parts;
        this.segments = segments;
        this.offset = offset;
        this.directory = directory;
        this.offline = offline;
    }

    long offset() {
        return offset;
    }

    /** As far as the disk may know: what is removed is needed until its producers are kept. */
    long keptOffset() {
        synchronized (leaving) {
            return leaving.isEmpty() ? offset : Math.min(offset, leaving.peek().baseOffset);
        }
    }

    void moveTo(long changed) {
        synchronized (leaving) {
            offset = changed;
        }
    }

    /** All segments that recovery needs. */
    List<Segment> onDisk() {
        synchronized (leaving) {
            List<Segment> all = new ArrayList<>(leaving);
            all.addAll(Arrays.asList(segments.all()));
            return all;
        }
    }

    /**
     * Takes the oldest segments out, never the active one; the start moves to what is left.
     *
     * @param before where the log started when it was last made durable
     * @return how many went
     */
    int removeWhile(long before, Predicate<Segment> condition) {
        int gone = 0;
        boolean wait;
        synchronized (leaving) {
            while (segments.first() != segments.active() && condition.test(segments.first())) {
                leaving.add(segments.removeFirst());
                gone++;
            }
            if (gone > 0) {
                offset = Math.max(offset, segments.first().baseOffset);
            }
            wait = !leaving.isEmpty();
        }
        if (gone > 0) {
            parts.workers().io().execute(this::release);
        } else if (!wait && offset != before) {
            parts.journal().stageFact(JournalFormat.Type.START, id, offset, null);
        }
        return gone;
    }

    /** Lets removed segments go, unless what they say of producers cannot be kept now. Any thread that may block. */
    void release() {
        synchronized (segments) {
            if (offline.get() == null) {
                try {
                    keepProducers();
                } catch (IOException e) {
                    log.warn("The producers of removed segments of {} could not be kept; the segments stay", id, e);
                }
            }
        }
    }

    /** Makes the producers of removed segments durable, then the new start, and then deletes them. Holds the segments. */
    void keepProducers() throws IOException {
        Segment[] gone;
        synchronized (leaving) {
            gone = leaving.toArray(new Segment[0]);
        }
        if (gone.length == 0) {
            return;
        }
        ProducerStates kept = new ProducerStates();
        new ProducerRecovery(
                        parts.disk(),
                        segments.directory(),
                        gone,
                        kept,
                        parts.clock().millis())
                .run();
        directory.run();
        ReclaimedProducers.write(parts.disk(), segments.directory(), kept, gone[gone.length - 1].nextOffset);
        synchronized (leaving) {
            leaving.removeAll(Arrays.asList(gone));
        }
        // Files go only once the new start is durable, or a power cut could take away the end of the log as well.
        parts.journal().stageFact(JournalFormat.Type.START, id, keptOffset(), failure -> {
            if (failure == null) {
                parts.workers().io().execute(() -> delete(gone));
            }
        });
    }

    private void delete(Segment[] gone) {
        for (Segment segment : gone) {
            segment.removed();
            parts.files().forget(segment.file);
            try {
                SegmentFiles.deleteAll(parts.disk(), segments.directory(), segment.baseOffset);
            } catch (IOException e) {
                log.warn("{} could not be removed; it will be at the next start", segment.file.path(), e);
            }
        }
    }
}
