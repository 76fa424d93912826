package io.penstock.broker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.request.ClientConnection.OutgoingFrame;
import io.penstock.broker.request.HandlerRegistry;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.protocol.message.PenstockApi;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a client has said before it died is heard, also when it was not read yet because the client did not take what it was
 * sent (JMS-RULES 6).
 */
@Timeout(30)
class LastWordsIT {
    private static final int LATE = 1000;

    @TempDir
    Path directory;

    private final EventLoops loops = new EventLoops(1);
    private final Flood flood = new Flood();
    private WireServer server;
    private InetSocketAddress address;

    /** Answers the first with more than sockets take, the others with nothing. */
    private static final class Flood implements PrivateHandler {
        private final AtomicInteger heard = new AtomicInteger();
        private volatile ClientConnection connection;

        @Override
        public PenstockApi api() {
            return PenstockApi.PING;
        }

        @Override
        public void handle(Call call, ByteBuffer body) {
            if (heard.incrementAndGet() == 1) {
                for (int i = 0; i < 16; i++) {
                    call.connection().send(new Megabyte());
                }
                connection = call.connection();
            }
            call.done();
        }
    }

    private record Megabyte() implements OutgoingFrame {
        @Override
        public int sizeBytes() {
            return 1 << 20;
        }

        @Override
        public void writeTo(ByteBuffer dst) {
            dst.put(new byte[1 << 20]);
        }
    }

    @BeforeEach
    void listen() throws IOException {
        HandlerRegistry handlers = new HandlerRegistry().add(flood);
        server = new WireServer(loops, WireConfig.of(1 << 20, -1, 10, -1, LoginLimits.of(true, 1024)), handlers);
        address = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        server.listenLocally(directory);
        server.accept();
    }

    @AfterEach
    void close() {
        server.close();
        loops.close();
    }

    @Test
    void ofAClientByTcp() throws Exception {
        dieAfterLateFrames(address);
    }

    @Test
    void ofAClientByTheLocalSocket() throws Exception {
        try (Stream<Path> files = Files.list(directory.resolve("local"))) {
            dieAfterLateFrames(UnixDomainSocketAddress.of(files.findFirst().orElseThrow()));
        }
    }

    private void dieAfterLateFrames(SocketAddress broker) throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        try (SocketChannel client = SocketChannel.open(broker)) {
            client.write(pings(1));
            while (flood.connection == null || flood.connection.writable()) {
                Thread.sleep(1);
            }
            flood.connection.onClose(closed::countDown);
            ByteBuffer late = pings(LATE);
            client.write(late);
            assertEquals(0, late.remaining());
            assertEquals(1, flood.heard.get(), "the broker reads nothing from who does not read");
        }
        assertTrue(closed.await(20, TimeUnit.SECONDS));
        assertEquals(1 + LATE, flood.heard.get());
    }

    /** int32 length, int16 key, int16 version, int32 correlation id, no client name. */
    private static ByteBuffer pings(int count) {
        ByteBuffer frames = ByteBuffer.allocate(count * 14);
        for (int i = 0; i < count; i++) {
            frames.putInt(10).putShort(PenstockApi.PING.key()).putShort((short) 0);
            frames.putInt(i).putShort((short) -1);
        }
        return frames.flip();
    }
}
