package io.penstock.broker.wire;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.replication.PeerChannel.PeerCallback;
import io.penstock.broker.replication.PeerChannel.PeerReply;
import io.penstock.broker.replication.PeerChannel.PeerWatcher;
import io.penstock.broker.replication.PeerException;
import io.penstock.broker.replication.PeerException.Reason;
import io.penstock.protocol.message.AuthenticateRequest;
import io.penstock.protocol.message.MalformedMessageException;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateRequestHeader;
import io.penstock.protocol.message.PrivateResponseHeader;
import io.penstock.protocol.message.PushHeader;
import io.penstock.protocol.scram.ScramException;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to one other broker:
 *
 * <pre>
 * IDLE --send, hold--> CONNECTING --> LOGGING_IN --> OPEN --broke--> IDLE
 *   ^--pause is over-- PAUSED <--failed'--refused'                   (at once again when it is held)
 * </pre>
 *
 * What is sent while CONNECTING or LOGGING_IN waits; while PAUSED it fails at once. Its loop owns it.
 */
final class PeerConnection {
    private static final Logger log = LoggerFactory.getLogger(PeerConnection.class);
    private static final long PAUSE_MIN_MILLIS = 20;
    private static final long PAUSE_MAX_MILLIS = 1000;
    private static final int CONNECT_MILLIS = 5000;
    private static final long LOGIN_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int WAITING_MAX = 10_000;

    private final int brokerId;
    private final EventLoop loop;
    private final EventLoopOwner loopOwner;
    private final Class<? extends Channel> channelType;
    private final String clientId;
    private final int frameBytesMax;
    private final Supplier<PeerLogin> logins;
    private final IntFunction<Optional<BrokerImage>> addresses;
    private final List<PeerWatcher> watchers;

    private final ArrayDeque<InFlight> waiting = new ArrayDeque<>();
    private final Map<Integer, InFlight> inFlight = new HashMap<>();
    private Phase phase = Phase.IDLE;
    private BrokerImage peer;
    private Channel channel;
    private int nextCorrelationId;
    private long pauseMillis;
    private boolean held;
    private boolean flushScheduled;
    private boolean closed;

    private enum Phase {
        IDLE,
        CONNECTING,
        LOGGING_IN,
        OPEN,
        PAUSED
    }

    /** A request to be written. */
    record Outgoing(PenstockApi api, ByteBuffer body, Owner owner, long timeoutNanos, PeerCallback callback) {
        void fail(Reason reason, String message) {
            fail(new PeerException(reason, message));
        }

        void fail(PeerException failure) {
            owner.run(() -> callback.failed(failure));
        }
    }

    private record InFlight(Outgoing request, Owner.Cancellable timer) {}

    PeerConnection(
            int brokerId,
            EventLoop loop,
            EventLoopOwner loopOwner,
            Class<? extends Channel> channelType,
            String clientId,
            int frameBytesMax,
            Supplier<PeerLogin> logins,
            IntFunction<Optional<BrokerImage>> addresses,
            List<PeerWatcher> watchers) {
        this.brokerId = brokerId;
        this.loop = loop;
        this.loopOwner = loopOwner;
        this.channelType = channelType;
        this.clientId = clientId;
        this.frameBytesMax = frameBytesMax;
        this.logins = logins;
        this.addresses = addresses;
        this.watchers = watchers;
    }

    void send(Outgoing request) {
        // Never at once, also on the loop: a callback must not come before the sender is done with its own work.
        loopOwner.execute(() -> sendHere(request));
    }

    void hold(boolean hold) {
        loopOwner.execute(() -> {
            held = hold;
            if (hold && phase == Phase.IDLE) {
                connect();
            }
        });
    }

    /**
     * Who is registered has changed. What waits for a broker that is not registered any more will have no answer in time: it
     * stands still, or is cut off, and others lead what it led.
     */
    void membersChanged() {
        loopOwner.execute(() -> {
            if (phase == Phase.OPEN && !closed && !isSameLife(addresses.apply(brokerId))) {
                broken("broker " + brokerId + " is not registered any more");
            }
        });
    }

    void close() {
        loopOwner.execute(() -> {
            closed = true;
            failWaiting("this broker stops");
            if (channel != null) {
                channel.close();
            }
        });
    }

