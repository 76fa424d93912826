package io.penstock.storage.simulation;

import io.penstock.storage.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** An open file of the simulated disk; of no use after the process that opened it has died. */
final class SimulatedFile implements DiskFile {
    private final SimulatedDisk disk;
    private final Path path;
    private final FileNode node;
    private final int life;
    private boolean closed;

    SimulatedFile(SimulatedDisk disk, Path path, FileNode node, int life) {
        this.disk = disk;
        this.path = path;
        this.node = node;
        this.life = life;
    }

    private void check() throws IOException {
        if (closed) {
            throw new IOException("file is closed: " + path);
        }
        disk.checkAlive(life);
    }

    @Override
    public long size() throws IOException {
        check();
        return node.size();
    }

    @Override
    public int read(ByteBuffer dst, long position) throws IOException {
        check();
        disk.before(DiskOperation.READ, path);
        byte[] bytes = new byte[dst.remaining()];
        int count = node.read(bytes, 0, bytes.length, position);
        if (count > 0) {
            dst.put(bytes, 0, count);
            disk.readDone(count);
        }
        return count;
    }

    @Override
    public void write(ByteBuffer src, long position) throws IOException {
        check();
        byte[] bytes = new byte[src.remaining()];
        src.get(bytes);
        disk.write(node, path, bytes, position, DiskOperation.WRITE);
    }

    @Override
    public void write(ByteBuffer[] srcs, long position) throws IOException {
        long at = position;
        for (ByteBuffer src : srcs) {
            int length = src.remaining();
            write(src, at);
            at += length;
        }
    }

    @Override
    public void force(boolean metadata) throws IOException {
        check();
        disk.force(node, path);
    }

    @Override
    public void truncate(long size) throws IOException {
        check();
        disk.before(DiskOperation.TRUNCATE, path);
        node.truncate(size);
    }

    @Override
    public void allocate(long size) throws IOException {
        check();
        if (size > node.size()) {
            disk.write(node, path, new byte[(int) (size - node.size())], node.size(), DiskOperation.ALLOCATE);
        }
    }

    @Override
    public FileChannel channel() {
        return null;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            disk.fileClosed(life);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
