package io.penstock.broker.simulation;

import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.request.HandlerRegistry;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.request.LogSliceRecords;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.protocol.message.PenstockError;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;

/** The broker's end of a connection: from a frame to its handler, as {@code wire.RequestDispatch} does it. */
final class ServerConnection implements ClientConnection, SimulatedNetwork.Receiver {
    private final SimulatedNetwork.End end;
    private final Owner loop;
    private final HandlerRegistry handlers;
    private final String principal;
    private final PushTap tap;
    private final List<Runnable> onClose = new ArrayList<>();
    private boolean closed;

    /** Sees what is pushed when it is. */
    interface PushTap {
        void pushed(int machine, ByteBuffer frame);
    }

    ServerConnection(SimulatedNetwork.End end, Owner loop, HandlerRegistry handlers, String principal, PushTap tap) {
        this.end = end;
        this.loop = loop;
        this.handlers = handlers;
        this.principal = principal;
        this.tap = tap;
    }

    // ---- from the wire

    @Override
    public void received(Object message) {
        loop.execute(() -> {
            if (closed) {
                return;
            }
            if (message instanceof Frames.PrivateAsk ask) {
                handle(ask);
            } else {
                handle((Frames.KafkaAsk) message);
            }
        });
    }

    private void handle(Frames.PrivateAsk ask) {
        PrivateHandler handler = handlers.own(ask.api());
        try {
            handler.handle(new PrivateCall(ask), ask.body().duplicate());
        } catch (Exception e) {
            throw new AssertionError(ask.api() + " failed", e);
        }
    }

    @SuppressWarnings("unchecked")
    private void handle(Frames.KafkaAsk ask) {
        AbstractRequest request =
                AbstractRequest.parseRequest(ask.key(), ask.version(), new ByteBufferAccessor(ask.body())).request;
        try {
            ((KafkaHandler<AbstractRequest>) handlers.kafka(ask.key())).handle(new KafkaCall(ask, request), request);
        } catch (Exception e) {
            throw new AssertionError(ask.key() + " failed", e);
        }
    }

    @Override
    public void closed() {
        loop.execute(this::gone);
    }

    private void gone() {
        if (!closed) {
            closed = true;
            onClose.forEach(loop::execute);
        }
    }

    // ---- to the wire

    @Override
    public String id() {
        return "wire-" + end.number();
    }

    @Override
    public Owner loop() {
        return loop;
    }

    @Override
    public SocketAddress remoteAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1 + end.there);
    }

    @Override
    public String principal() {
        return principal;
    }

    @Override
    public void send(OutgoingFrame frame) {
        try {
            // What goes to a connection that is gone was pushed all the same, and comes again.
            ByteBuffer bytes = Frames.bytes(frame);
            tap.pushed(end.there, bytes);
            if (!closed) {
                end.send(new Frames.Push(bytes));
            }
        } finally {
            frame.release();
        }
    }

    @Override
    public boolean writable() {
        return true;
    }

    @Override
    public void onWritable(Runnable listener) {
        // It always is.
    }

    @Override
    public void onClose(Runnable listener) {
        if (closed) {
            loop.execute(listener);
        } else {
            onClose.add(listener);
        }
    }

    @Override
    public void close(String reason) {
        loop.run(() -> {
            end.close();
            gone();
        });
    }

    private final class PrivateCall implements PrivateHandler.Call {
        private final Frames.PrivateAsk ask;
        private boolean answered;

        PrivateCall(Frames.PrivateAsk ask) {
            this.ask = ask;
        }

        @Override
        public ClientConnection connection() {
            return ServerConnection.this;
        }

        @Override
        public short version() {
            return ask.api().highestVersion();
        }

        @Override
        public int correlationId() {
            return ask.correlation();
        }

        @Override
        public void retain() {
            // On the heap.
        }

        @Override
        public void reply(OutgoingFrame body) {
            once();
            ByteBuffer bytes = ByteBuffer.allocate(0);
            if (body != null) {
                try {
                    bytes = Frames.bytes(body);
                } finally {
                    body.release();
                }
            }
            end.send(new Frames.PrivateAnswer(ask.correlation(), PenstockError.NONE, null, bytes));
        }

        @Override
        public void fail(PenstockError error, String message) {
            once();
            if (error == PenstockError.INTERNAL) {
                throw new AssertionError(ask.api() + " failed: " + message);
            }
            end.send(new Frames.PrivateAnswer(ask.correlation(), error, message, null));
        }

        @Override
        public void done() {
            once();
        }

        private void once() {
            if (answered) {
                throw new AssertionError(ask.api() + " was answered twice");
            }
            answered = true;
        }
    }

    private final class KafkaCall implements KafkaHandler.Call {
        private final Frames.KafkaAsk ask;
        private final AbstractRequest request;
        private boolean answered;

        KafkaCall(Frames.KafkaAsk ask, AbstractRequest request) {
            this.ask = ask;
            this.request = request;
        }

        @Override
        public ClientConnection connection() {
            return ServerConnection.this;
        }

        @Override
        public RequestHeader header() {
            return new RequestHeader(ask.key(), ask.version(), "client-" + end.there, ask.correlation());
        }

        @Override
        public void retain() {
            // On the heap.
        }

        @Override
        public void reply(ApiMessage response) {
            if (answered) {
                throw new AssertionError(ask.key() + " was answered twice");
            }
            answered = true;
            copySlices(response);
            end.send(new Frames.KafkaAnswer(ask.correlation(), response));
        }

        @Override
        public void fail(Throwable error) {
            reply(request.getErrorResponse(0, error).data());
        }

        @Override
        public void replyNothing() {
            answered = true;
        }
    }

    /** As the wire does: the records are read when the answer is written. */
    private static void copySlices(ApiMessage response) {
        if (!(response instanceof FetchResponseData fetch)) {
            return;
        }
        for (FetchableTopicResponse topic : fetch.responses()) {
            for (PartitionData partition : topic.partitions()) {
                if (partition.records() instanceof LogSliceRecords records) {
                    ByteBuffer bytes = ByteBuffer.allocate(records.sizeInBytes());
                    try (records) {
                        records.slice().readInto(bytes);
                        partition.setRecords(MemoryRecords.readableRecords(bytes.flip()));
                    } catch (IOException e) {
                        // The log was closed meanwhile; production closes the connection.
                        partition.setRecords(MemoryRecords.EMPTY);
                    }
                }
            }
        }
    }
}
