package io.penstock.jms.message;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Bytes that are written one after the other: on the heap at first, in a temporary file when they are many, so that a body
 * of any size costs a process a few megabytes. The file is gone from its directory as soon as it is open, where the system
 * allows that; its space is given back when the views of it are collected. One thread at a time; {@link #close} is for who
 * does not want a {@link #view} any more.
 */
final class SpillingBytes extends OutputStream {
    static final int HEAP_BYTES_MAX = 4 << 20;
    private static final int BUFFER_BYTES = 64 << 10;

    private byte[] heap;
    private int heapBytes;
    private FileChannel file;
    private long fileBytes;

    SpillingBytes() {
        this(32);
    }

    /** @param expectedBytes when they are more than the heap should hold, a file is made at once */
    SpillingBytes(int expectedBytes) {
        heap = new byte[Math.min(expectedBytes > HEAP_BYTES_MAX ? BUFFER_BYTES : expectedBytes, HEAP_BYTES_MAX)];
        if (expectedBytes > HEAP_BYTES_MAX) {
            heapMax = BUFFER_BYTES;
        }
    }

    private int heapMax = HEAP_BYTES_MAX;

    long size() {
        return fileBytes + heapBytes;
    }

    @Override
    public void write(int value) throws IOException {
        makeRoom(1);
        heap[heapBytes++] = (byte) value;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        write(ByteBuffer.wrap(bytes, from, length));
    }

    void write(ByteBuffer bytes) throws IOException {
        if (bytes.remaining() + heapBytes > heapMax) {
            spill();
        }
        if (file != null && bytes.remaining() > heap.length / 2) {
            spill();
            append(bytes);
            return;
        }
        makeRoom(bytes.remaining());
        int length = bytes.remaining();
        bytes.get(heap, heapBytes, length);
        heapBytes += length;
    }

    private void makeRoom(int bytes) throws IOException {
        if (heapBytes + bytes <= heap.length) {
            return;
        }
        if (heapBytes + bytes > heapMax) {
            spill();
        } else {
            heap = Arrays.copyOf(heap, Math.min(heapMax, Math.max(2 * heap.length, heapBytes + bytes)));
        }
    }

    /** Moves what is on the heap to the file. */
    private void spill() throws IOException {
        if (file == null) {
            Path path = Files.createTempFile("penstock-", ".body");
            file = FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
            heapMax = BUFFER_BYTES;
        }
        append(ByteBuffer.wrap(heap, 0, heapBytes));
        heapBytes = 0;
        if (heap.length != BUFFER_BYTES) {
            heap = new byte[BUFFER_BYTES];
        }
    }

    private void append(ByteBuffer bytes) throws IOException {
        if (fileBytes + bytes.remaining() > Integer.MAX_VALUE) {
            throw new IOException("a body has at most " + Integer.MAX_VALUE + " bytes");
        }
        while (bytes.hasRemaining()) {
            fileBytes += file.write(bytes, fileBytes);
        }
    }

    /** What has been written so far, not copied; of a file, mapped. */
    ByteBuffer view() throws IOException {
        if (file == null) {
            return ByteBuffer.wrap(heap, 0, heapBytes).slice();
        }
        spill();
        return file.map(FileChannel.MapMode.READ_ONLY, 0, fileBytes);
    }

    /** Gives the file back; views stay good. */
    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
