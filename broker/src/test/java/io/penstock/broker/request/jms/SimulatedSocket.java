package io.penstock.broker.request.jms;

import io.penstock.broker.request.ClientConnection;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A client's connection that keeps what is sent to it. */
final class SimulatedSocket implements ClientConnection {
    private static int count;

    private final String id = "socket-" + count++;
    private final Owner loop;
    private final List<Runnable> onClose = new ArrayList<>();
    private final List<Runnable> onWritable = new ArrayList<>();
    final List<ByteBuffer> pushes = new ArrayList<>();
    boolean writable = true;
    boolean closed;

    SimulatedSocket(Owner loop) {
        this.loop = loop;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Owner loop() {
        return loop;
    }

    @Override
    public SocketAddress remoteAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    }

    @Override
    public String principal() {
        return "ANONYMOUS";
    }

    @Override
    public void send(OutgoingFrame frame) {
        try {
            if (!closed) {
                pushes.add(bytes(frame));
            }
        } finally {
            frame.release();
        }
    }

    static ByteBuffer bytes(OutgoingFrame frame) {
        ByteBuffer bytes = ByteBuffer.allocate(frame.sizeBytes());
        try {
            frame.writeTo(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (bytes.hasRemaining()) {
            throw new AssertionError(bytes.remaining() + " bytes less than the frame said");
        }
        return bytes.flip();
    }

    @Override
    public boolean writable() {
        return writable;
    }

    @Override
    public void onWritable(Runnable listener) {
        onWritable.add(listener);
    }

    @Override
    public void onClose(Runnable listener) {
        if (closed) {
            loop.execute(listener);
        } else {
            onClose.add(listener);
        }
    }

    @Override
    public void close(String reason) {
        if (!closed) {
            closed = true;
            onClose.forEach(loop::execute);
        }
    }

    void becomeWritable() {
        writable = true;
        onWritable.forEach(loop::execute);
    }
}
