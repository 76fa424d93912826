package io.penstock.broker.wire;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.security.UserNames;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection: hands frames to the dispatch, keeps the order of Kafka's responses, flushes once for all
 * that was written in a turn of the loop, and is not read while it, or all connections together, have too much in
 * work, or while the client does not read what it asked for. Its loop owns it; made by {@link WireServer}, ends with
 * its channel.
 */
final class Connection extends ChannelInboundHandlerAdapter implements ClientConnection {
    private static final Logger log = LoggerFactory.getLogger(Connection.class);

    /** In which a client that takes nothing more is listened to. */
    private static final long LAST_WORDS_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final String id;
    private final WireConfig config;
    private final RequestBudget budget;
    private final RequestDispatch dispatch;
    private final FrameDecoder decoder;
    private final EventLoopOwner loop;
    private final Channel channel;
    private final SocketAddress remoteAddress;
    private final Newcomers newcomers;
    private final ArrayDeque<KafkaCall> calls = new ArrayDeque<>();
    private final List<Runnable> writableListeners = new ArrayList<>();
    private final List<Runnable> closeListeners = new ArrayList<>();
    private int requestsInWork;
    private int bytesInWork;
    /** Null until somebody was let in. */
    private volatile String principal;

    private boolean held;
    private boolean waitingForBudget;
    private int partBytes;
    /** The frame whose part was counted last has become whole. */
    private boolean wholeSincePart;

    private boolean waitingWithPart;
    /** Runs while the rest of a frame may come, and does not. */
    private Owner.Cancellable partTimer;

    private final SettlementLull lull = new SettlementLull();
    private boolean unhurried;
    private boolean reading;
    private boolean flushDue;
    private boolean flushScheduled;
    /** The client takes nothing more; what it has sent before is still read, to the end. */
    private boolean outputGone;

    private boolean closed;

