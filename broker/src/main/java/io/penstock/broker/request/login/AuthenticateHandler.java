package io.penstock.broker.request.login;

import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.broker.request.jms.MessageFrame;
import io.penstock.protocol.message.AuthenticateRequest;
import io.penstock.protocol.message.AuthenticateResponse;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import java.nio.ByteBuffer;

/**
 * Authenticate: one step of a login by SCRAM, of JMS clients and of brokers; never by PLAIN. Listed where there are users; brokers know
 * that it is there. Rule: anybody.
 */
final class AuthenticateHandler implements PrivateHandler {
    private final Logins logins;

    AuthenticateHandler(Logins logins) {
        this.logins = logins;
    }

    @Override
    public PenstockApi api() {
        return PenstockApi.AUTHENTICATE;
    }

    @Override
    public boolean listed() {
        return logins.hasUsers();
    }

    @Override
    public void handle(Call call, ByteBuffer body) {
        AuthenticateRequest request = AuthenticateRequest.read(body, call.version());
        ClientConnection connection = call.connection();
        String mechanism = request.mechanism();
        if (mechanism.equals(SaslExchange.PLAIN)
                || !logins.hasBegun(connection, mechanism) && !logins.begin(connection, mechanism)) {
            refuse(call, "this mechanism is not spoken here, or the connection has logged in already");
            return;
        }
        byte[] token = new byte[request.token().remaining()];
        request.token().get(token);
        logins.step(connection, token, new Logins.Step() {
            @Override
            public void answered(byte[] answer, boolean complete) {
                call.reply(new MessageFrame(new AuthenticateResponse(complete, ByteBuffer.wrap(answer))));
            }

            @Override
            public void refused(String why) {
                refuse(call, why);
            }
        });
    }

    private static void refuse(Call call, String why) {
        call.fail(PenstockError.NOT_AUTHENTICATED, why);
        call.connection().close("the login has failed");
    }
}
