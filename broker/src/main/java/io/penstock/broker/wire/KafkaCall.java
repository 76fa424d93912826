package io.penstock.broker.wire;

import io.netty.buffer.ByteBuf;
import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.request.LogSliceRecords;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Kafka request in work. Answered once, from any thread; everything else happens on the connection's loop. */
final class KafkaCall implements KafkaHandler.Call {
    private static final Logger log = LoggerFactory.getLogger(KafkaCall.class);

    private final Connection connection;
    private final RequestHeader header;
    private final AbstractRequest request;
    private final Frame frame;
    private final AtomicBoolean answered = new AtomicBoolean();
    /** Loop only. */
    private boolean done;

    private ApiMessage response;

    KafkaCall(Connection connection, RequestHeader header, AbstractRequest request, Frame frame) {
        this.connection = connection;
        this.header = header;
        this.request = request;
        this.frame = frame;
    }

    @Override
    public ClientConnection connection() {
        return connection;
    }

    @Override
    public RequestHeader header() {
        return header;
    }

    @Override
    public void retain() {
        frame.retain();
    }

    @Override
    public void reply(ApiMessage message) {
        if (answered.compareAndSet(false, true)) {
            connection.loop().run(() -> finish(message));
        } else {
            LogSliceRecords.release(message);
            log.error("{} was answered twice by its handler", header, new IllegalStateException("second answer"));
        }
    }

    @Override
    public void fail(Throwable error) {
        reply(request.getErrorResponse(0, error).data());
    }

    @Override
    public void replyNothing() {
        if (answered.compareAndSet(false, true)) {
            connection.loop().run(() -> finish(null));
        }
    }

    private void finish(ApiMessage message) {
        done = true;
        response = message;
        frame.finish();
        connection.completed(this);
    }

    boolean answered() {
        return answered.get();
    }

    boolean done() {
        return done;
    }

    /** Null when nothing is to be sent. */
    ApiMessage response() {
        return response;
    }

    /** The connection is gone: what would have been sent is freed. */
    void drop() {
        if (response != null) {
            LogSliceRecords.release(response);
            response = null;
        }
    }

    /** A received frame and its share of the limits. */
    static final class Frame {
        private final Connection connection;
        private final ByteBuf bytes;
        private final int sizeBytes;
        private boolean retained;
        private boolean released;

        Frame(Connection connection, ByteBuf bytes) {
            this.connection = connection;
            this.bytes = bytes;
            this.sizeBytes = bytes.readableBytes();
        }

        ByteBuf bytes() {
            return bytes;
        }

        int sizeBytes() {
            return sizeBytes;
        }

        /** Keeps the bytes until {@link #finish}. Called before the handler returns, thus on the loop. */
        void retain() {
            retained = true;
        }

        /** The handler has returned. */
        void handled() {
            if (!retained) {
                release();
            }
        }

        /** The request is answered. */
        void finish() {
            release();
            connection.requestEnded();
        }

        private void release() {
            if (!released) {
                released = true;
                bytes.release();
                connection.bytesFreed(sizeBytes);
            }
        }
    }
}
