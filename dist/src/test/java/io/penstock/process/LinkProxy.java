package io.penstock.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One link of the network: connections of one source to one target go through it, and it can be cut in either direction, delayed
 * or reset. What is held by a cut arrives when it is healed, as retransmission would have it. While nobody listens at the target,
 * nobody listens here: who connects is refused, as by the target's own machine. Any thread; closed by who made it.
 */
public final class LinkProxy implements AutoCloseable {
    private static final int CONNECT_MILLIS = 2_000;
    private static final int LOOK_AGAIN_MILLIS = 20;

    /** Of bytes: from who connects to who listens, and the answers. */
    public enum Direction {
        THERE,
        BACK
    }

    private final InetSocketAddress target;
    private final InetSocketAddress address;
    private final Set<Socket> sockets = new HashSet<>();
    private final boolean[] held = new boolean[Direction.values().length];
    private ServerSocket server;
    private volatile long delayMillis;
    private volatile boolean closed;

    /** @param listen where to listen; port 0 takes a free one */
    public LinkProxy(InetSocketAddress listen, InetSocketAddress target) throws IOException {
        this.target = target;
        this.server = listenAt(listen);
        this.address = new InetSocketAddress(listen.getAddress(), server.getLocalPort());
        start(this::accept);
    }

    public InetSocketAddress address() {
        return address;
    }

    private static ServerSocket listenAt(InetSocketAddress address) throws IOException {
        ServerSocket server = new ServerSocket();
        server.setReuseAddress(true);
        server.bind(address);
        return server;
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "link");
        thread.setDaemon(true);
        thread.start();
    }

    /** Bytes in this direction get no further until {@link #heal}, nor do the ends of connections. */
    public synchronized void cut(Direction direction) {
        held[direction.ordinal()] = true;
    }

    public void cut() {
        cut(Direction.THERE);
        cut(Direction.BACK);
    }

    public synchronized void heal() {
        held[0] = false;
        held[1] = false;
        delayMillis = 0;
        notifyAll();
    }

    /** Each piece of bytes of each connection, in both directions, comes so much later. */
    public void delay(long millis) {
        delayMillis = millis;
    }

    /** All connections of now end with a reset. */
    public void reset() {
        synchronized (sockets) {
            sockets.forEach(LinkProxy::reset);
            sockets.clear();
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException alreadyGone) {
            // That is what was wanted.
            return;
        }
    }

    private void accept() {
        while (!closed) {
            try {
                Socket source = listening().accept();
                start(() -> connect(source));
            } catch (IOException e) {
                awaitTarget();
            }
        }
    }

    private synchronized ServerSocket listening() {
        return server;
    }

    private void connect(Socket source) {
        Socket opened = new Socket();
        try {
            awaitOpen(Direction.THERE);
            opened.connect(target, CONNECT_MILLIS);
            source.setTcpNoDelay(true);
            opened.setTcpNoDelay(true);
        } catch (IOException e) {
            refuse();
            reset(source);
            reset(opened);
            return;
        }
        synchronized (sockets) {
            sockets.add(source);
            sockets.add(opened);
        }
        start(() -> pass(source, opened, Direction.THERE));
        start(() -> pass(opened, source, Direction.BACK));
    }

    private void pass(Socket from, Socket to, Direction direction) {
        byte[] bytes = new byte[64 * 1024];
        boolean orderly = false;
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(bytes); read > 0; read = in.read(bytes)) {
                if (delayMillis > 0) {
                    TimeUnit.MILLISECONDS.sleep(delayMillis);
                }
                awaitOpen(direction);
                out.write(bytes, 0, read);
            }
            orderly = true;
        } catch (IOException e) {
            // One of the two ends is gone: the other one hears of it below.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        end(from, to, direction, orderly);
    }

    private void end(Socket from, Socket to, Direction direction, boolean orderly) {
        awaitOpen(direction);
        if (direction == Direction.BACK || !orderly) {
            // Before the source hears of it: its next attempt is to be refused.
            refuseIfNobodyListens();
        }
        synchronized (sockets) {
            sockets.remove(from);
            sockets.remove(to);
        }
        for (Socket each : new Socket[] {from, to}) {
            if (orderly) {
                closeQuietly(each);
            } else {
                reset(each);
            }
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            return;
        }
    }

    private synchronized void awaitOpen(Direction direction) {
        boolean interrupted = false;
        while (held[direction.ordinal()] && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean someoneListens() {
        try (Socket probe = new Socket()) {
            probe.connect(target, CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void refuseIfNobodyListens() {
        if (!closed && !someoneListens()) {
            refuse();
        }
    }

    private synchronized void refuse() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The target is away; listens again when it does. */
    private void awaitTarget() {
        try {
            while (!closed && !someoneListens()) {
                TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
            }
            synchronized (this) {
                if (!closed && server.isClosed()) {
                    server = listenAt(address);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        synchronized (this) {
            server.close();
            notifyAll();
        }
        reset();
    }
}
