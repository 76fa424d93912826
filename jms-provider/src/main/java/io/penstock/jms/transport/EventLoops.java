package io.penstock.jms.transport;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.penstock.jms.thread.LibraryThread;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The event loops that all connections of a class loader share: half as many threads as there are cores, daemons, ended
 * a little after the last connection. NIO and not epoll, because only then a writer may write to the socket itself
 * ({@link SocketWriter}).
 */
final class EventLoops {
    private static final int LINGER_SECONDS = 5;
    private static EventLoopGroup group;
    private static int users;

    private EventLoops() {}

    static synchronized EventLoopGroup acquire() {
        if (group == null) {
            int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
            ThreadFactory named = new DefaultThreadFactory("penstock-jms-io", true);
            ThreadFactory clean = task -> LibraryThread.clean(() -> named.newThread(task));
            group = new MultiThreadIoEventLoopGroup(threads, clean, NioIoHandler.newFactory());
        }
        users++;
        return group;
    }

    static synchronized void release() {
        users--;
        if (users == 0) {
            EventLoopGroup idle = group;
            var unused = idle.schedule(() -> endIfIdle(idle), LINGER_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static synchronized void endIfIdle(EventLoopGroup idle) {
        if (users == 0 && group == idle) {
            group = null;
            idle.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
