package io.penstock.jms.transport;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * A connection to one broker. Any thread may send; replies and pushes arrive in any order, one at a time, on the event
 * loop or on a thread that reads while it waits ({@link #readUntil}). Made by {@link #connect}, closed by its user or by what goes wrong; then every waiting request fails, and the listener is told
 * once.
 */
public final class Transport {
    /** Kafka's key for the table of keys and versions; its reply has no error text. */
    public static final short API_VERSIONS = 18;

    private static final int PUSH = -1;
    /** The system may give less: each frame, how short it may be, takes some hundred bytes of it. */
    private static final int LOCAL_SEND_BUFFER_BYTES = 1 << 20;

    private final String peer;
    private final TransportOptions options;
    private final TransportListener listener;
    private final byte[] clientName;
    private final Map<Integer, PendingReply> pending = new ConcurrentHashMap<>();
    private final AtomicInteger lastCorrelationId = new AtomicInteger();
    private final AtomicReference<ConnectionLostException> lost = new AtomicReference<>();
    private final EventLoop loop;
    private final SocketChannel socket;
    private final Channel channel;
    private final SocketWriter writer;
    private final FrameReader frames;
    private final CallerReading reading;

    private Transport(
            String peer, SocketChannel socket, Channel channel, TransportOptions options, TransportListener listener) {
        this.peer = peer;
        this.socket = socket;
        this.options = options;
        this.listener = listener;
        this.clientName = options.clientName().getBytes(StandardCharsets.UTF_8);
        this.loop = EventLoops.acquire().next();
        this.channel = channel;
        this.writer = new SocketWriter(socket, channel, options.callTimeoutMillis());
        this.frames = new FrameReader(options.frameBytesMax(), new Incoming());
        this.reading = new CallerReading(socket, channel, frames, () -> pending.size() > 1);
    }

    /**
     * Connects on the calling thread.
     *
     * @throws IOException if nobody listens there, or not within the time-out
     */
    public static Transport connect(String host, int port, TransportOptions options, TransportListener listener)
            throws IOException {
        String peer = host + ":" + port;
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new IOException("no address is known for host " + host);
        }
        SocketChannel socket = SocketChannel.open();
        try {
            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
            socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            socket.socket().connect(address, options.connectTimeoutMillis());
            // TCP's simultaneous open: trying a dead local port long enough ends in a connection with oneself, which
            // would even keep the broker from listening there again.
            if (socket.getLocalAddress().equals(socket.getRemoteAddress())) {
                throw new IOException("nobody listens there");
            }
        } catch (IOException e) {
            socket.close();
            throw new IOException("cannot connect to " + peer + ": " + e.getMessage(), e);
        }
        Transport transport = new Transport(peer, socket, new NioSocketChannel(socket), options, listener);
        transport.start();
        return transport;
    }

    /**
     * Connects to a broker of this host by its socket file, at once or not at all.
     *
     * @param host and port by which the broker is known
     * @throws IOException if nobody listens there, or this user may not, or the broker is busy
     */
    public static Transport connectLocally(
            Path file, String host, int port, TransportOptions options, TransportListener listener) throws IOException {
        String peer = host + ":" + port;
        SocketChannel socket;
        try {
            socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        } catch (UnsupportedOperationException e) {
            throw new IOException("this system has no such sockets", e);
        }
        try {
            socket.configureBlocking(false); // Else it waits for ever when too many wait already.
            socket.setOption(StandardSocketOptions.SO_SNDBUF, LOCAL_SEND_BUFFER_BYTES);
            if (!socket.connect(UnixDomainSocketAddress.of(file))) {
                throw new IOException("it is busy");
            }
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw new IOException("cannot connect to " + peer + " by " + file + ": " + e.getMessage(), e);
        }
        Transport transport = new Transport(peer, socket, new NioDomainSocketChannel(socket), options, listener);
        transport.start();
        return transport;
    }

    /** Whether the other end is on this host as far as its address says so; false for a local socket. */
    public boolean isByLoopback() {
        try {
            return socket.getRemoteAddress() instanceof InetSocketAddress to
                    && to.getAddress().isLoopbackAddress();
        } catch (IOException e) {
            return false; // It is gone, which others say.
        }
    }

    /** Whether these are the ports of this TCP connection: if not, the peer is at the end of another one. */
    public boolean isBetween(int clientPort, int brokerPort) {
        try {
            return socket.getLocalAddress() instanceof InetSocketAddress from
                    && socket.getRemoteAddress() instanceof InetSocketAddress to
                    && from.getPort() == clientPort
                    && to.getPort() == brokerPort;
        } catch (IOException e) {
            return false;
        }
    }

    private void start() throws IOException {
        channel.config()
                .setOption(ChannelOption.RCVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(512, 16 * 1024, 1 << 20));
        channel.pipeline().addLast(frames);
        loop.register(channel).syncUninterruptibly();
        scheduleSweep();
    }

    /** Host and port, for messages. */
    public String peer() {
        return peer;
    }

    /** Grows whenever something comes from the broker. */
    public long heard() {
        return frames.reads();
    }

    public boolean isOpen() {
        return lost.get() == null;
    }

    /** Asks, with the deadline of the options. The future fails with an {@link IOException} of this package. */
    public CompletableFuture<ByteBuffer> request(short apiKey, short apiVersion, FrameBody body) {
        return request(apiKey, apiVersion, body, false, options.callTimeoutMillis());
    }

    /**
     * Asks.
     *
     * @param onSocket true to return only when the request is in the socket's buffer
     */
    public CompletableFuture<ByteBuffer> request(
            short apiKey, short apiVersion, FrameBody body, boolean onSocket, long timeoutMillis) {
        reading.toLoop();
        return ask(apiKey, apiVersion, body, onSocket, timeoutMillis);
    }

    /**
     * Asks without having the event loop read for it: the caller will wait by {@link #readUntil}, or has said {@link
     * #readByLoop}, or is in no hurry for the answer.
     *
     * @param onSocket true to return only when the request is in the socket's buffer
     */
    public CompletableFuture<ByteBuffer> requestUnhurried(
            short apiKey, short apiVersion, FrameBody body, boolean onSocket) {
        return ask(apiKey, apiVersion, body, onSocket, options.callTimeoutMillis());
    }

    private CompletableFuture<ByteBuffer> ask(
            short apiKey, short apiVersion, FrameBody body, boolean onSocket, long timeoutMillis) {
        PendingReply reply = new PendingReply(apiKey, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
        int correlationId = nextCorrelationId();
        pending.put(correlationId, reply);
        ConnectionLostException gone = lost.get();
        if (gone != null) {
            pending.remove(correlationId);
            reply.completeExceptionally(gone);
            return reply;
        }
        try {
            writer.write(new RequestFrame(apiKey, apiVersion, correlationId, clientName, body), onSocket);
        } catch (IOException e) {
            fail(e);
        } catch (RuntimeException e) {
            pending.remove(correlationId);
            reply.completeExceptionally(e);
        }
        return reply;
    }

    /**
     * Says, and expects no answer.
     *
     * @param onSocket true to return only when it is in the socket's buffer
     */
    public void oneWay(short apiKey, short apiVersion, FrameBody body, boolean onSocket)
            throws ConnectionLostException {
        ConnectionLostException gone = lost.get();
        if (gone != null) {
            throw gone;
        }
        try {
            writer.write(new RequestFrame(apiKey, apiVersion, nextCorrelationId(), null, body), onSocket);
        } catch (IOException e) {
            throw fail(e);
        }
    }

    /**
     * Reads on the calling thread until {@code done}, if that saves a hand-over. It may return before: then the event
     * loop, or another thread, reads, and the caller waits as it would without this.
     *
     * @param alone nothing comes on this connection but what this caller waits for
     */
    public void readUntil(BooleanSupplier done, long timeoutNanos, boolean alone) {
        reading.readUntil(done, timeoutNanos, alone);
    }

    /** Takes what has arrived and no thread is reading. */
    public void readArrived() {
        reading.readArrived();
    }

    /** After the end of the connection: returns when no thread is in the midst of what it has read from it. */
    public void awaitReader() {
        reading.awaitReader();
    }

    /** Answers are coming that no thread waits for by {@link #readUntil}. */
    public void readByLoop() {
        reading.toLoop();
    }

    /** Runs a short task on the event loop later; not at all when the connection has gone by then. */
    public void schedule(Runnable task, long delayMillis) {
        var unused = loop.schedule(
                () -> {
                    if (isOpen()) {
                        task.run();
                    }
                },
                delayMillis,
                TimeUnit.MILLISECONDS);
    }

    /** Runs a short task on an event loop later, whatever becomes of connections meanwhile. */
    public static void later(Runnable task, long delayMillis) {
        var unused = EventLoops.acquire()
                .next()
                .schedule(
                        () -> {
                            try {
                                task.run();
                            } finally {
                                EventLoops.release();
                            }
                        },
                        delayMillis,
                        TimeUnit.MILLISECONDS);
    }

    /** True on the event loop's thread, where nothing may wait for a reply. */
    public boolean onEventLoop() {
        return loop.inEventLoop();
    }

    /** Closes the socket; what waits fails with {@code reason}. Twice is harmless. */
    public void close(String reason) {
        lose(new ConnectionLostException(reason, null));
    }

    private int nextCorrelationId() {
        return lastCorrelationId.incrementAndGet() & Integer.MAX_VALUE;
    }

    private ConnectionLostException fail(Throwable cause) {
        String what = cause == null
                ? "the broker at " + peer + " has closed the connection"
                : "the connection to " + peer + " has failed: "
                        + (cause.getMessage() == null ? cause : cause.getMessage());
        return lose(new ConnectionLostException(what, cause));
    }

    private ConnectionLostException lose(ConnectionLostException cause) {
        if (!lost.compareAndSet(null, cause)) {
            return lost.get();
        }
        channel.close().addListener(done -> reading.close());
        // Always as a task: a caller may hold locks that those who are told need too.
        loop.execute(() -> {
            for (Integer id : pending.keySet()) {
                PendingReply reply = pending.remove(id);
                if (reply != null) {
                    reply.completeExceptionally(cause);
                }
            }
            try {
                listener.closed(cause);
            } finally {
                EventLoops.release();
            }
        });
        return cause;
    }

    private void scheduleSweep() {
        long intervalMillis = Math.max(10, Math.min(1000, options.callTimeoutMillis() / 8));
        schedule(
                () -> {
                    sweep();
                    scheduleSweep();
                },
                intervalMillis);
    }

    private void sweep() {
        long now = System.nanoTime();
        for (Map.Entry<Integer, PendingReply> entry : pending.entrySet()) {
            PendingReply reply = entry.getValue();
            if (reply.deadlineNanos - now <= 0 && pending.remove(entry.getKey(), reply)) {
                reply.completeExceptionally(new RequestTimedOutException(
                        "the broker at " + peer + " has not answered request " + reply.apiKey + " in time"));
            }
        }
    }

    /** Event loop, or who reads in its place. */
    private final class Incoming implements FrameReader.Frames {
        @Override
        public void frame(ByteBuffer frame) throws MalformedFrameException {
            int correlationId = frame.getInt();
            if (correlationId == PUSH) {
                if (frame.remaining() < 4) {
                    throw new MalformedFrameException("a push of " + frame.remaining() + " bytes");
                }
                listener.pushed(frame.getShort(), frame.getShort(), frame);
                return;
            }
            PendingReply reply = pending.remove(correlationId);
            if (reply == null) {
                return; // Its deadline has passed, and who asked has been told.
            }
            if (reply.apiKey == API_VERSIONS) {
                reply.complete(frame);
            } else {
                complete(reply, frame);
            }
        }

        private void complete(PendingReply reply, ByteBuffer frame) throws MalformedFrameException {
            if (frame.remaining() < 4) {
                throw new MalformedFrameException("a reply of " + frame.remaining() + " bytes");
            }
            short error = frame.getShort();
            int textBytes = frame.getShort();
            if (textBytes > frame.remaining()) {
                throw new MalformedFrameException("an error text of " + textBytes + " bytes in a shorter frame");
            }
            String text = "";
            if (textBytes >= 0) {
                text = StandardCharsets.UTF_8
                        .decode(frame.slice(frame.position(), textBytes))
                        .toString();
                frame.position(frame.position() + textBytes);
            }
            if (error == 0) {
                reply.complete(frame);
            } else {
                reply.completeExceptionally(new RemoteErrorException(error, text));
            }
        }

        @Override
        public void lost(Throwable cause) {
            fail(cause);
        }
    }
}
