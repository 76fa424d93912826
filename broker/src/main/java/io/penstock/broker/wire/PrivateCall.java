package io.penstock.broker.wire;

import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.request.ClientConnection.OutgoingFrame;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.protocol.message.ConnectionErrorPush;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.PrivateRequestHeader;
import io.penstock.protocol.message.PrivateResponseHeader;
import io.penstock.protocol.message.PushHeader;
import io.penstock.protocol.message.PushKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A private request in work (docs/private-protocol.md). Answered once, from any thread, in any order. */
final class PrivateCall implements PrivateHandler.Call {
    private static final Logger log = LoggerFactory.getLogger(PrivateCall.class);

    private final Connection connection;
    private final PrivateRequestHeader header;
    private final boolean oneWay;
    private final KafkaCall.Frame frame;
    private final AtomicBoolean answered = new AtomicBoolean();

    /** @param api null for a key that nobody knows */
    PrivateCall(Connection connection, PrivateRequestHeader header, PenstockApi api, KafkaCall.Frame frame) {
        this.connection = connection;
        this.header = header;
        this.oneWay = api != null && !api.replied();
        this.frame = frame;
    }

    @Override
    public ClientConnection connection() {
        return connection;
    }

    @Override
    public short version() {
        return header.apiVersion();
    }

    @Override
    public int correlationId() {
        return header.correlationId();
    }

    @Override
    public void retain() {
        frame.retain();
    }

    @Override
    public void unhurried() {
        connection.unhurried();
    }

    @Override
    public void reply(OutgoingFrame body) {
        if (!first()) {
            if (body != null) {
                body.release();
            }
            return;
        }
        connection.send(new Answer(PrivateResponseHeader.success(correlationId()), body));
        end();
    }

    @Override
    public void fail(PenstockError error, String message) {
        if (!first()) {
            return;
        }
        connection.send(
                oneWay
                        ? new Push(new ConnectionErrorPush(error, message))
                        : new Answer(new PrivateResponseHeader(correlationId(), error, message), null));
        end();
    }

    @Override
    public void done() {
        if (first()) {
            end();
        }
    }

    boolean answered() {
        return answered.get();
    }

    private boolean first() {
        boolean first = answered.compareAndSet(false, true);
        if (!first) {
            log.error("{} was answered twice by its handler", header, new IllegalStateException("second answer"));
        }
        return first;
    }

    private void end() {
        connection.loop().run(frame::finish);
    }

    private record Answer(PrivateResponseHeader header, OutgoingFrame body) implements OutgoingFrame {
        @Override
        public int sizeBytes() {
            return header.sizeBytes() + (body == null ? 0 : body.sizeBytes());
        }

        @Override
        public void writeTo(ByteBuffer dst) throws IOException {
            header.writeTo(dst);
            if (body != null) {
                body.writeTo(dst);
            }
        }

        @Override
        public void release() {
            if (body != null) {
                body.release();
            }
        }
    }

    private record Push(PrivateMessage message) implements OutgoingFrame {
        @Override
        public int sizeBytes() {
            return PushHeader.BYTES + message.sizeBytes();
        }

        @Override
        public void writeTo(ByteBuffer dst) {
            new PushHeader(PushKind.CONNECTION_ERROR, (short) 0).writeTo(dst);
            message.writeTo(dst);
        }
    }
}
