package io.penstock.storage.log;

import io.penstock.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One preallocated file of the journal; the sync thread writes it, in one generation after the other. */
final class JournalFile {
    final DiskFile file;
    final int number;
    private final int sizeBytes;
    private int position;
    private long generation;
    private boolean bad;

    JournalFile(DiskFile file, int number, int sizeBytes) {
        this.file = file;
        this.number = number;
        this.sizeBytes = sizeBytes;
    }

    long generation() {
        return generation;
    }

    int remaining() {
        return sizeBytes - position;
    }

    /** A write or force of it has failed. */
    void bad() {
        bad = true;
    }

    boolean isBad() {
        return bad;
    }

    /** Begins a new use of the file; durable with its first group. */
    void begin(long newGeneration, long firstSequence, long journalFrom) throws IOException {
        file.write(JournalFormat.fileHeader(newGeneration, firstSequence, journalFrom), 0);
        generation = newGeneration;
        position = JournalFormat.FILE_HEADER_BYTES;
    }

    /** Takes over a file that replay found in use. */
    void inUse(long foundGeneration) {
        generation = foundGeneration;
        position = sizeBytes;
    }

    void writeGroup(ByteBuffer group, long sequence) throws IOException {
        JournalFormat.putGroupHeader(group, generation, sequence);
        int length = group.remaining();
        file.write(group, position);
        file.force(false);
        position += length;
    }
}
