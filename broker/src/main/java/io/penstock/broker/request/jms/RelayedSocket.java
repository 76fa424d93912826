package io.penstock.broker.request.jms;

import io.penstock.broker.request.ClientConnection;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The socket of a connection whose client is connected to another broker: keeps what is pushed until that broker asks for
 * it. Ends with the connection between the brokers. Any thread may call.
 */
final class RelayedSocket implements ClientConnection {
    private static final int QUEUED_BYTES_MAX = 4 << 20;

    private final long relay;
    private final Owner loop;
    private final SocketAddress remoteAddress;
    private final String principal;
    private final ArrayDeque<ByteBuffer> pushes = new ArrayDeque<>();
    private final List<Runnable> onClose = new ArrayList<>(1);
    private final List<Runnable> onWritable = new ArrayList<>(1);
    private Consumer<List<ByteBuffer>> poll;
    private int pollBytesMax;
    private Owner.Cancellable pollTimer;
    private int queuedBytes;
    private boolean closed;

    RelayedSocket(long relay, Owner loop, SocketAddress remoteAddress, String principal) {
        this.relay = relay;
        this.loop = loop;
        this.remoteAddress = remoteAddress;
        this.principal = principal;
    }

    long relay() {
        return relay;
    }

    @Override
    public String id() {
        return "relay-" + relay;
    }

    @Override
    public Owner loop() {
        return loop;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    @Override
    public String principal() {
        return principal;
    }

    @Override
    public void send(OutgoingFrame frame) {
        ByteBuffer bytes;
        try {
            bytes = ByteBuffer.allocate(frame.sizeBytes());
            frame.writeTo(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            frame.release();
        }
        synchronized (this) {
            if (closed) {
                return;
            }
            pushes.add(bytes.flip());
            queuedBytes += bytes.remaining();
            if (poll == null || pushes.size() > 1) {
                return;
            }
        }
        // At the end of the turn, with all that it has pushed.
        loop.execute(this::answer);
    }

    /**
     * Waits for pushes.
     *
     * @param answered on the loop; an earlier poll that still waits is answered with nothing
     */
    void poll(int waitMillis, int maxBytes, Consumer<List<ByteBuffer>> answered) {
        Consumer<List<ByteBuffer>> before;
        boolean now;
        synchronized (this) {
            before = poll;
            cancelTimer();
            poll = answered;
            pollBytesMax = maxBytes;
            now = !pushes.isEmpty() || closed;
            if (!now) {
                pollTimer = loop.schedule(this::answer, TimeUnit.MILLISECONDS.toNanos(waitMillis));
            }
        }
        if (before != null) {
            before.accept(List.of());
        }
        if (now) {
            answer();
        }
    }

    private void cancelTimer() {
        if (pollTimer != null) {
            pollTimer.cancel();
            pollTimer = null;
        }
    }

    private void answer() {
        List<ByteBuffer> taken = new ArrayList<>();
        Consumer<List<ByteBuffer>> answered;
        boolean roomMade;
        synchronized (this) {
            if (poll == null) {
                return;
            }
            answered = poll;
            poll = null;
            cancelTimer();
            boolean full = queuedBytes >= QUEUED_BYTES_MAX;
            int bytes = 0;
            while (!pushes.isEmpty()
                    && (taken.isEmpty() || bytes + pushes.peek().remaining() <= pollBytesMax)) {
                ByteBuffer next = pushes.poll();
                bytes += next.remaining();
                taken.add(next);
            }
            queuedBytes -= bytes;
            roomMade = full && queuedBytes < QUEUED_BYTES_MAX;
        }
        answered.accept(taken);
        if (roomMade) {
            List.copyOf(onWritable).forEach(Runnable::run);
        }
    }

    @Override
    public synchronized boolean writable() {
        return queuedBytes < QUEUED_BYTES_MAX && !closed;
    }

    @Override
    public void onWritable(Runnable listener) {
        onWritable.add(listener);
    }

    @Override
    public void onClose(Runnable listener) {
        synchronized (this) {
            if (!closed) {
                onClose.add(listener);
                return;
            }
        }
        loop.run(listener);
    }

    @Override
    public void close(String reason) {
        List<Runnable> told;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            pushes.clear();
            queuedBytes = 0;
            told = List.copyOf(onClose);
        }
        loop.run(() -> {
            told.forEach(Runnable::run);
            answer();
        });
    }

    synchronized boolean isClosed() {
        return closed;
    }
}