    Connection(
            String id,
            Channel channel,
            EventLoopOwner loop,
            FrameDecoder decoder,
            RequestDispatch dispatch,
            RequestBudget budget,
            WireConfig config,
            Newcomers newcomers) {
        this.id = id;
        this.channel = channel;
        this.remoteAddress = LocalPeer.of(channel);
        this.loop = loop;
        this.decoder = decoder;
        this.dispatch = dispatch;
        this.budget = budget;
        this.config = config;
        this.newcomers = newcomers;
        decoder.onPart(this::partReceived);
        if (newcomers.limits().anonymous()) {
            principal = UserNames.ANONYMOUS;
        } else {
            decoder.limit(Math.min(newcomers.limits().frameBytesMax(), config.frameBytesMax()));
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (!admitted()) {
            newcomers.arrived(this);
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Owner loop() {
        return loop;
    }

    @Override
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    SocketAddress localAddress() {
        return channel.localAddress();
    }

    @Override
    public String principal() {
        String now = principal;
        return now == null ? UserNames.ANONYMOUS : now;
    }

    @Override
    public boolean admitted() {
        return principal != null;
    }

    @Override
    public void admit(String name) {
        principal = name;
        newcomers.left(this);
        loop.run(() -> decoder.limit(config.frameBytesMax()));
    }

    // Requests

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        reading = true;
        wholeSincePart = true;
        KafkaCall.Frame frame = new KafkaCall.Frame(this, (ByteBuf) message);
        requestsInWork++;
        bytesInWork += frame.sizeBytes();
        budget.take(frame.sizeBytes());
        unhurried = false;
        try {
            dispatch.dispatch(this, frame);
        } catch (BadFrameException e) {
            frame.finish();
            close(e.getMessage());
        } finally {
            frame.handled();
        }
        lull.frame(unhurried);
        holdOrResume();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        flushNow();
        if (lull.begins()) {
            readOrNot();
            loop.schedule(this::lullEnds, SettlementLull.PAUSE_NANOS);
        }
        ctx.fireChannelReadComplete();
    }

    private void lullEnds() {
        lull.ends();
        readOrNot();
    }

    /** Nobody waits for what the request asks that is being dispatched. */
    void unhurried() {
        unhurried = true;
    }

    /** A response must keep this place in the order. */
    void enqueue(KafkaCall call) {
        calls.add(call);
    }

    /** A call has its answer: sends it, and those behind it that waited, unless an older one is still in work. */
    void completed(KafkaCall now) {
        if (isDeaf()) {
            now.drop();
        }
        sendCompleted();
    }

    private void sendCompleted() {
        while (!calls.isEmpty() && calls.peek().done()) {
            KafkaCall call = calls.poll();
            if (isDeaf()) {
                call.drop();
            } else if (call.response() != null) {
                write(call);
            }
        }
    }

    private void write(KafkaCall call) {
        try {
            ResponseEncoder.encode(
                            call.header().apiKey(),
                            call.header().apiVersion(),
                            call.header().correlationId(),
                            call.response(),
                            channel.alloc(),
                            channel.pipeline().get(SslHandler.class) == null)
                    .forEach(part -> channel.write(part, channel.voidPromise()));
            flushLater();
        } catch (RuntimeException e) {
            log.error("{}: the response to {} could not be written", this, call.header(), e);
            call.drop();
            close("a response could not be written");
        }
    }

    void requestEnded() {
        requestsInWork--;
        holdOrResume();
    }

    void bytesFreed(int count) {
        bytesInWork -= count;
        budget.giveBack(count);
        holdOrResume();
    }

    /** Reads, or does not. */
    private void holdOrResume() {
        if (closed) {
            return;
        }
        boolean allSpent = budget.spent();
        boolean heldByUs = allSpent
                || bytesInWork > config.connectionBytesMax()
                || requestsInWork >= config.connectionRequestsMax()
                || partHeld();
        boolean hold = heldByUs || (!outputGone && !channel.isWritable());
        // Who does not read what it asked for may not keep the room of its half frame for ever.
        timePart(heldByUs);
        if (allSpent && !waitingForBudget) {
            waitingForBudget = true;
            budget.whenAvailable(() -> loop.execute(() -> {
                waitingForBudget = false;
                holdOrResume();
            }));
        }
        if (hold == held) {
            return;
        }
        held = hold;
        readOrNot();
        if (hold) {
            decoder.hold(true);
        } else {
            // Not from inside of a handler: decoding again from here would nest.
            loop.execute(this::decodeRest);
        }
    }

    private void readOrNot() {
        channel.config().setAutoRead(!held && !lull.isUnread());
    }

    /** What has arrived of a frame, or is kept while this connection is held. */
    private void partReceived(int bytes) {
        int part = closed || bytes < config.partBytesMin() ? 0 : bytes;
        if (wholeSincePart) {
            wholeSincePart = false;
            if (partBytes > 0) {
                // Another frame's part: it is younger than those of others, and its time begins now.
                partBytes = 0;
                budget.part(this, 0);
                timePart(true);
            }
        }
        if (part != partBytes) {
            partBytes = part;
            budget.part(this, part);
            holdOrResume();
        }
    }

    private boolean partHeld() {
        if (partBytes == 0 || budget.partMayGrow(this)) {
            return false;
        }
        if (!waitingWithPart) {
            waitingWithPart = true;
            budget.whenPartMayGrow(
                    this,
                    () -> loop.execute(() -> {
                        waitingWithPart = false;
                        holdOrResume();
                    }));
        }
        return true;
    }

    private void timePart(boolean hold) {
        boolean awaited = partBytes > 0 && !hold;
        if (awaited && partTimer == null) {
            partTimer = loop.schedule(this::partIsLate, TimeUnit.MILLISECONDS.toNanos(config.partMillis()));
        } else if (!awaited && partTimer != null) {
            partTimer.cancel();
            partTimer = null;
        }
    }

    /** A slow client is nobody's trouble until its half frame takes the room of others. */
    private void partIsLate() {
        partTimer = null;
        if (budget.partsSpent()) {
            close(partBytes + " bytes of a frame have come, and not the rest within " + config.partMillis()
                    + " ms, while others wait for the room that they take");
        } else {
            holdOrResume();
        }
    }

    private void decodeRest() {
        if (!held && !closed) {
            decoder.hold(false);
            try {
                decoder.decodeRest();
            } finally {
                // No read completes after this one: later answers must ask for their flush themselves. A push that
                // fills the buffer unflushed would stop the reading, and with it all that could flush it, for ever.
                reading = false;
                flushNow();
            }
        }
    }

    // Responses and pushes

    @Override
    public void send(OutgoingFrame frame) {
        if (loop.isCurrent()) {
            write(frame);
        } else {
            loop.execute(() -> write(frame));
        }
    }

    private void write(OutgoingFrame frame) {
        ByteBuf buffer = null;
        try {
            if (!isDeaf()) {
                int size = frame.sizeBytes();
                buffer = channel.alloc().ioBuffer(Integer.BYTES + size);
                buffer.writeInt(size);
                frame.writeTo(buffer.nioBuffer(Integer.BYTES, size));
                buffer.writerIndex(Integer.BYTES + size);
                channel.write(buffer, channel.voidPromise());
                buffer = null;
                flushLater();
            }
        } catch (IOException | RuntimeException | Error e) {
            // Also an Error, such as no memory: what is in the frame is acquired, and comes again with the next
            // connection.
            log.error("{}: a frame could not be written", this, e);
            close("a frame could not be written");
        } finally {
            if (buffer != null) {
                buffer.release();
            }
            frame.release();
        }
    }

    /** One flush for what is written in a turn of the loop: a system call each would cost more than the work. */
    private void flushLater() {
        flushDue = true;
        if (!reading && !flushScheduled) {
            flushScheduled = true;
            loop.execute(this::flushScheduled);
        }
    }

    private void flushScheduled() {
        flushScheduled = false;
        flushNow();
    }

    private void flushNow() {
        if (flushDue) {
            flushDue = false;
            channel.flush();
        }
    }

    @Override
    public boolean writable() {
        return channel.isWritable();
    }

    @Override
    public void onWritable(Runnable listener) {
        loop.run(() -> writableListeners.add(listener));
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            List.copyOf(writableListeners).forEach(Runnable::run);
        } else if (reading) {
            // What is written must leave, or nobody will ever say that there is room again.
            flushNow();
        }
        holdOrResume();
        ctx.fireChannelWritabilityChanged();
    }

    // The end

    @Override
    public void onClose(Runnable listener) {
        loop.run(() -> {
            if (closed) {
                listener.run();
            } else {
                closeListeners.add(listener);
            }
        });
    }

    @Override
    public void close(String reason) {
        loop.run(() -> {
            if (!closed && channel.isOpen()) {
                log.info("{} is closed: {}", this, reason);
                flushNow();
                channel.close();
            }
        });
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closed = true;
        newcomers.left(this);
        partBytes = 0;
        budget.part(this, 0);
        timePart(true);
        sendCompleted();
        // Also those that wait behind an older one: what they hold must not wait for a long poll to end.
        calls.stream().filter(KafkaCall::done).forEach(KafkaCall::drop);
        closeListeners.forEach(Runnable::run);
        closeListeners.clear();
        writableListeners.clear();
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (cause instanceof DecoderException) {
            close(cause.getMessage());
        } else if (cause instanceof ChannelOutputShutdownException) {
            log.debug(
                    "{} takes nothing more: {}", this, cause.toString()); // What was to be written; the event follows.
        } else if (cause instanceof IOException) {
            log.debug("{} is gone: {}", this, cause.toString());
            channel.close();
        } else {
            log.error("{} failed", this, cause);
            channel.close();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent) {
            if (requestsInWork == 0) {
                close("idle for " + config.idleMillis() + " ms");
            }
        } else if (event instanceof ChannelOutputShutdownEvent) {
            outputEnds();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    /**
     * A write has failed, so the client is gone. What it has said before may lie in the socket yet, acknowledgements of
     * messages that must not come again (JMS-RULES 6): reading goes on until its end.
     */
    private void outputEnds() {
        outputGone = true;
        loop.schedule(() -> close("its client takes nothing and says nothing more"), LAST_WORDS_NANOS);
        lull.ends();
        holdOrResume();
        readOrNot();
    }

    private boolean isDeaf() {
        return closed || outputGone;
    }

    int requestsInWork() {
        return requestsInWork;
    }

    @Override
    public String toString() {
        return "connection " + id + " of " + remoteAddress;
    }
}
