package io.penstock.storage.log;

import io.penstock.storage.disk.Disk;
import io.penstock.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the journal after a start: in a first pass what it says last of each log, in a second its records in order.
 * A torn last group ends it, as nobody was told of that.
 */
final class JournalReplay {
    static final String SUFFIX = ".journal";
    private static final Logger log = LoggerFactory.getLogger(JournalReplay.class);

    private final Disk disk;
    private final Path directory;
    private final int fileBytesMax;
    private final List<Found> found = new ArrayList<>();
    private long journalFrom;
    /** The file with the last group, and where that ends. */
    private Found last;

    private int lastEnd;

    /** A file of the journal; generation 0 for one that was never used. */
    record Found(String name, int number, long generation, long firstSequence, long journalFrom) {
        boolean isUsed() {
            return generation > 0;
        }
    }

    /** What the journal goes on with. */
    record Result(List<Found> files, long nextGeneration, long nextSequence, long journalFrom) {}

    JournalReplay(Disk disk, Path directory, int fileBytesMax, long journalFrom) {
        this.disk = disk;
        this.directory = directory;
        this.fileBytesMax = fileBytesMax;
        this.journalFrom = journalFrom;
    }

    /** Looks at the headers of all files. */
    void findFiles() throws IOException {
        for (String name : disk.list(directory)) {
            long number = LogNames.number(name, SUFFIX);
            if (number >= 0) {
                found.add(header(name, (int) number));
            }
        }
        found.sort(Comparator.comparingLong(Found::generation));
        found.forEach(file -> journalFrom = Math.max(journalFrom, file.journalFrom));
    }

    private Found header(String name, int number) throws IOException {
        try (DiskFile file = disk.open(directory.resolve(name), false)) {
            ByteBuffer header = read(file, JournalFormat.FILE_HEADER_BYTES, 0);
            return JournalFormat.isFileHeader(header)
                    ? new Found(name, number, header.getLong(8), header.getLong(16), header.getLong(24))
                    : new Found(name, number, 0, 0, 0);
        }
    }

    private static ByteBuffer read(DiskFile file, int length, long position) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining() && file.read(bytes, position + bytes.position()) > 0) {
            // Reads on until the end.
        }
        return bytes.flip();
    }

    /**
     * Hands all valid records that are still needed to {@code consumer}, in order.
     *
     * @return what the journal goes on with
     */
    Result replay(Consumer<JournalFormat.Entry> consumer) throws IOException {
        long generation = 0;
        long nextSequence = 1;
        boolean previous = false;
        for (int i = 0; i < found.size(); i++) {
            Found file = found.get(i);
            if (file.isUsed()) {
                if (file.generation >= journalFrom) {
                    if (previous && (file.generation != generation + 1 || file.firstSequence != nextSequence)) {
                        log.error(
                                "The journal in {} is damaged before {}: groups {} to {} are missing",
                                directory,
                                file.name,
                                nextSequence,
                                file.firstSequence - 1);
                    }
                    nextSequence = replayFile(file, endOf(i), consumer);
                    previous = true;
                } else {
                    nextSequence = Math.max(nextSequence, file.firstSequence + 1);
                }
                generation = file.generation;
            }
        }
        // A power cut may have taken the header of a file that had no group yet, so the checkpoint can be ahead.
        long nextGeneration = Math.max(generation + 1, journalFrom);
        return new Result(List.copyOf(found), nextGeneration, nextSequence, Math.max(1, journalFrom));
    }

    /** A file whose force failed may have groups that were written again at the start of the next one; those count. */
    private long endOf(int index) {
        if (index + 1 < found.size()) {
            Found next = found.get(index + 1);
            if (next.generation == found.get(index).generation + 1) {
                return next.firstSequence;
            }
        }
        return Long.MAX_VALUE;
    }

    private long replayFile(Found found, long endSequence, Consumer<JournalFormat.Entry> consumer) throws IOException {
        long sequence = found.firstSequence;
        try (DiskFile file = disk.open(directory.resolve(found.name), false)) {
            ByteBuffer bytes = read(file, (int) Math.min(file.size(), fileBytesMax), 0);
            int at = JournalFormat.FILE_HEADER_BYTES;
            while (sequence < endSequence && isGroup(bytes, at, found.generation, sequence)) {
                int payload = bytes.getInt(at + 4);
                ByteBuffer records = bytes.slice(at + JournalFormat.GROUP_HEADER_BYTES, payload);
                while (records.hasRemaining()) {
                    JournalFormat.Entry entry = JournalFormat.readRecord(records);
                    if (entry == null) {
                        throw new IOException("unreadable record in " + directory.resolve(found.name)
                                + ": was it written by a newer version?");
                    }
                    consumer.accept(entry);
                }
                sequence++;
                at += JournalFormat.GROUP_HEADER_BYTES + payload;
            }
            last = found;
            lastEnd = at;
        }
        return sequence;
    }

    /**
     * Makes the last group durable, which may have been written and not forced, before anything is built upon it. It is
     * written again: its force may have failed, and then only a new write is forced.
     */
    void makeDurable() throws IOException {
        if (last == null) {
            return;
        }
        try (DiskFile file = disk.open(directory.resolve(last.name), false)) {
            file.write(read(file, lastEnd, 0), 0);
            file.force(true);
        }
        disk.syncDirectory(directory);
    }

    private static boolean isGroup(ByteBuffer bytes, int at, long generation, long sequence) {
        if (bytes.limit() - at < JournalFormat.GROUP_HEADER_BYTES
                || bytes.getInt(at) != JournalFormat.GROUP_MAGIC
                || bytes.getLong(at + 8) != generation
                || bytes.getLong(at + 16) != sequence) {
            return false;
        }
        int payload = bytes.getInt(at + 4);
        if (payload < 0 || payload > bytes.limit() - at - JournalFormat.GROUP_HEADER_BYTES) {
            return false;
        }
        ByteBuffer group = bytes.slice(at, JournalFormat.GROUP_HEADER_BYTES + payload);
        return JournalFormat.groupCrc(group, payload) == group.getInt(24);
    }
}
