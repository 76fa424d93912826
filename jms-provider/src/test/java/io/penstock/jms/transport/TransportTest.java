package io.penstock.jms.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TransportTest {
    private static final short KEY = 20013;

    private ScriptedPeer peer;
    private Transport transport;
    private final BlockingQueue<ByteBuffer> pushes = new LinkedBlockingQueue<>();
    private final BlockingQueue<ConnectionLostException> losses = new LinkedBlockingQueue<>();

    @BeforeEach
    void listen() throws IOException {
        peer = new ScriptedPeer();
    }

    @AfterEach
    void close() throws IOException {
        if (transport != null) {
            transport.close("the test is over");
        }
        peer.close();
    }

    private void connect(int callTimeoutMillis) throws IOException {
        TransportOptions options = new TransportOptions("test", 5000, callTimeoutMillis, 1 << 20);
        transport = Transport.connect("127.0.0.1", peer.port(), options, new TransportListener() {
            @Override
            public void pushed(short kind, short version, ByteBuffer body) {
                pushes.add(body);
            }

            @Override
            public void closed(ConnectionLostException cause) {
                losses.add(cause);
            }
        });
        peer.accept();
    }

    private static FrameBody body(int bytes, int value) {
        return new FrameBody() {
            @Override
            public int sizeBytes() {
                return bytes;
            }

            @Override
            public void writeTo(ByteBuffer dst) {
                for (int i = 0; i < bytes; i++) {
                    dst.put((byte) value);
                }
            }
        };
    }

    private static Throwable failure(CompletableFuture<?> future) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> future.get(20, TimeUnit.SECONDS));
        return e.getCause();
    }

    @Test
    void repliesAreTakenInAnyOrder() throws Exception {
        connect(5000);
        CompletableFuture<ByteBuffer> first = transport.request(KEY, (short) 0, body(1, 1));
        CompletableFuture<ByteBuffer> second = transport.request(KEY, (short) 0, body(1, 2));
        ScriptedPeer.Request one = peer.read();
        ScriptedPeer.Request two = peer.read();

        peer.reply(two.correlationId(), ByteBuffer.wrap(new byte[] {22}));
        peer.reply(one.correlationId(), ByteBuffer.wrap(new byte[] {11}));

        assertEquals(11, first.get(5, TimeUnit.SECONDS).get());
        assertEquals(22, second.get(5, TimeUnit.SECONDS).get());
    }

    @Test
    void errorRepliesFailTheirRequestAndNothingElse() throws Exception {
        connect(5000);
        CompletableFuture<ByteBuffer> request = transport.request(KEY, (short) 0, FrameBody.EMPTY);
        peer.fail(peer.read().correlationId(), 7, "no such queue");

        RemoteErrorException error = assertInstanceOf(RemoteErrorException.class, failure(request));
        assertEquals(7, error.code());
        assertEquals("no such queue", error.getMessage());
        assertTrue(transport.isOpen());
    }

    @Test
    void requestsTimeOutAndLateRepliesAreIgnored() throws Exception {
        connect(100);
        CompletableFuture<ByteBuffer> slow = transport.request(KEY, (short) 0, FrameBody.EMPTY);
        ScriptedPeer.Request request = peer.read();

        assertInstanceOf(RequestTimedOutException.class, failure(slow));
        peer.reply(request.correlationId(), ByteBuffer.allocate(0));

        CompletableFuture<ByteBuffer> next =
                transport.request(KEY, (short) 0, FrameBody.EMPTY, false, TimeUnit.SECONDS.toMillis(10));
        peer.reply(peer.read().correlationId(), ByteBuffer.wrap(new byte[] {3}));
        assertEquals(3, next.get(5, TimeUnit.SECONDS).get());
    }

    @Test
    void lossOfTheConnectionFailsAllThatWaitsAndTellsOnce() throws Exception {
        connect(5000);
        CompletableFuture<ByteBuffer> waiting = transport.request(KEY, (short) 0, FrameBody.EMPTY);
        peer.read();
        peer.hangUp();

        assertInstanceOf(ConnectionLostException.class, failure(waiting));
        assertTrue(losses.poll(5, TimeUnit.SECONDS).getMessage().contains("127.0.0.1:" + peer.port()));
        assertInstanceOf(ConnectionLostException.class, failure(transport.request(KEY, (short) 0, FrameBody.EMPTY)));
        assertThrows(ConnectionLostException.class, () -> transport.oneWay(KEY, (short) 0, FrameBody.EMPTY, true));
        transport.close("again");
        assertFalse(transport.isOpen());
        assertTrue(losses.isEmpty());
    }

    @Test
    void pushesComeByteByByte() throws Exception {
        connect(5000);
        byte[] push = ByteBuffer.allocate(13)
                .putInt(9)
                .putInt(-1)
                .putShort((short) 1)
                .putShort((short) 0)
                .put((byte) 42)
                .array();
        for (byte one : push) {
            peer.writeRaw(new byte[] {one});
        }
        assertEquals(42, pushes.poll(5, TimeUnit.SECONDS).get());
    }

    @Test
    void framesThatAreTooLongOrNegativeEndTheConnection() throws Exception {
        for (int length : new int[] {-1, 0, 3, Integer.MAX_VALUE, (1 << 20) + 1}) {
            connect(5000);
            peer.writeRaw(ByteBuffer.allocate(4).putInt(length).array());

            ConnectionLostException lost = losses.poll(5, TimeUnit.SECONDS);
            assertInstanceOf(MalformedFrameException.class, lost.getCause(), "length " + length);
        }
    }

    @Test
    void whatThePeerIsSlowToReadArrivesWholeAndInOrder() throws Exception {
        connect(20_000);
        int frames = 200;
        Thread writer = new Thread(() -> {
            for (int i = 0; i < frames; i++) {
                try {
                    transport.oneWay(KEY, (short) 0, body(100_000, i), i % 3 == 0);
                } catch (ConnectionLostException e) {
                    return;
                }
            }
        });
        writer.start();
        List<Integer> read = new ArrayList<>();
        for (int i = 0; i < frames; i++) {
            ByteBuffer body = peer.read().body();
            assertEquals(100_000, body.remaining());
            read.add(body.get(99_999) & 0xff);
        }
        writer.join();
        for (int i = 0; i < frames; i++) {
            assertEquals(i, read.get(i));
        }
    }

    @Test
    void framesOfManyThreadsAreNeverTornAndKeepTheOrderOfEach() throws Exception {
        connect(20_000);
        int threads = 8;
        int each = 500;
        AtomicInteger failures = new AtomicInteger();
        for (int t = 0; t < threads; t++) {
            int id = t;
            new Thread(() -> {
                        for (int i = 0; i < each; i++) {
                            int number = i;
                            try {
                                transport.oneWay(
                                        KEY,
                                        (short) 0,
                                        new FrameBody() {
                                            @Override
                                            public int sizeBytes() {
                                                return 8 + number % 3000;
                                            }

                                            @Override
                                            public void writeTo(ByteBuffer dst) {
                                                dst.putInt(id).putInt(number);
                                                dst.put(new byte[number % 3000]);
                                            }
                                        },
                                        number % 5 == 0);
                            } catch (IOException e) {
                                failures.incrementAndGet();
                            }
                        }
                    })
                    .start();
        }
        int[] next = new int[threads];
        for (int i = 0; i < threads * each; i++) {
            ByteBuffer body = peer.read().body();
            int id = body.getInt();
            int number = body.getInt();
            assertEquals(next[id]++, number);
            assertEquals(number % 3000, body.remaining());
        }
        assertEquals(0, failures.get());
    }

    @Test
    void nobodyListeningIsSaidWithTheAddress() throws Exception {
        int port = peer.port();
        peer.close();
        IOException e = assertThrows(
                IOException.class,
                () -> Transport.connect("127.0.0.1", port, new TransportOptions("test", 1000, 1000, 1 << 20), null));
        assertTrue(e.getMessage().contains("127.0.0.1:" + port), e.getMessage());
    }

    @Test
    void interruptedWritersDoNotCloseTheSharedSocket() throws Exception {
        connect(5000);
        Thread.currentThread().interrupt();
        CompletableFuture<ByteBuffer> request = transport.request(KEY, (short) 0, FrameBody.EMPTY);
        assertTrue(Thread.interrupted());

        peer.reply(peer.read().correlationId(), ByteBuffer.wrap(new byte[] {1}));
        assertEquals(1, request.get(5, TimeUnit.SECONDS).get());
    }
}
