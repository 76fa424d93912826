package io.penstock.broker.request.jms;

import io.penstock.broker.metadata.ProducerIdPool;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.protocol.message.MalformedMessageException;
import io.penstock.protocol.message.OpenConnectionRequest;
import io.penstock.protocol.message.OpenConnectionResponse;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import java.nio.ByteBuffer;

/** OpenConnection: authenticates, takes the client id, opens or resumes. Rule: {@link Authenticator}. */
final class OpenConnectionHandler implements PrivateHandler {
    /** Producer ids that a connection gets at once; most have fewer sessions. */
    static final int PRODUCER_IDS = 100;

    private final JmsGate gate;
    private final ProducerIdPool producerIds;
    private final int brokerId;

    OpenConnectionHandler(JmsGate gate, ProducerIdPool producerIds, int brokerId) {
        this.gate = gate;
        this.producerIds = producerIds;
        this.brokerId = brokerId;
    }

    @Override
    public PenstockApi api() {
        return PenstockApi.OPEN_CONNECTION;
    }

    @Override
    public void handle(Call call, ByteBuffer body) {
        OpenConnectionRequest request;
        try {
            request = OpenConnectionRequest.read(body, call.version());
        } catch (MalformedMessageException e) {
            call.fail(PenstockError.INVALID_REQUEST, FrontErrors.message(e));
            return;
        }
        producerIds.take(
                PRODUCER_IDS,
                first -> open(call, request, first),
                failure -> call.fail(FrontErrors.error(failure), FrontErrors.message(failure)));
    }

    private void open(Call call, OpenConnectionRequest request, long firstProducerId) {
        gate.connections().open(call.connection(), request, firstProducerId, new JmsConnections.Opened() {
            @Override
            public void opened(JmsConnection connection, boolean resumed) {
                call.reply(new MessageFrame(new OpenConnectionResponse(
                        brokerId,
                        connection.token(),
                        gate.limits().leaseMillis(),
                        gate.limits().frameBytesMax(),
                        connection.number(),
                        PRODUCER_IDS,
                        gate.limits().bodyBytesMax())));
            }

            @Override
            public void refused(FrontException why) {
                call.fail(why.error(), why.getMessage());
            }
        });
    }
}
