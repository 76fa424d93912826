package io.penstock.jms.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writes frames to the socket on the thread that has them, so that a blocking send wakes no event loop of its own and an
 * acknowledgement is on the socket when the call returns. What the socket does not take at once goes through Netty, and
 * so does everything behind it until that is written.
 *
 * <p>Any thread. A thread that finds another one writing leaves its frame to it, unless it must know that the frame is
 * on the socket. Frames of one thread keep their order. The queue is bounded by what sessions may have under way (their
 * send windows and prefetch).
 */
final class SocketWriter {
    private static final int SCRATCH_BYTES = 64 * 1024;
    /** The JDK keeps a direct buffer of the largest heap buffer that a thread has written. */
    private static final int SLICE_BYTES = 256 * 1024;

    private static final ThreadLocal<ByteBuffer> SCRATCH =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(SCRATCH_BYTES));

    private final SocketChannel socket;
    private final Channel channel;
    private final long patienceMillis;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<ByteBuffer> waiting = new ConcurrentLinkedQueue<>();
    /** Writes that Netty has not finished. While there are any, nothing may overtake them. */
    private final AtomicInteger handedOver = new AtomicInteger();

    SocketWriter(SocketChannel socket, Channel channel, long patienceMillis) {
        this.socket = socket;
        this.channel = channel;
        this.patienceMillis = patienceMillis;
    }

    /**
     * @param onSocket true to return only when the frame is in the socket's buffer
     * @throws IOException if the socket is broken; the caller closes it
     */
    void write(RequestFrame frame, boolean onSocket) throws IOException {
        int size = frame.sizeBytes();
        ByteBuffer buffer = size <= SCRATCH_BYTES ? SCRATCH.get().clear() : ByteBuffer.allocate(size);
        frame.writeTo(buffer);
        buffer.flip();
        if (onSocket) {
            lock.lock();
        } else if (!lock.tryLock()) {
            waiting.add(copy(buffer));
            writeWaiting();
            return;
        }
        ChannelPromise later;
        try {
            takeWaiting();
            later = put(buffer);
        } finally {
            lock.unlock();
        }
        writeWaiting();
        if (onSocket && later != null && !channel.eventLoop().inEventLoop()) {
            await(later);
        }
    }

    /** Who unlocks looks again: a frame may have been left between the last look and the unlocking. */
    private void writeWaiting() throws IOException {
        while (!waiting.isEmpty() && lock.tryLock()) {
            try {
                takeWaiting();
            } finally {
                lock.unlock();
            }
        }
    }

    private void takeWaiting() throws IOException {
        for (ByteBuffer next = waiting.poll(); next != null; next = waiting.poll()) {
            put(next);
        }
    }

    /** Returns null when all is in the socket's buffer, else the promise that tells when. Holds the lock. */
    private ChannelPromise put(ByteBuffer buffer) throws IOException {
        if (handedOver.get() == 0) {
            writeNow(buffer);
            if (!buffer.hasRemaining()) {
                return null;
            }
        }
        ByteBuffer rest = copy(buffer);
        ChannelPromise promise = channel.newPromise();
        handedOver.incrementAndGet();
        promise.addListener(done -> handedOver.decrementAndGet());
        // As a task also on the loop itself, or it would overtake what other threads have handed over.
        channel.eventLoop().execute(() -> channel.writeAndFlush(Unpooled.wrappedBuffer(rest), promise));
        return promise;
    }

    private void writeNow(ByteBuffer buffer) throws IOException {
        int end = buffer.limit();
        while (buffer.position() < end) {
            buffer.limit(Math.min(end, buffer.position() + SLICE_BYTES));
            socket.write(buffer);
            boolean full = buffer.hasRemaining();
            buffer.limit(end);
            if (full) {
                return;
            }
        }
    }

    private static ByteBuffer copy(ByteBuffer buffer) {
        return ByteBuffer.allocate(buffer.remaining()).put(buffer).flip();
    }

    private void await(ChannelPromise promise) throws IOException {
        if (!promise.awaitUninterruptibly(patienceMillis, TimeUnit.MILLISECONDS)) {
            throw new RequestTimedOutException("the broker has not read for " + patienceMillis + " ms");
        }
        if (!promise.isSuccess()) {
            throw new IOException("writing failed", promise.cause());
        }
    }
}
