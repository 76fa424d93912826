package io.penstock.broker.request;

import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import java.nio.ByteBuffer;

/** What handlers of requests between brokers have in common: whoever asks needs the right to act as a broker. */
public abstract class PeerHandler implements PrivateHandler {
    private final PenstockApi api;
    private final PeerRight right;

    protected PeerHandler(PenstockApi api, PeerRight right) {
        this.api = api;
        this.right = right;
    }

    @Override
    public final PenstockApi api() {
        return api;
    }

    @Override
    public final void handle(Call call, ByteBuffer body) throws Exception {
        String principal = call.connection().principal();
        if (right.allows(principal)) {
            serve(call, body);
        } else {
            call.fail(PenstockError.NOT_AUTHORISED, principal + " has no right to act as a broker of this cluster");
        }
    }

    /** As {@link PrivateHandler#handle}, of somebody who has the right. */
    protected abstract void serve(Call call, ByteBuffer body) throws Exception;
}
