package io.penstock.jms.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Lets a thread that waits for the broker read the socket itself: what it waits for then comes without a hand-over from
 * the event loop, which costs two wake-ups more. The event loop reads at first, and again whenever something is awaited
 * that no thread reads for, or two threads want to read.
 *
 * <pre>
 *                    often enough the only one who waits
 *   event loop reads ----------------------------------> callers read
 *        ^                                                    |
 *        +-- another kind of request, a second reader, or ----+
 *            nobody reads for a while; then "often" is twice as often
 * </pre>
 *
 * <p>Any thread. Who reads holds {@code role}, and only he feeds the frame reader while callers read. Closed by its
 * transport.
 */
final class CallerReading {
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int WAITS_FIRST = 16;
    private static final int WAITS_MAX = 1 << 20;
    private static final long PATROL_MILLIS = 20;

    private static final ThreadLocal<ByteBuf> BUFFER =
            ThreadLocal.withInitial(() -> Unpooled.directBuffer(BUFFER_BYTES, BUFFER_BYTES));

    private final SocketChannel socket;
    private final Channel channel;
    private final FrameReader frames;
    private final BooleanSupplier othersWait;
    private final ReentrantLock role = new ReentrantLock();
    /** False when the event loop reads, or is about to. */
    private volatile boolean callersRead;
    /** The event loop must be told to read by the next one who gets the role. */
    private volatile boolean handBack;
    /** Somebody wanted to read and found a reader. */
    private volatile boolean refused;

    private volatile boolean usedSincePatrol;
    private volatile boolean closed;
    private volatile Selector selector;
    private volatile int waits;
    private volatile int waitsNeeded = WAITS_FIRST;
    /** Event loop only. */
    private boolean loopReads = true;

    /** @param othersWait true when more than one thread waits for an answer */
    CallerReading(SocketChannel socket, Channel channel, FrameReader frames, BooleanSupplier othersWait) {
        this.socket = socket;
        this.othersWait = othersWait;
        this.channel = channel;
        this.frames = frames;
    }

    /**
     * Reads until {@code done}, or time is up, or the event loop reads: the caller must be ready to wait in another way.
     *
     * @param done asked after each read
     * @param alone nothing comes on this connection but what this caller waits for
     */
    void readUntil(BooleanSupplier done, long timeoutNanos, boolean alone) {
        if (!callersRead && !(isOften(alone) && takeFromLoop())) {
            return;
        }
        if (role.isHeldByCurrentThread()) {
            return; // Called by what a frame has led to.
        }
        if (!role.tryLock()) {
            refused = true;
            // The reader looks after unlocking; either he sees it, or he has unlocked before this.
            if (!role.tryLock()) {
                return;
            }
            refused = false;
        }
        try {
            usedSincePatrol = true;
            read(done, System.nanoTime() + timeoutNanos);
        } finally {
            role.unlock();
            // Also when what was read has led to an Error: otherwise nobody would read for the others.
            if (refused) {
                refused = false;
                leave();
            }
            giveToLoop();
        }
    }

    private void read(BooleanSupplier done, long deadlineNanos) {
        while (callersRead && !done.getAsBoolean()) {
            long leftNanos = deadlineNanos - System.nanoTime();
            if (leftNanos <= 0 || Thread.currentThread().isInterrupted()) {
                return;
            }
            try {
                selector.select(TimeUnit.NANOSECONDS.toMillis(leftNanos) + 1);
                selector.selectedKeys().clear();
                if (callersRead && readOnce() < 0) {
                    toLoop(); // It sees the end itself, and tells whom it concerns.
                }
            } catch (IOException e) {
                toLoop();
            }
        }
    }

    /** Takes what has arrived, when callers read and none is reading now. */
    void readArrived() {
        if (callersRead && !role.isHeldByCurrentThread() && role.tryLock()) {
            try {
                while (callersRead && readOnce() > 0) {
                    // Until nothing is there.
                }
            } catch (IOException e) {
                toLoop();
            } finally {
                role.unlock();
            }
            giveToLoop();
        }
    }

    /** How many bytes came; negative at the end of the stream. */
    private int readOnce() throws IOException {
        ByteBuf buffer = BUFFER.get();
        ByteBuffer space = buffer.internalNioBuffer(0, BUFFER_BYTES);
        int count = socket.read(space);
        if (count > 0) {
            buffer.setIndex(0, count);
            frames.feed(buffer);
        }
        return count;
    }

    // ---- who reads

    private boolean isOften(boolean alone) {
        int now = waits + 1; // A count that is lost between threads does not matter.
        waits = alone ? now : 0;
        if (waits < waitsNeeded) {
            return false;
        }
        waits = 0;
        return true;
    }

    /** Waits for the loop, so that what comes next is not left unread by both. */
    private boolean takeFromLoop() {
        if (closed || channel.eventLoop().inEventLoop()) {
            return false;
        }
        channel.eventLoop().submit(this::toCallers).awaitUninterruptibly();
        return callersRead;
    }

    private void toCallers() {
        if (!loopReads || handBack || closed || othersWait.getAsBoolean()) {
            return;
        }
        try {
            if (selector == null) {
                Selector own = Selector.open();
                socket.register(own, SelectionKey.OP_READ);
                selector = own;
            }
        } catch (IOException | RuntimeException e) {
            waitsNeeded =
                    Integer.MAX_VALUE; // No descriptor left, or the socket has just gone: the loop goes on reading.
            return;
        }
        loopReads = false;
        channel.config().setAutoRead(false);
        refused = false;
        usedSincePatrol = true;
        callersRead = true;
        schedulePatrol();
    }

    private void schedulePatrol() {
        var unused = channel.eventLoop().schedule(this::patrol, PATROL_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void patrol() {
        if (!callersRead) {
            return;
        }
        if (role.isLocked() || usedSincePatrol) {
            usedSincePatrol = false;
            schedulePatrol();
        } else {
            leave();
        }
    }

    /** It did not pay, so next time it takes longer to begin. */
    private void leave() {
        waitsNeeded = Math.min(WAITS_MAX, 2 * waitsNeeded);
        toLoop();
    }

    /** Something is awaited that no thread reads for. */
    void toLoop() {
        if (callersRead) {
            callersRead = false;
            handBack = true;
            selector.wakeup();
            giveToLoop();
        }
    }

    /** Done by whoever finds the role free; a reader comes here when he has unlocked. */
    private void giveToLoop() {
        while ((handBack || closed) && !role.isHeldByCurrentThread() && role.tryLock()) {
            try {
                if (closed) {
                    closeSelector();
                    return;
                }
                if (handBack) {
                    handBack = false;
                    channel.eventLoop().execute(() -> {
                        loopReads = true;
                        channel.config().setAutoRead(true);
                    });
                }
            } finally {
                role.unlock();
            }
        }
    }

    /** After the channel was closed; its descriptor is free when the selector has gone too. */
    void close() {
        closed = true;
        callersRead = false;
        Selector own = selector;
        if (own != null) {
            own.wakeup();
            giveToLoop();
        }
    }

    /** Returns when whoever reads has left; after {@link #close} nobody comes after him. */
    void awaitReader() {
        if (!role.isHeldByCurrentThread()) {
            role.lock();
            role.unlock();
            giveToLoop();
        }
    }

    private void closeSelector() {
        Selector own = selector;
        if (own == null) {
            return; // The loop alone has read.
        }
        try {
            own.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
