package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.OffsetRanges;
import io.penstock.broker.metadata.ProducerIdPool;
import io.penstock.protocol.message.AllocateProducerIdsRequest;
import io.penstock.protocol.message.AllocateProducerIdsResponse;
import io.penstock.protocol.message.CloseConnectionRequest;
import io.penstock.protocol.message.CloseSessionRequest;
import io.penstock.protocol.message.CreditRequest;
import io.penstock.protocol.message.DetachRequest;
import io.penstock.protocol.message.Mark;
import io.penstock.protocol.message.PartitionRanges;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PingRequest;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The small handlers of connections, sessions and consumers. A list, no logic. */
final class SessionHandlers {
    private static final int PRODUCER_IDS_MAX = 10_000;

    private SessionHandlers() {}

    /** Ping. Rule: connected. The lease was renewed on the way here. */
    static final class Ping extends JmsHandler {
        Ping(JmsGate gate) {
            super(PenstockApi.PING, gate);
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) {
            PingRequest.read(body, call.version());
            call.reply(null);
        }
    }

    /** AllocateProducerIds. Rule: connected. */
    static final class AllocateProducerIds extends JmsHandler {
        private final ProducerIdPool pool;

        AllocateProducerIds(JmsGate gate, ProducerIdPool pool) {
            super(PenstockApi.ALLOCATE_PRODUCER_IDS, gate);
            this.pool = pool;
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            int count = AllocateProducerIdsRequest.read(body, call.version()).count();
            if (count < 1 || count > PRODUCER_IDS_MAX) {
                throw FrontException.invalid("1 to " + PRODUCER_IDS_MAX + " producer ids at a time, not " + count);
            }
            pool.take(
                    count,
                    first -> call.reply(new MessageFrame(new AllocateProducerIdsResponse(first, count))),
                    call::fail);
        }
    }

    /** CloseConnection. Rule: connected. Answers after everything that the connection held has been given back. */
    static final class CloseConnection extends JmsHandler {
        private final JmsGate gate;

        CloseConnection(JmsGate gate) {
            super(PenstockApi.CLOSE_CONNECTION, gate);
            this.gate = gate;
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) {
            CloseConnectionRequest.read(body, call.version());
            gate.connections().close(call.connection());
            call.reply(null);
        }
    }

    /** CloseSession. Rule: the session's owner, that is, its connection. */
    static final class CloseSession extends JmsHandler {
        CloseSession(JmsGate gate) {
            super(PenstockApi.CLOSE_SESSION, gate);
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            CloseSessionRequest request = CloseSessionRequest.read(body, call.version());
            JmsSession session = call.connection().removeSession(request.sessionId());
            if (session != null) {
                for (Mark mark : request.marks()) {
                    Marks.apply(session, mark);
                }
                session.end();
            }
            endElsewhere(call, request.sessionId());
        }
    }

    /** Answers when the session is over at the other brokers, too, or these cannot be asked. */
    private static void endElsewhere(JmsCall call, int sessionId) {
        List<Relay> relays = call.connection().relays().open();
        if (relays.isEmpty()) {
            call.reply(null);
            return;
        }
        int[] left = {relays.size()};
        Runnable one = () -> {
            if (--left[0] == 0) {
                call.reply(null);
            }
        };
        CloseSessionRequest request = new CloseSessionRequest(sessionId, List.of());
        relays.forEach(relay -> relay.ask(PenstockApi.CLOSE_SESSION, request, body -> one.run(), failure -> one.run()));
    }

    /** Credit, one-way. Rule: the consumer's owner. */
    static final class Credit extends JmsHandler {
        Credit(JmsGate gate) {
            super(PenstockApi.CREDIT, gate);
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            CreditRequest request = CreditRequest.read(body, call.version());
            if (request.messages() < 0 || request.bytes() < 0) {
                throw FrontException.invalid("credit is added, never taken away");
            }
            JmsConsumer consumer = call.connection().consumer(request.consumerId());
            if (consumer != null && consumer.active()) {
                consumer.credit(request.messages(), request.bytes(), request.drainId());
            } else if (request.drainId() != 0) {
                // Crossed with the consumer's end: who waits for the drain must not wait for ever.
                call.connection().push(Pushes.drained(request.consumerId(), request.drainId()));
            }
            call.done();
        }
    }

    /** Detach. Rule: the consumer's owner. */
    static final class Detach extends JmsHandler {
        Detach(JmsGate gate) {
            super(PenstockApi.DETACH, gate);
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            DetachRequest request = DetachRequest.read(body, call.version());
            JmsSession session = call.connection().sessionOrNull(request.sessionId());
            JmsConsumer consumer = session == null ? null : session.consumer(request.consumerId());
            if (consumer == null) {
                throw new FrontException(
                        PenstockError.UNKNOWN_CONSUMER,
                        "session " + request.sessionId() + " has no consumer " + request.consumerId());
            }
            Map<Integer, OffsetRanges> release = new HashMap<>();
            for (PartitionRanges each : request.release()) {
                release.computeIfAbsent(each.partition(), made -> new OffsetRanges())
                        .addAll(Marks.ranges(each.ranges()));
            }
            if (consumer.active()) {
                consumer.detach(release);
                session.closed(consumer);
            }
            call.reply(null);
        }
    }
}
