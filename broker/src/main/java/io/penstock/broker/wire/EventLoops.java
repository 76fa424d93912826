package io.penstock.broker.wire;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.penstock.broker.partition.Owners;
import io.penstock.storage.time.Owner;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The broker's threads: event loops that serve connections and own partitions. Made and closed by the composition
 * root, the loops end last but for the log store.
 */
public final class EventLoops implements Owners, AutoCloseable {
    /** Time that tasks which are running get to end. */
    private static final long CLOSE_SECONDS = 10;

    private final EventLoopGroup group;
    private final Class<? extends ServerChannel> serverChannel;
    private final Class<? extends ServerChannel> localServerChannel;
    private final Class<? extends Channel> clientChannel;
    private final Map<EventLoop, EventLoopOwner> owners = new LinkedHashMap<>();
    private final List<Owner> inTurn;
    private final AtomicInteger turn = new AtomicInteger();

    /** @param count of threads, each named {@code penstock-loop-N} */
    public EventLoops(int count) {
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        group = new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory("penstock-loop"), io);
        serverChannel = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        localServerChannel = epoll
                ? EpollServerDomainSocketChannel.class
                : LocalSocketFile.possible() ? NioServerDomainSocketChannel.class : null;
        clientChannel = epoll ? EpollSocketChannel.class : NioSocketChannel.class;
        group.forEach(executor -> {
            EventLoop loop = (EventLoop) executor;
            owners.put(loop, new EventLoopOwner(loop));
        });
        inTurn = List.copyOf(new ArrayList<>(owners.values()));
    }

    @Override
    public Owner next() {
        return inTurn.get(Math.floorMod(turn.getAndIncrement(), inTurn.size()));
    }

    @Override
    public List<Owner> all() {
        return inTurn;
    }

    EventLoopGroup group() {
        return group;
    }

    Class<? extends ServerChannel> serverChannel() {
        return serverChannel;
    }

    /** Listens at a file; null where there is no such thing. */
    Class<? extends ServerChannel> localServerChannel() {
        return localServerChannel;
    }

    /** Of such a channel, at a file. */
    static SocketAddress localAddress(Class<? extends ServerChannel> localServerChannel, Path file) {
        return localServerChannel == NioServerDomainSocketChannel.class
                ? UnixDomainSocketAddress.of(file)
                : new DomainSocketAddress(file.toString());
    }

    Class<? extends Channel> clientChannel() {
        return clientChannel;
    }

    EventLoopOwner owner(EventLoop loop) {
        return owners.get(loop);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
}
