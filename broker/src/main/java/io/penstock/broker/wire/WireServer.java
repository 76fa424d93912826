package io.penstock.broker.wire;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.timeout.IdleStateHandler;
import io.penstock.broker.request.HandlerRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens, and makes a {@link Connection} of each socket. Made and closed by the composition root; the loops are not
 * its own.
 */
public final class WireServer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WireServer.class);
    private static final int BACKLOG = 1024;
    private static final WriteBufferWaterMark WATER_MARKS = new WriteBufferWaterMark(256 << 10, 1 << 20);
    private static final long CLOSE_SECONDS = 5;

    private final EventLoops loops;
    private final WireConfig config;
    private final RequestBudget budget;
    private final RequestDispatch dispatch;
    private final Newcomers newcomers;
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicLong made = new AtomicLong();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final HandlerRegistry handlers;
    private final List<Channel> listeners = new CopyOnWriteArrayList<>();

    public WireServer(EventLoops loops, WireConfig config, HandlerRegistry handlers) {
        this.loops = loops;
        this.config = config;
        this.handlers = handlers;
        this.budget = new RequestBudget(config.allBytesMax());
        this.dispatch = new RequestDispatch(handlers);
        this.newcomers = new Newcomers(config.login());
    }

    /** Connections at this moment. */
    public int connections() {
        return count.get();
    }

    /**
     * Takes the address and returns it with the real port; connections wait until {@link #accept}.
     *
     * @throws IOException when the address cannot be had
     */
    public InetSocketAddress listen(InetSocketAddress address) throws IOException {
        ServerBootstrap sockets = sockets(loops.serverChannel())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true);
        Channel listening = bind(sockets, address);
        return (InetSocketAddress) listening.localAddress();
    }

    /**
     * Listens at a socket file too, for clients of this host, which are told of it; where the system has no such thing, or the
     * file cannot be had, they come by TCP as everybody does.
     */
    public void listenLocally(Path dataDirectory) {
        Class<? extends ServerChannel> type = loops.localServerChannel();
        if (type == null || !LocalSocketFile.possible()) {
            return;
        }
        try {
            Path file = LocalSocketFile.prepare(dataDirectory, Path.of(System.getProperty("java.io.tmpdir")));
            bind(sockets(type), EventLoops.localAddress(type, file));
            handlers.add(new LocalSocketHandler(file));
            log.debug("clients of this host are served at {}", file);
        } catch (IOException e) {
            log.warn("There is no local socket, clients of this host use TCP: {}", e.getMessage());
        }
    }

    private ServerBootstrap sockets(Class<? extends ServerChannel> type) {
        return new ServerBootstrap()
                .group(loops.group())
                .channel(type)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.AUTO_READ, false)
                // Netty's default makes a new buffer of native memory for each frame of a megabyte or so.
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                // A failed write would close the channel over what its client has said before.
                .childOption(ChannelOption.AUTO_CLOSE, false)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARKS)
                .childHandler(new Sockets());
    }

    private Channel bind(ServerBootstrap sockets, SocketAddress address) throws IOException {
        ChannelFuture bound = sockets.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(
                    "cannot listen on " + address + ": " + bound.cause().getMessage(), bound.cause());
        }
        listeners.add(bound.channel());
        return bound.channel();
    }

    /** Lets clients in. The dispatch table must be complete. */
    public void accept() {
        listeners.forEach(listener -> listener.config().setAutoRead(true));
    }

    /** Ends the connections of these users: they are gone, or have to log in with another password. */
    public void close(Set<String> users) {
        for (Connection connection : connections) {
            if (connection.admitted() && users.contains(connection.principal())) {
                connection.close("its login does not count any more");
            }
        }
    }

    /** Accepts nobody any more. */
    public void stopAccepting() {
        listeners.forEach(listener -> listener.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS));
    }

    /**
     * Ends all connections and waits until they are closed. To be called before the partitions close: a client that is
     * cut off asks again later, one that is told of a failure believes it.
     */
    @Override
    public void close() {
        stopAccepting();
        List<Connection> ending = List.copyOf(connections);
        CountDownLatch open = new CountDownLatch(ending.size());
        ending.forEach(connection -> {
            connection.onClose(open::countDown);
            connection.close("the broker stops");
        });
        try {
            if (!open.await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("{} connections were not closed within {} s", open.getCount(), CLOSE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Sockets extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            if (count.incrementAndGet() > config.connectionsMax()) {
                count.decrementAndGet();
                log.warn("{} is refused: there are {} connections already", LocalPeer.of(channel), count.get());
                channel.close();
                return;
            }
            FrameDecoder decoder = new FrameDecoder(config.frameBytesMax());
            Connection connection = new Connection(
                    Long.toString(made.incrementAndGet()),
                    channel,
                    loops.owner(channel.eventLoop()),
                    decoder,
                    dispatch,
                    budget,
                    config,
                    newcomers);
            connections.add(connection);
            channel.closeFuture().addListener(closed -> {
                count.decrementAndGet();
                connections.remove(connection);
            });
            if (config.idleMillis() > 0) {
                channel.pipeline()
                        .addLast("idle", new IdleStateHandler(0, 0, config.idleMillis(), TimeUnit.MILLISECONDS));
            }
            channel.pipeline().addLast("frames", decoder).addLast("connection", connection);
        }
    }
}
