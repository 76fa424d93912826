package io.penstock.broker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.penstock.broker.request.ApiVersionsHandler;
import io.penstock.broker.request.HandlerRegistry;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** RELIABILITY.md, bad input: connections without a login have a small frame limit, a number and a time. */
@Timeout(10)
class NewcomersTest {
    private static final int CONNECTIONS_MAX = 2;
    private static final long MILLIS = 1_000;
    private static final int FRAME_BYTES_MAX = 100;

    private final LoginLimits limits = new LoginLimits(false, FRAME_BYTES_MAX, CONNECTIONS_MAX, MILLIS);
    private final WireConfig config = new WireConfig(10_000, 0, 10, 1 << 20, 10, 1 << 20, 1 << 20, 1_000, limits);
    private final Newcomers newcomers = new Newcomers(limits);
    private int made;

    private record Client(EmbeddedChannel channel, Connection connection) {
        boolean isOpen() {
            channel.runPendingTasks();
            return channel.isOpen();
        }

        void pass(long millis) {
            channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private Client connect() {
        HandlerRegistry handlers = new HandlerRegistry();
        handlers.add(new ApiVersionsHandler(handlers));
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.freezeTime();
        FrameDecoder decoder = new FrameDecoder(config.frameBytesMax());
        Connection connection = new Connection(
                Integer.toString(++made),
                channel,
                new EventLoopOwner(channel.eventLoop()),
                decoder,
                new RequestDispatch(handlers),
                new RequestBudget(1 << 20),
                config,
                newcomers);
        channel.pipeline().addLast(decoder).addLast(connection);
        return new Client(channel, connection);
    }

    @Test
    void whoDoesNotLogInInTimeIsClosed() {
        Client silent = connect();
        Client user = connect();
        user.connection().admit("alice");
        silent.pass(MILLIS - 1);
        assertTrue(silent.isOpen());

        silent.pass(1);
        user.pass(10 * MILLIS);

        assertFalse(silent.isOpen());
        assertTrue(user.isOpen());
        assertEquals("alice", user.connection().principal());
        assertEquals(0, newcomers.count());
    }

    @Test
    void whenThereAreTooManyTheOldestGoes() {
        Client first = connect();
        Client second = connect();
        Client third = connect();

        assertFalse(first.isOpen());
        assertTrue(second.isOpen());
        assertTrue(third.isOpen());
        assertEquals(CONNECTIONS_MAX, newcomers.count());
        second.connection().admit("alice");
        Client fourth = connect();
        assertTrue(third.isOpen());
        assertTrue(fourth.isOpen());
    }

    @Test
    void whoIsGoneIsNotCounted() {
        connect().channel().close();
        connect().channel().close();
        Client third = connect();
        Client fourth = connect();

        assertTrue(third.isOpen());
        assertTrue(fourth.isOpen());
        assertEquals(2, newcomers.count());
    }

    @Test
    void framesAreSmallBeforeTheLogin() {
        Client stranger = connect();
        stranger.channel()
                .writeInbound(Unpooled.wrappedBuffer(ByteBuffer.allocate(64).putInt(0, FRAME_BYTES_MAX + 1)));
        assertFalse(stranger.isOpen());

        Client user = connect();
        user.connection().admit("alice");
        user.channel()
                .writeInbound(Unpooled.wrappedBuffer(ByteBuffer.allocate(64).putInt(0, FRAME_BYTES_MAX + 1)));
        assertTrue(user.isOpen());
    }
}
