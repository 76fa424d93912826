package io.penstock.broker.request.jms;

import io.penstock.broker.request.PrivateHandler;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import java.nio.ByteBuffer;

/**
 * What the handlers of all keys but OpenConnection have in common: the connection must be open, its lease is renewed,
 * its requests in flight are bounded, and {@link #serve} runs on the connection's owner.
 */
abstract class JmsHandler implements PrivateHandler {
    private final PenstockApi api;
    private final JmsGate gate;

    JmsHandler(PenstockApi api, JmsGate gate) {
        this.api = api;
        this.gate = gate;
    }

    @Override
    public final PenstockApi api() {
        return api;
    }

    @Override
    public final void handle(Call call, ByteBuffer body) {
        JmsConnection connection = gate.connections().of(call.connection());
        boolean replied = isReplied(body);
        if (isUnhurried(replied)) {
            call.unhurried();
        }
        if (connection == null) {
            refuse(call, replied);
            return;
        }
        connection.seen(gate.clock().nanos());
        JmsCall jms = new JmsCall(call, replied, connection);
        if (connection.requestsInFlight() > gate.limits().inFlightMax()) {
            jms.fail(
                    PenstockError.LIMIT_EXCEEDED,
                    "a connection has at most " + gate.limits().inFlightMax() + " requests in flight");
            return;
        }
        if (gate.isReady() && connection.owner().isCurrent()) {
            run(jms, body);
            return;
        }
        jms.retain();
        gate.whenReady(() -> connection.owner().run(() -> run(jms, body)));
    }

    /** Whether the client waits for a reply to this request; it is told of a failure in any case. */
    boolean isReplied(ByteBuffer body) {
        return api.replied();
    }

    /** Whether nobody waits for what such a request does. */
    boolean isUnhurried(boolean replied) {
        return false;
    }

    private void refuse(Call call, boolean replied) {
        String message = "OpenConnection comes first";
        if (replied) {
            call.fail(PenstockError.NOT_AUTHENTICATED, message);
            return;
        }
        if (api.replied()) {
            call.connection().send(Pushes.connectionError(PenstockError.NOT_AUTHENTICATED, message));
        }
        // Credit that crosses the connection's end is worth nothing, and no news.
        call.done();
    }

    private void run(JmsCall call, ByteBuffer body) {
        try {
            serve(call, body);
        } catch (Exception | Error e) {
            // Also an Error: a client that gets no answer waits for its time-out, and its request is in work for ever.
            call.fail(e);
        }
    }

    /**
     * Answers by one call of the call's methods, now or later. On the connection's owner.
     *
     * @param body valid until this returns unless {@link JmsCall#retain} is called
     * @throws Exception is answered by the table of {@link FrontErrors}; nothing else may have answered then
     */
    abstract void serve(JmsCall call, ByteBuffer body) throws Exception;

    /** The authorisation rule of a key that names a destination. */
    final void require(JmsCall call, Authoriser.Right right, String destination) throws FrontException {
        if (!gate.authoriser().allows(call.connection().principal(), right, destination)) {
            throw new FrontException(
                    PenstockError.NOT_AUTHORISED,
                    call.connection().principal() + " has no right to "
                            + right.name().toLowerCase(java.util.Locale.ROOT) + " " + destination);
        }
    }
}
