package io.penstock.jms.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever reads, everything arrives once, whole, and without waiting for a thread that has other things to do. */
@Timeout(30)
class CallerReadingTest {
    private static final short KEY = 20013;
    private static final int ATTEMPTS = 40;
    private static final long LONG_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** A push and the thread that read it. */
    private record Push(int number, Thread reader) {}

    private final BlockingQueue<Push> pushes = new LinkedBlockingQueue<>();
    private final BlockingQueue<ConnectionLostException> losses = new LinkedBlockingQueue<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    /** What has been pushed is being dealt with until it is open. */
    private volatile CountDownLatch blocking = new CountDownLatch(0);

    private ScriptedPeer peer;
    private Transport transport;

    @BeforeEach
    void connect() throws IOException {
        peer = new ScriptedPeer();
        TransportOptions options = new TransportOptions("test", 5000, 20_000, 1 << 20);
        transport = Transport.connect("127.0.0.1", peer.port(), options, new TransportListener() {
            @Override
            public void pushed(short kind, short version, ByteBuffer body) {
                pushes.add(new Push(body.getInt(), Thread.currentThread()));
                try {
                    blocking.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }

            @Override
            public void closed(ConnectionLostException cause) {
                losses.add(cause);
            }
        });
        peer.accept();
    }

    @AfterEach
    void close() throws IOException {
        transport.close("the test is over");
        threads.shutdownNow();
        peer.close();
    }

    private static ByteBuffer number(int number) {
        return ByteBuffer.allocate(4).putInt(0, number);
    }

    private static FrameBody body(int number) {
        return new FrameBody() {
            @Override
            public int sizeBytes() {
                return 4;
            }

            @Override
            public void writeTo(ByteBuffer dst) {
                dst.putInt(number);
            }
        };
    }

    /** Waits again and again until waiting means reading. */
    private void untilCallersRead() throws Exception {
        for (int i = 0; i < ATTEMPTS; i++) {
            peer.push(1, number(i));
            transport.readUntil(() -> !pushes.isEmpty(), LONG_NANOS, true);
            Push push = pushes.poll(5, TimeUnit.SECONDS);
            assertEquals(i, push.number);
            if (push.reader.equals(Thread.currentThread())) {
                return;
            }
        }
        fail("the event loop has read " + ATTEMPTS + " times for a thread that waited alone");
    }

    @Test
    void aThreadThatWaitsAloneReadsItself() throws Exception {
        untilCallersRead();
    }

    @Test
    void whereOthersMayWaitTheEventLoopReads() throws Exception {
        for (int i = 0; i < 100; i++) {
            peer.push(1, number(i));
            transport.readUntil(() -> !pushes.isEmpty(), LONG_NANOS, false);
            assertFalse(pushes.poll(5, TimeUnit.SECONDS).reader.equals(Thread.currentThread()));
        }
    }

    @Test
    void whatComesWhileNobodyWaitsIsReadByTheLoop() throws Exception {
        untilCallersRead();
        peer.push(1, number(7));
        assertEquals(7, pushes.poll(5, TimeUnit.SECONDS).number);
    }

    @Test
    void whatHasArrivedCanBeTakenWithoutWaiting() throws Exception {
        untilCallersRead();
        transport.readArrived();
        assertNull(pushes.poll());
    }

    @Test
    void anotherRequestIsAnsweredWhileSomebodyReads() throws Exception {
        untilCallersRead();
        Future<?> reader = threads.submit(() -> transport.readUntil(() -> false, LONG_NANOS, true));
        CompletableFuture<ByteBuffer> request = transport.request(KEY, (short) 0, body(1));
        peer.reply(peer.read().correlationId(), number(5));
        assertEquals(5, request.get(5, TimeUnit.SECONDS).getInt());
        reader.get(5, TimeUnit.SECONDS); // It would be in the way of the loop.
    }

    @Test
    void aFrameMayBeReadByTwo() throws Exception {
        untilCallersRead();
        byte[] push = ByteBuffer.allocate(16)
                .putInt(12)
                .putInt(-1)
                .putShort((short) 1)
                .putShort((short) 0)
                .putInt(42)
                .array();
        peer.writeRaw(java.util.Arrays.copyOf(push, 9));
        transport.readUntil(() -> false, TimeUnit.MILLISECONDS.toNanos(100), true);
        transport.readByLoop();
        peer.writeRaw(java.util.Arrays.copyOfRange(push, 9, 16));
        assertEquals(42, pushes.poll(5, TimeUnit.SECONDS).number);
    }

    @Test
    void theEndOfTheConnectionIsSeenByWhoeverReads() throws Exception {
        untilCallersRead();
        peer.hangUp();
        transport.readUntil(() -> false, LONG_NANOS, true);
        assertNotNull(losses.poll(5, TimeUnit.SECONDS));
        assertFalse(transport.isOpen());
    }

    @Test
    void closingEndsTheReading() throws Exception {
        untilCallersRead();
        Future<?> reader = threads.submit(() -> transport.readUntil(() -> false, LONG_NANOS, true));
        transport.close("enough");
        reader.get(5, TimeUnit.SECONDS);
        assertNotNull(losses.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void whoeverComesAfterTheConnectionCanAwaitItsReader() throws Exception {
        untilCallersRead();
        blocking = new CountDownLatch(1);
        Future<?> reader = threads.submit(() -> transport.readUntil(() -> false, LONG_NANOS, true));
        peer.push(1, number(9));
        assertEquals(9, pushes.poll(5, TimeUnit.SECONDS).number);
        transport.close("lost");
        assertNotNull(losses.poll(5, TimeUnit.SECONDS)); // The loop is done with it, the reader is not.
        Future<?> waiting = threads.submit(transport::awaitReader);
        assertThrows(TimeoutException.class, () -> waiting.get(50, TimeUnit.MILLISECONDS));
        blocking.countDown();
        waiting.get(5, TimeUnit.SECONDS);
        reader.get(5, TimeUnit.SECONDS);
    }

    @Test
    void interruptedReadersReturnAndTheSocketStays() throws Exception {
        untilCallersRead();
        Thread.currentThread().interrupt();
        transport.readUntil(() -> false, LONG_NANOS, true);
        Thread.interrupted();
        peer.push(1, number(3));
        assertEquals(3, pushes.poll(5, TimeUnit.SECONDS).number);
    }

    @Test
    void manyThreadsThatWaitAndOthersThatDoNotAllGetTheirOwnAnswer() throws Exception {
        int each = 2000;
        List<Future<Integer>> clients = new ArrayList<>();
        for (int t = 0; t < 3; t++) {
            int id = t;
            clients.add(threads.submit(() -> {
                int good = 0;
                for (int i = 0; i < each; i++) {
                    int number = id * each + i;
                    // The first is alone for a while, then two others join, one of which never reads.
                    boolean reads = id < 2;
                    CompletableFuture<ByteBuffer> reply = reads
                            ? transport.requestUnhurried(KEY, (short) 0, body(number), false)
                            : transport.request(KEY, (short) 0, body(number));
                    if (reads) {
                        transport.readUntil(reply::isDone, LONG_NANOS, true);
                    }
                    good += reply.get(10, TimeUnit.SECONDS).getInt() == number ? 1 : 0;
                }
                return good;
            }));
        }
        for (int i = 0; i < 3 * each; i++) {
            ScriptedPeer.Request request = peer.read();
            peer.reply(request.correlationId(), request.body());
        }
        for (Future<Integer> client : clients) {
            assertEquals(each, client.get(10, TimeUnit.SECONDS));
        }
    }
}
