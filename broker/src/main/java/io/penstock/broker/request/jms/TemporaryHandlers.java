package io.penstock.broker.request.jms;

import io.penstock.protocol.message.CreateTemporaryRequest;
import io.penstock.protocol.message.DeleteTemporaryRequest;
import io.penstock.protocol.message.PenstockApi;
import java.nio.ByteBuffer;

/** CreateTemporary and DeleteTemporary. Rule: a connection's own; making them is everybody's right. */
final class TemporaryHandlers {
    private TemporaryHandlers() {}

    /** CreateTemporary. */
    static final class Create extends JmsHandler {
        private final Temporaries temporaries;

        Create(JmsGate gate, Temporaries temporaries) {
            super(PenstockApi.CREATE_TEMPORARY, gate);
            this.temporaries = temporaries;
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            CreateTemporaryRequest request = CreateTemporaryRequest.read(body, call.version());
            temporaries.create(call.connection(), request.name(), request.kind());
            call.reply(null);
        }
    }

    /** DeleteTemporary. */
    static final class Delete extends JmsHandler {
        private final Temporaries temporaries;

        Delete(JmsGate gate, Temporaries temporaries) {
            super(PenstockApi.DELETE_TEMPORARY, gate);
            this.temporaries = temporaries;
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            DeleteTemporaryRequest request = DeleteTemporaryRequest.read(body, call.version());
            temporaries.delete(call.connection(), request.name());
            call.reply(null);
        }
    }
}
