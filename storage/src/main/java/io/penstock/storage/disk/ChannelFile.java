package io.penstock.storage.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A file on a {@code FileChannel}. */
final class ChannelFile implements DiskFile {
    private static final int ZEROS_BYTES = 1 << 20;

    private final Path path;
    private final FileChannel channel;

    ChannelFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    @Override
    public long size() throws IOException {
        return channel.size();
    }

    @Override
    public int read(ByteBuffer dst, long position) throws IOException {
        return channel.read(dst, position);
    }

    @Override
    public void write(ByteBuffer src, long position) throws IOException {
        try {
            long at = position;
            while (src.hasRemaining()) {
                at += channel.write(src, at);
            }
        } catch (IOException e) {
            throw FileDisk.translated("write " + path, e);
        }
    }

    @Override
    public void write(ByteBuffer[] srcs, long position) throws IOException {
        // The JDK has no gathering write at a position; buffers are few and large where this is used.
        long at = position;
        for (ByteBuffer src : srcs) {
            int length = src.remaining();
            write(src, at);
            at += length;
        }
    }

    @Override
    public void force(boolean metadata) throws IOException {
        try {
            channel.force(metadata);
        } catch (IOException e) {
            throw FileDisk.translated("force " + path, e);
        }
    }

    @Override
    public void truncate(long size) throws IOException {
        channel.truncate(size);
    }

    @Override
    public void allocate(long size) throws IOException {
        // Zeros are really written: a hole, or space that is only reserved, costs a metadata write at the first force.
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(ZEROS_BYTES, Math.max(0, size - channel.size())));
        for (long at = channel.size(); at < size; at += zeros.limit()) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), size - at));
            write(zeros, at);
        }
    }

    @Override
    public FileChannel channel() {
        return channel;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
