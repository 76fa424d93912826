package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import io.penstock.storage.disk.DiskFullException;
import io.penstock.storage.time.Owner;
import io.penstock.storage.time.Workers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal of one data directory: preallocated files, used in a circle, that all logs which flush before the reply
 * share. Owners copy what they append into a staging buffer ({@link #stage}); the sync thread writes the buffer as
 * one group, forces it, and posts one task to each owner that has a part in it. Meanwhile the other buffer fills.
 *
 * <p>Segments were written before a batch was staged, so that forcing them (a checkpoint) makes the journal's older
 * files free. What is too large to be worth writing twice, or does not fit, goes past the journal: its segment is
 * forced instead, before the group that it belongs to.
 *
 * <p>After a failed write or force nothing is assumed of that file but the groups that were forced before (invariant 25):
 * it is never forced again, the group is written anew to another file, which begins with it, and a checkpoint makes the
 * file superfluous, which is then removed. When the other file fails too there is nothing left to write to: the journal
 * ends, and every log that uses it goes offline until the store is opened anew.
 */
final class Journal {
    private static final Logger log = LoggerFactory.getLogger(Journal.class);

    /** How many times more files than configured there may be while a log waits for recovery. */
    private static final int FILES_MAX_FACTOR = 4;

    private final Disk disk;
    private final Path directory;
    private final StoreConfig config;
    private final Workers workers;
    private final Runnable checkpointNow;
    private final Runnable checkpointSoon;
    private final Set<JournalHandle> handles = ConcurrentHashMap.newKeySet();

    // Guarded by this.
    private Group filling;
    private Group spare;
    private boolean scheduled;
    private boolean requested;
    private volatile IOException failure;

    // Guarded by files.
    private final Object files = new Object();
    private final ArrayDeque<JournalFile> used = new ArrayDeque<>();
    private final ArrayDeque<JournalFile> free = new ArrayDeque<>();
    private int fileCount;
    /** Files that failed and are, or will be, removed. */
    private int badCount;

    private long journalFrom;
    private boolean spareWanted;

    // One group at a time: guarded by syncing.
    private final Object syncing = new Object();
    private long sequence;
    private volatile JournalFile current;

    /** What one force makes durable. */
    private static final class Group {
        private final ByteBuffer bytes;
        private final List<JournalHandle> handles = new ArrayList<>();
        private final List<Consumer<IOException>> after = new ArrayList<>();

        Group(int capacity) {
            bytes = ByteBuffer.allocateDirect(capacity);
            clear();
        }

        void clear() {
            bytes.clear().position(JournalFormat.GROUP_HEADER_BYTES);
            handles.clear();
            after.clear();
        }

        boolean isEmpty() {
            return handles.isEmpty() && after.isEmpty() && !hasRecords();
        }

        boolean hasRecords() {
            return bytes.position() > JournalFormat.GROUP_HEADER_BYTES;
        }
    }

    /**
     * @param checkpointNow forces segments and calls {@link #release}, on the calling thread
     * @param checkpointSoon asks for the same on an I/O thread
     */
    Journal(
            Disk disk,
            Path directory,
            StoreConfig config,
            Workers workers,
            Runnable checkpointNow,
            Runnable checkpointSoon) {
        this.disk = disk;
        this.directory = directory;
        this.config = config;
        this.workers = workers;
        this.checkpointNow = checkpointNow;
        this.checkpointSoon = checkpointSoon;
        filling = new Group(config.stagingBytes());
        spare = new Group(config.stagingBytes());
    }

    /** Takes over the files that replay found, and opens (or makes) the file to go on with. */
    void start(JournalReplay.Result replayed) throws IOException {
        synchronized (files) {
            sequence = replayed.nextSequence();
            journalFrom = replayed.journalFrom();
            for (JournalReplay.Found found : replayed.files()) {
                JournalFile file = new JournalFile(
                        disk.open(directory.resolve(found.name()), false), found.number(), config.journalFileBytes());
                fileCount = Math.max(fileCount, found.number() + 1);
                if (found.generation() >= journalFrom && found.isUsed()) {
                    file.inUse(found.generation());
                    used.add(file);
                } else {
                    free.add(file);
                }
            }
            JournalFile first = free.isEmpty() ? create() : free.poll();
            first.begin(replayed.nextGeneration(), sequence, journalFrom);
            current = first;
        }
        if (!used.isEmpty()) {
            checkpointSoon.run();
        }
    }

    void register(JournalHandle handle) {
        handles.add(handle);
    }

    void unregister(JournalHandle handle) {
        handles.remove(handle);
    }

    IOException failure() {
        return failure;
    }

    // ---- owners

    /** Stages bytes that an owner has just written to a segment. Never blocks on the disk. */
    void stage(JournalHandle handle, long segmentBase, int position, long endOffset, ByteBuffer data) {
        boolean wake = false;
        synchronized (this) {
            if (handle.excluded) {
                return;
            }
            Group group = filling;
            int bytes = data.remaining();
            if (bytes >= config.directBatchBytes()
                    || group.bytes.remaining() < bytes + JournalFormat.RECORD_HEADER_BYTES) {
                handle.direct = true;
            } else {
                JournalFormat.putRecordHeader(
                        group.bytes, JournalFormat.Type.DATA, handle.id, segmentBase, endOffset, position, bytes);
                int before = data.position();
                group.bytes.put(data);
                data.position(before);
                wake = group.bytes.position() > group.bytes.capacity() / 2;
            }
            enqueue(group, handle, endOffset);
        }
        if (wake) {
            requestSync();
        }
    }

    /** Keeps what is staged of a log, now and later, from being written: a force failed, so it may stand on a hole. */
    void exclude(JournalHandle handle) {
        synchronized (this) {
            handle.excluded = true;
        }
    }

    /** Lets the next group force the log's segments. */
    void stageDirect(JournalHandle handle, long endOffset) {
        synchronized (this) {
            handle.direct = true;
            enqueue(filling, handle, endOffset);
        }
        requestSync();
    }

    private static void enqueue(Group group, JournalHandle handle, long endOffset) {
        handle.stagedEnd = endOffset;
        if (!handle.queued) {
            handle.queued = true;
            group.handles.add(handle);
        }
    }

    /** Stages a truncation; what is forced for the log from now on counts anew. */
    void stageTruncation(JournalHandle handle, long endOffset, long segmentBase, int position) {
        synchronized (this) {
            handle.truncations++;
            control(JournalFormat.Type.TRUNCATE, handle.id, endOffset, segmentBase, position);
            enqueue(filling, handle, endOffset);
        }
    }

    /**
     * Stages a fact of a log.
     *
     * @param afterDurable runs on the sync thread once the fact is durable, with null, or not, with the reason; null
     *     when nobody waits
     */
    void stageFact(JournalFormat.Type type, LogId id, long offset, Consumer<IOException> afterDurable) {
        if (failure != null) {
            if (afterDurable != null) {
                afterDurable.accept(failure);
            }
            return;
        }
        synchronized (this) {
            control(type, id, offset, 0, 0);
            if (afterDurable != null) {
                filling.after.add(afterDurable);
            }
        }
        if (afterDurable != null) {
            requestSync();
        }
    }

    private void control(JournalFormat.Type type, LogId id, long offset, long end, int position) {
        if (filling.bytes.remaining() < JournalFormat.RECORD_HEADER_BYTES) {
            // Rare and small: a larger buffer is better than a blocked owner or a lost truncation.
            Group larger = new Group(filling.bytes.capacity() + 4096);
            larger.bytes.put(filling.bytes.duplicate().flip().position(JournalFormat.GROUP_HEADER_BYTES));
            larger.handles.addAll(filling.handles);
            larger.after.addAll(filling.after);
            filling = larger;
        }
        JournalFormat.putRecordHeader(filling.bytes, type, id, offset, end, position, 0);
    }

    /** Asks for a force of everything staged so far. */
    void requestSync() {
        synchronized (this) {
            requested = true;
            if (scheduled) {
                return;
            }
            scheduled = true;
        }
        workers.sync().execute(this::syncGroup);
    }

    // ---- sync thread

    private void syncGroup() {
        syncOnce();
        boolean again;
        synchronized (this) {
            again = requested;
            scheduled = again;
        }
        if (again) {
            workers.sync().execute(this::syncGroup);
        }
    }

    /** Forces what is staged, on the calling thread, which may be an owner's in rare cases that must block. */
    void syncNow() throws IOException {
        syncOnce();
        if (failure != null) {
            throw failure;
        }
    }

    /** What is done while no group is written. */
    interface Undisturbed {
        void run() throws IOException;
    }

    /** Runs {@code task} while the journal's files do not change. For threads that may block. */
    void withoutWriting(Undisturbed task) throws IOException {
        synchronized (syncing) {
            task.run();
        }
    }

    private void syncOnce() {
        synchronized (syncing) {
            syncStaged();
        }
    }

    private void syncStaged() {
        Group group;
        synchronized (this) {
            requested = false;
            group = filling;
            filling = spare;
            spare = null;
            for (JournalHandle handle : group.handles) {
                handle.queued = false;
                handle.syncingEnd = handle.stagedEnd;
                handle.syncingTruncations = handle.truncations;
                handle.syncingDirect = handle.direct;
                handle.direct = false;
            }
        }
        try {
            force(group);
        } catch (IOException | RuntimeException | VirtualMachineError | AssertionError e) {
            // Also an Error: whoever waits must hear of it, and nobody else writes the journal.
            fail(e instanceof IOException io ? io : new IOException("the journal failed", e));
            tell(group.after, failure);
        }
        synchronized (this) {
            group.clear();
            // A buffer that had to grow is let go.
            spare = group.bytes.capacity() == config.stagingBytes() ? group : new Group(config.stagingBytes());
        }
    }

    private void force(Group group) throws IOException {
        if (failure != null || group.isEmpty()) {
            throwFailure();
            return;
        }
        // First what went past the journal: a later batch of the same log in this group must not outlive it.
        for (JournalHandle handle : group.handles) {
            if (handle.syncingDirect) {
                forceDirect(handle);
            }
        }
        leaveOutExcluded(group);
        if (group.hasRecords()) {
            group.bytes.flip();
            write(group.bytes);
            sequence++;
        }
        complete(group);
        List<Consumer<IOException>> told = List.copyOf(group.after);
        group.after.clear();
        tell(told, null);
    }

    /** One who fails must not keep the others waiting, nor end the journal. */
    private static void tell(List<Consumer<IOException>> waiting, IOException failure) {
        for (Consumer<IOException> each : waiting) {
            try {
                each.accept(failure);
            } catch (RuntimeException | VirtualMachineError | AssertionError e) {
                log.error("One who waited for the journal failed", e);
            }
        }
    }

    private void write(ByteBuffer group) throws IOException {
        if (current.remaining() < group.remaining()) {
            roll(group.remaining());
        }
        try {
            current.writeGroup(group, sequence);
        } catch (IOException e) {
            log.error("{} failed; the journal goes on in another file", current.file, e);
            current.bad();
            group.rewind();
            roll(group.remaining());
            current.writeGroup(group, sequence);
            checkpointSoon.run();
        }
    }

    private void throwFailure() throws IOException {
        if (failure != null) {
            throw failure;
        }
    }

    /** Forces one log past the journal. Its failure is its own: the log excludes itself, others go on. */
    private void forceDirect(JournalHandle handle) {
        try {
            handle.listener.forceSegments();
        } catch (IOException e) {
            log.error("Log {} could not be forced", handle.id, e);
            exclude(handle);
        }
    }

    private void leaveOutExcluded(Group group) {
        synchronized (this) {
            for (JournalHandle handle : group.handles) {
                if (handle.excluded) {
                    JournalFormat.leaveOutData(group.bytes, handle.id);
                }
            }
            group.handles.removeIf(handle -> handle.excluded);
        }
    }

    private void complete(Group group) {
        List<JournalHandle> waiting = new ArrayList<>(group.handles);
        waiting.forEach(JournalHandle::publish);
        while (!waiting.isEmpty()) {
            Owner owner = waiting.get(0).owner;
            List<JournalHandle> mine = new ArrayList<>(waiting.size());
            waiting.removeIf(handle -> handle.owner == owner && mine.add(handle));
            owner.execute(() -> mine.forEach(handle -> handle.listener.durableMoved()));
        }
    }

    private void fail(IOException cause) {
        if (failure != null) {
            return;
        }
        log.error("The journal in {} failed; its logs are offline until the store is opened again", directory, cause);
        failure = cause;
        handles.forEach(handle -> handle.owner.execute(() -> handle.listener.forceFailed(cause)));
    }

    // ---- files

    private void roll(int neededBytes) throws IOException {
        JournalFile next = take(config.journalFilesMax());
        if (next == null) {
            // All files hold what segments do not have yet: force them now, on this thread, as nothing else helps.
            checkpointNow.run();
            next = take(config.journalFilesMax());
        }
        if (next == null) {
            // A log that waits for recovery keeps the files: others may go on for a while.
            next = take(config.journalFilesMax() * FILES_MAX_FACTOR);
        }
        if (next == null) {
            throw new IOException("no journal file is free after a checkpoint in " + directory);
        }
        boolean crowded;
        synchronized (files) {
            used.add(current);
            if (current.isBad()) {
                badCount++;
            }
            next.begin(current.generation() + 1, sequence, journalFrom);
            crowded = used.size() >= config.journalFilesMax() / 2;
            current = next;
        }
        if (current.remaining() < neededBytes) {
            throw new IOException("a group of " + neededBytes + " bytes is larger than a journal file");
        }
        prepareSpare();
        if (crowded) {
            checkpointSoon.run();
        }
    }

    private JournalFile take(int filesMax) throws IOException {
        synchronized (files) {
            if (!free.isEmpty()) {
                return free.poll();
            }
            if (fileCount - badCount >= filesMax) {
                return null;
            }
            try {
                return create();
            } catch (DiskFullException e) {
                log.warn("no space for another journal file in {}", directory, e);
                return null;
            }
        }
    }

    private JournalFile create() throws IOException {
        Path path = directory.resolve(LogNames.file(fileCount, JournalReplay.SUFFIX));
        JournalFile file = new JournalFile(disk.open(path, true), fileCount, config.journalFileBytes());
        file.file.allocate(config.journalFileBytes());
        file.file.force(true);
        disk.syncDirectory(directory);
        fileCount++;
        return file;
    }

    private void prepareSpare() {
        synchronized (files) {
            if (spareWanted || !free.isEmpty() || fileCount - badCount >= config.journalFilesMax()) {
                return;
            }
            spareWanted = true;
        }
        workers.io().execute(() -> {
            synchronized (files) {
                spareWanted = false;
                try {
                    if (free.isEmpty() && fileCount - badCount < config.journalFilesMax()) {
                        free.add(create());
                    }
                } catch (IOException e) {
                    log.warn("no spare journal file could be made in {}", directory, e);
                }
            }
        });
    }

    /** Generation of the file that is being written: older ones hold only what segments have in the page cache. */
    long currentGeneration() {
        return current.generation();
    }

    /** Everything in generations before this one is durable elsewhere. For threads that may block. */
    void release(long newJournalFrom) {
        synchronized (files) {
            journalFrom = Math.max(journalFrom, newJournalFrom);
            while (!used.isEmpty() && used.peek().generation() < journalFrom) {
                JournalFile file = used.poll();
                if (file.isBad()) {
                    remove(file);
                } else {
                    free.add(file);
                }
            }
        }
    }

    private void remove(JournalFile file) {
        try {
            file.file.close();
            disk.delete(directory.resolve(LogNames.file(file.number, JournalReplay.SUFFIX)));
        } catch (IOException e) {
            log.warn("{} failed before and could not be removed; the next start uses it again", file.file, e);
        }
    }

    void close() throws IOException {
        synchronized (files) {
            for (JournalFile file : used) {
                file.file.close();
            }
            for (JournalFile file : free) {
                file.file.close();
            }
            if (current != null) {
                current.file.close();
            }
        }
    }
}
