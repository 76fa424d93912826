package io.penstock.broker.request.jms;

import io.penstock.broker.request.ClientConnection.OutgoingFrame;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.protocol.message.PenstockError;

/**
 * One private request of an open JMS connection, from its arrival to its one answer. Counted among the connection's
 * requests in flight until then.
 */
final class JmsCall {
    private final PrivateHandler.Call call;
    private final boolean replied;
    private final JmsConnection connection;

    /** @param replied the client waits for a reply */
    JmsCall(PrivateHandler.Call call, boolean replied, JmsConnection connection) {
        this.call = call;
        this.replied = replied;
        this.connection = connection;
        connection.requestBegins();
    }

    JmsConnection connection() {
        return connection;
    }

    short version() {
        return call.version();
    }

    /** Keeps the frame's bytes until the answer. */
    void retain() {
        call.retain();
    }

    /** Served: an empty reply, where one is awaited. */
    void succeed() {
        if (replied) {
            reply(null);
        } else {
            done();
        }
    }

    /** @param body null for an empty one */
    void reply(OutgoingFrame body) {
        connection.requestEnds();
        call.reply(body);
    }

    /** A request that wants no answer has been served. */
    void done() {
        connection.requestEnds();
        call.done();
    }

    /** A request of which the client awaits no reply cannot be answered: its failure goes out as a push. */
    void fail(PenstockError error, String message) {
        connection.requestEnds();
        if (replied) {
            call.fail(error, message);
        } else {
            call.done();
            connection.push(Pushes.connectionError(error, message));
        }
    }

    void fail(Throwable failure) {
        fail(FrontErrors.error(failure), FrontErrors.message(failure));
    }
}
