package io.penstock.storage.simulation;

import io.penstock.storage.disk.Disk;
import io.penstock.storage.disk.DiskFile;
import io.penstock.storage.disk.DiskFullException;
import io.penstock.storage.disk.DiskLock;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A disk in memory with a page cache. {@link #powerCut} loses, by the seed, any part of what was not forced, and
 * directory entries that were not synced; {@link #kill} loses nothing but open files. Calls can be made to fail. One
 * thread at a time: its methods are synchronized, so that tests with threads may use it too.
 */
public final class SimulatedDisk implements Disk {
    /** A directory's node; files are {@link FileNode}. */
    private static final Object DIRECTORY = new Object();

    private final SeededRandom random;
    private final TreeMap<Path, Object> entries = new TreeMap<>();
    /** What is on the medium, and for each directory what was done to its entries since, in order. */
    private TreeMap<Path, Object> durableEntries = new TreeMap<>();

    private final Map<Path, List<EntryChange>> changes = new HashMap<>();
    private final Set<Path> locks = new HashSet<>();
    private final List<PlannedFault> faults = new ArrayList<>();
    private final Map<Path, Integer> forces = new HashMap<>();
    private long capacityBytes = Long.MAX_VALUE;
    private boolean readOnly;
    private boolean forcesFail;
    private int life;
    private int openFiles;
    private long calls;
    private long readBytes;

    /** {@code node} null: the entry was removed. */
    private record EntryChange(Path path, Object node) {}

    private static final class PlannedFault {
        private final DiskOperation operation;
        private final DiskFault fault;
        private final String nameEnd;
        private int callsLeft;

        PlannedFault(DiskOperation operation, DiskFault fault, String nameEnd, int callsLeft) {
            this.operation = operation;
            this.fault = fault;
            this.nameEnd = nameEnd;
            this.callsLeft = callsLeft;
        }
    }

    public SimulatedDisk(long seed) {
        random = new SeededRandom(seed);
    }

    // ---- faults

    /** Lets the {@code nth} call from now (1 is the next) of this kind fail; null stands for any kind. */
    public synchronized void failNth(DiskOperation operation, int nth, DiskFault fault) {
        failNth(operation, nth, fault, "");
    }

    /** As above, counting only files whose path ends with {@code nameEnd}. */
    public synchronized void failNth(DiskOperation operation, int nth, DiskFault fault, String nameEnd) {
        faults.add(new PlannedFault(operation, fault, nameEnd, nth));
    }

    public synchronized void clearFaults() {
        faults.clear();
        forcesFail = false;
        readOnly = false;
        capacityBytes = Long.MAX_VALUE;
    }

    /** Faults that were planned and have not happened yet. */
    public synchronized int faultsLeft() {
        return faults.size();
    }

    public synchronized void forcesFail(boolean fail) {
        forcesFail = fail;
    }

    public synchronized void readOnly(boolean value) {
        readOnly = value;
    }

    /** Limits what all files together may hold. */
    public synchronized void capacityBytes(long bytes) {
        capacityBytes = bytes;
    }

    /** Changes one bit of a file, on the medium and in the cache. */
    public synchronized void flipBit(Path path, long position, int bit) throws IOException {
        file(path).flipBit(position, bit);
    }

    // ---- death

    /** The process dies; the page cache survives. Open files are of no use from now on. */
    public synchronized void kill() {
        life++;
        openFiles = 0;
        locks.clear();
        faults.clear();
    }

    /** The machine loses power: what was not forced is lost in any part that the seed draws. */
    public synchronized void powerCut() {
        kill();
        for (Map.Entry<Path, List<EntryChange>> directory : new TreeMap<>(changes).entrySet()) {
            int survive = random.nextInt(directory.getValue().size() + 1);
            directory.getValue().subList(0, survive).forEach(change -> apply(durableEntries, change));
        }
        changes.clear();
        dropOrphans(durableEntries);
        entries.clear();
        entries.putAll(durableEntries);
        entries.values().stream().distinct().forEach(node -> {
            if (node instanceof FileNode file) {
                file.powerCut(random);
            }
        });
        durableEntries = new TreeMap<>(entries);
    }

    private static void apply(Map<Path, Object> to, EntryChange change) {
        if (change.node == null) {
            to.remove(change.path);
        } else {
            to.put(change.path, change.node);
        }
    }

    private static void dropOrphans(TreeMap<Path, Object> of) {
        // In order of paths a parent comes before its children.
        List<Path> paths = new ArrayList<>(of.keySet());
        paths.forEach(path -> {
            Path parent = path.getParent();
            if (parent != null && parent.getNameCount() > 0 && of.get(parent) != DIRECTORY) {
                of.remove(path);
            }
        });
    }

    // ---- what files and tests ask

    synchronized void checkAlive(int fileLife) throws IOException {
        if (fileLife != life) {
            throw new IOException("the process that opened this file is dead");
        }
    }

    synchronized void fileClosed(int fileLife) {
        if (fileLife == life) {
            openFiles--;
        }
    }

    /** Files that are open now. */
    public synchronized int openFiles() {
        return openFiles;
    }

    /** Calls so far, for "fail at any call" tests. */
    public synchronized long calls() {
        return calls;
    }

    synchronized void before(DiskOperation operation, Path path) throws IOException {
        DiskFault fault = next(operation, path);
        if (fault != null) {
            fail(fault, operation, path);
        }
        boolean changes = operation != DiskOperation.READ && operation != DiskOperation.LIST;
        if (readOnly && changes && operation != DiskOperation.OPEN) {
            throw new IOException(path + ": Read-only file system");
        }
        if (forcesFail && (operation == DiskOperation.FORCE || operation == DiskOperation.SYNC_DIRECTORY)) {
            throw new IOException(path + ": Input/output error");
        }
    }

    private DiskFault next(DiskOperation operation, Path path) {
        calls++;
        for (int i = 0; i < faults.size(); i++) {
            PlannedFault planned = faults.get(i);
            if ((planned.operation == null || planned.operation == operation)
                    && path.toString().endsWith(planned.nameEnd)
                    && --planned.callsLeft <= 0) {
                faults.remove(i);
                return planned.fault;
            }
        }
        return null;
    }

    private static void fail(DiskFault fault, DiskOperation operation, Path path) throws IOException {
        switch (fault) {
            case DISK_FULL -> throw new DiskFullException(operation + " " + path + ": No space left on device", null);
            case CRASH -> throw new SimulatedCrash(operation + " " + path);
            default -> throw new IOException(operation + " " + path + ": Input/output error");
        }
    }

    synchronized void write(FileNode node, Path path, byte[] bytes, long position, DiskOperation operation)
            throws IOException {
        DiskFault fault = next(operation, path);
        if (readOnly) {
            throw new IOException(path + ": Read-only file system");
        }
        long free = capacityBytes == Long.MAX_VALUE ? Long.MAX_VALUE : capacityBytes - usedBytes() + node.size();
        if (fault == null && position + bytes.length > free && position + bytes.length > node.size()) {
            int part = (int) Math.max(0, Math.min(bytes.length, free - position));
            node.write(bytes, 0, part, position);
            fail(DiskFault.DISK_FULL, operation, path);
        }
        if (fault != null) {
            int part = fault == DiskFault.EIO ? 0 : random.nextInt(bytes.length + 1);
            node.write(bytes, 0, part, position);
            fail(fault, operation, path);
        }
        node.write(bytes, 0, bytes.length, position);
    }

    synchronized void force(FileNode node, Path path) throws IOException {
        forces.merge(path, 1, Integer::sum);
        try {
            before(DiskOperation.FORCE, path);
        } catch (IOException e) {
            node.forceFailed();
            throw e;
        }
        node.force();
    }

    /** How often a file was forced, or was tried to be. */
    public synchronized int forcesOf(Path path) {
        return forces.getOrDefault(path, 0);
    }

    synchronized void readDone(int bytes) {
        readBytes += bytes;
    }

    /** Bytes that were read so far. */
    public synchronized long readBytes() {
        return readBytes;
    }

    /** What a file holds now. */
    public synchronized byte[] content(Path path) throws IOException {
        FileNode node = file(path);
        byte[] bytes = new byte[node.size()];
        node.read(bytes, 0, bytes.length, 0);
        return bytes;
    }

    /** What all files together hold. */
    public synchronized long usedBytes() {
        long used = 0;
        for (Object node : entries.values()) {
            used += node instanceof FileNode file ? file.size() : 0;
        }
        return used;
    }

    private FileNode file(Path path) throws IOException {
        if (entries.get(path) instanceof FileNode file) {
            return file;
        }
        throw new NoSuchFileException(path.toString());
    }

    private void change(Path path, Object node) {
        EntryChange change = new EntryChange(path, node);
        apply(entries, change);
        changes.computeIfAbsent(path.getParent(), parent -> new ArrayList<>()).add(change);
    }

    // ---- the port

    @Override
    public synchronized DiskFile open(Path path, boolean create) throws IOException {
        before(DiskOperation.OPEN, path);
        if (create && !entries.containsKey(path)) {
            if (readOnly) {
                throw new IOException(path + ": Read-only file system");
            }
            if (entries.get(path.getParent()) != DIRECTORY) {
                throw new NoSuchFileException(path.toString());
            }
            change(path, new FileNode());
        }
        FileNode node = file(path);
        openFiles++;
        return new SimulatedFile(this, path, node, life);
    }

    @Override
    public synchronized DiskLock lock(Path path) throws IOException {
        if (!locks.add(path)) {
            throw new IOException("the directory " + path.getParent() + " is in use by another broker");
        }
        int taken = life;
        return () -> {
            if (taken == life) {
                locks.remove(path);
            }
        };
    }

    @Override
    public synchronized boolean exists(Path path) {
        return path.getNameCount() == 0 || entries.containsKey(path);
    }

    @Override
    public synchronized List<String> list(Path directory) throws IOException {
        before(DiskOperation.LIST, directory);
        List<String> names = new ArrayList<>();
        // Nothing that we name sorts before '!', while "d-x" sorts between "d" and "d/y".
        for (Path path : entries.tailMap(directory.resolve("!"), true).keySet()) {
            if (!path.startsWith(directory)) {
                break;
            }
            if (directory.equals(path.getParent())) {
                names.add(path.getFileName().toString());
            }
        }
        return names.stream().sorted().toList();
    }

    @Override
    public synchronized void createDirectories(Path directory) throws IOException {
        before(DiskOperation.CREATE_DIRECTORY, directory);
        for (int i = 1; i <= directory.getNameCount(); i++) {
            Path part = directory.subpath(0, i);
            Path path = directory.isAbsolute() ? directory.getRoot().resolve(part) : part;
            if (!entries.containsKey(path)) {
                change(path, DIRECTORY);
            }
        }
    }

    @Override
    public synchronized void delete(Path path) throws IOException {
        before(DiskOperation.DELETE, path);
        if (entries.get(path) == DIRECTORY && !list(path).isEmpty()) {
            throw new IOException("directory not empty: " + path);
        }
        if (entries.containsKey(path)) {
            change(path, null);
        }
    }

    @Override
    public synchronized void rename(Path from, Path to) throws IOException {
        before(DiskOperation.RENAME, from);
        FileNode node = file(from);
        // Two changes of one directory: a cut between them would show the file under both names, as ext4 never does.
        apply(entries, new EntryChange(from, null));
        apply(entries, new EntryChange(to, node));
        List<EntryChange> list = changes.computeIfAbsent(to.getParent(), parent -> new ArrayList<>());
        list.add(new EntryChange(to, node));
        list.add(new EntryChange(from, null));
    }

    @Override
    public synchronized void syncDirectory(Path directory) throws IOException {
        before(DiskOperation.SYNC_DIRECTORY, directory);
        List<EntryChange> done = changes.remove(directory);
        if (done != null) {
            done.forEach(change -> apply(durableEntries, change));
        }
    }

    @Override
    public synchronized long usableBytes(Path path) {
        return capacityBytes == Long.MAX_VALUE ? Long.MAX_VALUE / 4 : Math.max(0, capacityBytes - usedBytes());
    }
}
