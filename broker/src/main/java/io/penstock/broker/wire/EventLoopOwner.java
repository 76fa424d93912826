package io.penstock.broker.wire;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.penstock.storage.time.Owner;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An event loop as an owner of partitions. Lives as long as its loop; tasks that come later are dropped. */
final class EventLoopOwner implements Owner {
    private static final Logger log = LoggerFactory.getLogger(EventLoopOwner.class);

    private final EventLoop loop;

    EventLoopOwner(EventLoop loop) {
        this.loop = loop;
    }

    EventLoop loop() {
        return loop;
    }

    @Override
    public boolean isCurrent() {
        return loop.inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("the loop has ended; a task is dropped");
        }
    }

    @Override
    public Cancellable schedule(Runnable task, long delayNanos) {
        try {
            ScheduledFuture<?> future = loop.schedule(guarded(task), delayNanos, TimeUnit.NANOSECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException e) {
            log.debug("the loop has ended; a timer is dropped");
            return () -> {};
        }
    }

    /** The loop logs what escapes from a plain task, but keeps silent about a timer: its future is nobody's. */
    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                log.error("a timer failed", e);
            }
        };
    }
}
