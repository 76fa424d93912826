package io.penstock.storage.blocking;

import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingMethod;
import reactor.blockhound.integration.BlockHoundIntegration;

/**
 * What an event loop may not do, beyond what BlockHound knows, and what it may all the same, each with its reason.
 * Found by BlockHound itself.
 */
public final class EventLoopRules implements BlockHoundIntegration {
    private static final String LOOP = "penstock-loop";
    private static final String DISK = "io/penstock/storage/disk/FileDisk";
    private static final String FILE = "io/penstock/storage/disk/ChannelFile";

    @Override
    public void applyTo(BlockHound.Builder builder) {
        builder.nonBlockingThreadPredicate(
                usual -> usual.or(thread -> thread.getName().startsWith(LOOP)));
        builder.blockingMethodCallback(EventLoopRules::found);
        forbidSlowDiskWork(builder);
        allowShortWaits(builder);
        allowPageCache(builder);
    }

    private static void found(BlockingMethod method) {
        // Not thrown: the code under test may swallow it, and the test must fail whatever becomes of it.
        BlockingCalls.found(method.toString().replace('#', '.'));
    }

    /** What waits for the device, and directory work. Reads and writes of open files are the page cache's. */
    private static void forbidSlowDiskWork(BlockHound.Builder builder) {
        builder.markAsBlocking(FILE, "force", "(Z)V");
        builder.markAsBlocking(FILE, "allocate", "(J)V");
        builder.markAsBlocking(FILE, "truncate", "(J)V");
        builder.markAsBlocking(DISK, "open", "(Ljava/nio/file/Path;Z)Lio/penstock/storage/disk/DiskFile;");
        builder.markAsBlocking(DISK, "list", "(Ljava/nio/file/Path;)Ljava/util/List;");
        builder.markAsBlocking(DISK, "createDirectories", "(Ljava/nio/file/Path;)V");
        builder.markAsBlocking(DISK, "delete", "(Ljava/nio/file/Path;)V");
        builder.markAsBlocking(DISK, "rename", "(Ljava/nio/file/Path;Ljava/nio/file/Path;)V");
        builder.markAsBlocking(DISK, "syncDirectory", "(Ljava/nio/file/Path;)V");
    }

    private static void allowShortWaits(BlockHound.Builder builder) {
        // Handing a task to the I/O pool takes the queue's lock, and may start the pool's thread.
        builder.allowBlockingCallsInside("java.util.concurrent.ThreadPoolExecutor", "execute");
        // The same of the metadata store's thread.
        builder.allowBlockingCallsInside("java.util.concurrent.ScheduledThreadPoolExecutor", "execute");
        builder.allowBlockingCallsInside("java.util.concurrent.ScheduledThreadPoolExecutor", "schedule");
        // The JDK loads classes, and makes method handles of lambdas, at their first use.
        builder.allowBlockingCallsInside("java.lang.invoke.MethodHandleNatives", "linkCallSite");
        builder.allowBlockingCallsInside("java.lang.invoke.MethodHandleNatives", "linkMethod");
        // The JMS client's sessions meet their application under a lock that is held for a few instructions.
        builder.allowBlockingCallsInside("io.penstock.jms.session.SessionCore", "flushLazily");
        builder.allowBlockingCallsInside("io.penstock.jms.session.SessionCore", "delivered");
        builder.allowBlockingCallsInside("io.penstock.jms.session.SessionCore", "consumerFailed");
        builder.allowBlockingCallsInside("io.penstock.jms.session.SessionCore", "scheduleFlush");
        // Netty's allocator gives up memory that another loop is just taking some of.
        builder.allowBlockingCallsInside("io.netty.buffer.AdaptivePoolingAllocator", "allocate");
        // The JDK's channel waits for a thread of ours that is just writing to it without blocking.
        builder.allowBlockingCallsInside("io.netty.channel.socket.nio.NioSocketChannel", "doClose");
        builder.allowBlockingCallsInside("io.netty.channel.socket.nio.NioDomainSocketChannel", "doClose");
        // Ids and tokens, one for a connection or a topic: /dev/urandom never waits.
        builder.allowBlockingCallsInside("java.security.SecureRandom", "nextBytes");
    }

    /**
     * By design owners write to the page cache and read from it; they do so through files that are opened at their first
     * use, since most segments of ten thousand queues are never touched. Opening takes a look into the kernel's cache of
     * names, and an entry in it for a new file; nothing is forced.
     */
    private static void allowPageCache(BlockHound.Builder builder) {
        builder.allowBlockingCallsInside("io.penstock.storage.log.FileHandle", "open");
        // A replica that was away for so long that its leader has given up what it lacks begins anew, empty, and that
        // must
        // be on the disk before anything else of it (Journal.syncNow). Rare: once for such a return.
        builder.allowBlockingCallsInside("io.penstock.storage.log.SegmentedLog", "restartAt");
        // So it is with what a follower cuts off because its new leader never had it.
        builder.allowBlockingCallsInside("io.penstock.storage.log.SegmentedLog", "truncateTo");
    }
}
