package io.penstock.broker.request.jms;

import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.request.PeerHandler;
import io.penstock.broker.request.PeerRight;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.RelayOpenRequest;
import io.penstock.protocol.message.RelayOpenResponse;
import io.penstock.protocol.message.RelayPollRequest;
import io.penstock.protocol.message.RelayPollResponse;
import io.penstock.protocol.message.RelayRequest;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * This broker as one that leads what clients of other brokers use: their connections are here too, with a
 * {@link RelayedSocket}, and their requests go to the same handlers. Rule of all: act as a broker; then, of each relayed
 * request, its own, for the client's principal.
 */
final class RelayHandlers {
    private static final int POLL_MILLIS_MAX = 10_000;
    private static final int POLL_BYTES_MAX = 16 << 20;

    /** What a connection asks of a broker that is not its client's. */
    private static final Set<PenstockApi> RELAYED = EnumSet.of(
            PenstockApi.SEND,
            PenstockApi.SEND_PIECE,
            PenstockApi.READ_PIECE,
            PenstockApi.DROP_PIECES,
            PenstockApi.SUBSCRIBE,
            PenstockApi.UNSUBSCRIBE,
            PenstockApi.ATTACH,
            PenstockApi.CREDIT,
            PenstockApi.SETTLE,
            PenstockApi.DETACH,
            PenstockApi.HOLD,
            PenstockApi.CLOSE_SESSION,
            PenstockApi.CLOSE_CONNECTION);

    private final JmsGate gate;
    private final Map<PenstockApi, PrivateHandler> handlers = new EnumMap<>(PenstockApi.class);
    private final Map<Long, RelayedSocket> sockets = new ConcurrentHashMap<>();
    private final AtomicLong lastRelay = new AtomicLong();

    /** @param all of clients' requests */
    RelayHandlers(JmsGate gate, List<PrivateHandler> all) {
        this.gate = gate;
        for (PrivateHandler handler : all) {
            if (RELAYED.contains(handler.api())) {
                handlers.put(handler.api(), handler);
            }
        }
    }

    List<PrivateHandler> all(PeerRight right) {
        return List.of(new Open(right), new Relayed(right), new Poll(right));
    }

    private RelayedSocket socket(PrivateHandler.Call call, long relay) {
        RelayedSocket socket = sockets.get(relay);
        if (socket == null || socket.isClosed()) {
            call.fail(PenstockError.UNKNOWN_SESSION, "there is no relay " + relay);
            return null;
        }
        return socket;
    }

    private final class Open extends PeerHandler {
        Open(PeerRight right) {
            super(PenstockApi.RELAY_OPEN, right);
        }

        @Override
        protected void serve(Call call, ByteBuffer body) {
            RelayOpenRequest request = RelayOpenRequest.read(body, call.version());
            ClientConnection peer = call.connection();
            RelayedSocket socket = new RelayedSocket(
                    lastRelay.incrementAndGet(), peer.loop(), peer.remoteAddress(), request.principal());
            gate.connections().openRelayed(socket, request, new JmsConnections.Opened() {
                @Override
                public void opened(JmsConnection connection, boolean resumed) {
                    sockets.put(socket.relay(), socket);
                    socket.onClose(() -> sockets.remove(socket.relay()));
                    peer.onClose(() -> socket.close("the broker of the client is gone"));
                    call.reply(new MessageFrame(new RelayOpenResponse(socket.relay())));
                }

                @Override
                public void refused(FrontException why) {
                    call.fail(why.error(), why.getMessage());
                }
            });
        }
    }

    private final class Relayed extends PeerHandler {
        Relayed(PeerRight right) {
            super(PenstockApi.RELAY, right);
        }

        @Override
        protected void serve(Call call, ByteBuffer body) throws Exception {
            RelayRequest request = RelayRequest.read(body, call.version());
            PrivateHandler handler =
                    PenstockApi.of(request.apiKey()).map(handlers::get).orElse(null);
            if (handler == null) {
                call.fail(PenstockError.INVALID_REQUEST, "requests of key " + request.apiKey() + " are not relayed");
                return;
            }
            RelayedSocket socket = socket(call, request.relay());
            if (socket != null) {
                handler.handle(new RelayedCall(call, socket), request.body());
            }
        }
    }

    private final class Poll extends PeerHandler {
        Poll(PeerRight right) {
            super(PenstockApi.RELAY_POLL, right);
        }

        @Override
        protected void serve(Call call, ByteBuffer body) {
            RelayPollRequest request = RelayPollRequest.read(body, call.version());
            RelayedSocket socket = socket(call, request.relay());
            if (socket == null) {
                return;
            }
            if (request.waitMillis() < 0
                    || request.waitMillis() > POLL_MILLIS_MAX
                    || request.maxBytes() < 0
                    || request.maxBytes() > POLL_BYTES_MAX) {
                call.fail(
                        PenstockError.INVALID_REQUEST,
                        "a poll waits at most " + POLL_MILLIS_MAX + " ms for " + POLL_BYTES_MAX + " bytes");
                return;
            }
            JmsConnection connection = gate.connections().of(socket);
            if (connection != null) {
                connection.seen(gate.clock().nanos());
            }
            socket.poll(
                    request.waitMillis(),
                    request.maxBytes(),
                    pushes -> call.reply(new MessageFrame(new RelayPollResponse(pushes))));
        }
    }

    /** A client's request whose answer goes to the client's broker. */
    private record RelayedCall(PrivateHandler.Call call, RelayedSocket socket) implements PrivateHandler.Call {
        @Override
        public ClientConnection connection() {
            return socket;
        }

        @Override
        public short version() {
            return 0;
        }

        @Override
        public int correlationId() {
            return call.correlationId();
        }

        @Override
        public void retain() {
            call.retain();
        }

        @Override
        public void reply(ClientConnection.OutgoingFrame body) {
            call.reply(body);
        }

        @Override
        public void fail(PenstockError error, String message) {
            call.fail(error, message);
        }

        /** Between brokers everything is answered. */
        @Override
        public void done() {
            call.reply(null);
        }
    }
}