    private void sendHere(Outgoing request) {
        if (closed) {
            request.fail(Reason.UNREACHABLE, "this broker stops");
            return;
        }
        if ((phase == Phase.OPEN || phase == Phase.LOGGING_IN) && isOutdated()) {
            broken("broker " + brokerId + " has registered anew");
        }
        switch (phase) {
            case OPEN -> write(request);
            case PAUSED -> request.fail(Reason.UNREACHABLE, "broker " + brokerId + " cannot be reached now");
            case CONNECTING, LOGGING_IN, IDLE -> {
                if (waiting.size() >= WAITING_MAX) {
                    request.fail(Reason.UNREACHABLE, "too many requests wait for broker " + brokerId);
                    return;
                }
                wait(request);
                if (phase == Phase.IDLE) {
                    connect();
                }
            }
        }
    }

    private void wait(Outgoing request) {
        InFlight[] entry = new InFlight[1];
        entry[0] = new InFlight(
                request,
                loopOwner.schedule(
                        () -> {
                            if (waiting.remove(entry[0])) {
                                request.fail(
                                        Reason.UNREACHABLE,
                                        "broker " + brokerId + " could not be asked " + request.api() + " in time");
                            }
                        },
                        request.timeoutNanos()));
        waiting.add(entry[0]);
    }

    private boolean isOutdated() {
        Optional<BrokerImage> now = addresses.apply(brokerId);
        return now.isPresent() && !isSameLife(now);
    }

    private boolean isSameLife(Optional<BrokerImage> now) {
        return now.isPresent() && now.get().epoch() == peer.epoch();
    }

    // The connection

    private void connect() {
        BrokerImage to = closed ? null : addresses.apply(brokerId).orElse(null);
        if (to == null) {
            phase = Phase.IDLE;
            pause("broker " + brokerId + " is not registered");
            return;
        }
        phase = Phase.CONNECTING;
        peer = to;
        new Bootstrap()
                .group(loop)
                .channel(channelType)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel made) {
                        made.pipeline().addLast("frames", new FrameDecoder(frameBytesMax));
                        made.pipeline().addLast("answers", new Answers(made));
                    }
                })
                .connect(InetSocketAddress.createUnresolved(to.host(), to.port()))
                .addListener(done -> connected((ChannelFuture) done, to));
    }

    private void connected(ChannelFuture done, BrokerImage to) {
        if (!done.isSuccess()) {
            Throwable cause = done.cause();
            if (cause instanceof ConnectException && isRefusal(cause)) {
                watchers.forEach(watcher -> watcher.refused(to));
            }
            pause("broker " + brokerId + " cannot be reached at " + to.host() + ":" + to.port() + ": "
                    + cause.getMessage());
            return;
        }
        channel = done.channel();
        if (closed) {
            channel.close();
            return;
        }
        phase = Phase.LOGGING_IN;
        watchers.forEach(watcher -> watcher.connected(to));
        PeerLogin login = logins.get();
        logIn(channel, login, login.first());
    }

    private void logIn(Channel over, PeerLogin login, AuthenticateRequest step) {
        ByteBuffer body = ByteBuffer.allocate(step.sizeBytes());
        step.writeTo(body);
        write(new Outgoing(PenstockApi.AUTHENTICATE, body.flip(), loopOwner, LOGIN_NANOS, new PeerCallback() {
            @Override
            public void replied(PeerReply reply) {
                if (channel != over) {
                    return;
                }
                try {
                    AuthenticateRequest next = login.next(reply.body());
                    if (next == null) {
                        open();
                    } else {
                        logIn(over, login, next);
                    }
                } catch (ScramException | MalformedMessageException e) {
                    notKnown(over, "it is no broker of this cluster: " + e.getMessage());
                }
            }

            @Override
            public void failed(PeerException failure) {
                notKnown(over, failure.getMessage());
            }
        }));
    }

    private void open() {
        phase = Phase.OPEN;
        pauseMillis = 0;
        log.debug("connected to broker {} at {}", brokerId, channel.remoteAddress());
        for (InFlight next = waiting.poll(); next != null; next = waiting.poll()) {
            next.timer().cancel();
            write(next.request());
        }
    }

    private void notKnown(Channel over, String why) {
        if (channel != over) {
            return; // It broke, and that has been seen to.
        }
        log.warn("The login with broker {} has failed: {}", brokerId, why);
        channel = null;
        over.close();
        watchers.forEach(watcher -> watcher.lost(peer));
        pause("broker " + brokerId + " does not let this broker in: " + why);
    }

    /** A time-out is a ConnectException too, and proves nothing. */
    private static boolean isRefusal(Throwable cause) {
        return !(cause instanceof io.netty.channel.ConnectTimeoutException)
                && String.valueOf(cause.getMessage()).contains("refused");
    }

    private void pause(String why) {
        phase = Phase.PAUSED;
        pauseMillis = Math.min(PAUSE_MAX_MILLIS, Math.max(PAUSE_MIN_MILLIS, 2 * pauseMillis));
        failWaiting(why);
        loopOwner.schedule(
                () -> {
                    phase = Phase.IDLE;
                    if (held && !closed) {
                        connect();
                    }
                },
                TimeUnit.MILLISECONDS.toNanos(pauseMillis));
    }

    private void failWaiting(String why) {
        for (InFlight next = waiting.poll(); next != null; next = waiting.poll()) {
            next.timer().cancel();
            next.request().fail(Reason.UNREACHABLE, why);
        }
    }

    /** The connection is of no use any more. */
    private void broken(String why) {
        Channel was = channel;
        boolean stood = phase == Phase.OPEN;
        channel = null;
        phase = Phase.IDLE;
        was.close();
        BrokerImage lost = peer;
        List<InFlight> unanswered = new ArrayList<>(inFlight.values());
        inFlight.clear();
        for (InFlight each : unanswered) {
            each.timer().cancel();
            each.request().fail(Reason.NO_ANSWER, why);
        }
        watchers.forEach(watcher -> watcher.lost(lost));
        if (!stood) {
            pause(why); // Not at once: who closes before the login may do so again.
        } else if (held && !closed && phase == Phase.IDLE) {
            connect();
        }
    }

    // Requests and answers

    private void write(Outgoing request) {
        int correlationId = nextCorrelationId++ & Integer.MAX_VALUE;
        PrivateRequestHeader header =
                new PrivateRequestHeader(request.api().key(), request.api().highestVersion(), correlationId, clientId);
        int size = header.sizeBytes() + request.body().remaining();
        ByteBuf buffer = channel.alloc().ioBuffer(Integer.BYTES + size);
        buffer.writeInt(size);
        ByteBuffer dst = buffer.nioBuffer(Integer.BYTES, size);
        header.writeTo(dst);
        dst.put(request.body().duplicate());
        buffer.writerIndex(Integer.BYTES + size);
        Owner.Cancellable timer = loopOwner.schedule(() -> timedOut(correlationId), request.timeoutNanos());
        inFlight.put(correlationId, new InFlight(request, timer));
        channel.write(buffer, channel.voidPromise());
        if (!flushScheduled) {
            flushScheduled = true;
            loopOwner.execute(this::flush);
        }
    }

    private void flush() {
        flushScheduled = false;
        if (channel != null) {
            channel.flush();
        }
    }

    private void timedOut(int correlationId) {
        InFlight late = inFlight.remove(correlationId);
        if (late != null) {
            late.request()
                    .fail(
                            Reason.NO_ANSWER,
                            "broker " + brokerId + " did not answer "
                                    + late.request().api() + " in time");
        }
    }

    private void answered(ByteBuf frame) {
        ByteBuffer bytes = frame.nioBuffer();
        if (PushHeader.isPush(bytes)) {
            broken("broker " + brokerId + " pushes to another broker, which makes no sense");
            return;
        }
        PrivateResponseHeader header = PrivateResponseHeader.read(bytes);
        InFlight known = inFlight.remove(header.correlationId());
        if (known == null) {
            return; // it came too late
        }
        known.timer().cancel();
        Outgoing request = known.request();
        if (header.error() != PenstockError.NONE) {
            request.fail(new PeerException(
                    Reason.REFUSED,
                    header.error(),
                    "broker " + brokerId + " refused " + request.api() + ": " + header.error() + ", "
                            + header.message()));
            return;
        }
        Reply reply = new Reply(frame.retain(), bytes.slice());
        request.owner().run(() -> {
            try {
                request.callback().replied(reply);
            } finally {
                reply.release();
            }
        });
    }

    private record Reply(ByteBuf frame, ByteBuffer body) implements PeerReply {
        @Override
        public void retain() {
            frame.retain();
        }

        @Override
        public void release() {
            frame.release();
        }
    }

    /** Takes what comes over one channel. */
    private final class Answers extends ChannelInboundHandlerAdapter {
        private final Channel of;

        Answers(Channel of) {
            this.of = of;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf frame = (ByteBuf) message;
            try {
                if (channel == of) {
                    answered(frame);
                }
            } catch (MalformedMessageException e) {
                end("broker " + brokerId + " sent what cannot be understood: " + e.getMessage());
            } finally {
                frame.release();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end("the connection to broker " + brokerId + " broke");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (cause instanceof IOException) {
                log.debug("the connection to broker {} broke: {}", brokerId, cause.toString());
            } else {
                log.error("the connection to broker {} failed", brokerId, cause);
            }
            of.close();
        }

        private void end(String why) {
            if (channel == of) {
                broken(why);
            } else {
                of.close();
            }
        }
    }
}
