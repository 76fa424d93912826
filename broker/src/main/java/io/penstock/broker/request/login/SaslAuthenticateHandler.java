package io.penstock.broker.request.login;

import io.penstock.broker.request.KafkaHandler;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.SaslAuthenticateRequest;

/**
 * SaslAuthenticate: one step of the mechanism that was agreed on. A login has no end of life (KIP-368), so clients do not log in again on
 * a connection; one whose user is gone is closed.
 */
final class SaslAuthenticateHandler implements KafkaHandler<SaslAuthenticateRequest> {
    private final Logins logins;

    SaslAuthenticateHandler(Logins logins) {
        this.logins = logins;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.SASL_AUTHENTICATE;
    }

    @Override
    public boolean listed() {
        return logins.hasUsers();
    }

    @Override
    public void handle(Call call, SaslAuthenticateRequest request) {
        logins.step(call.connection(), request.data().authBytes(), new Logins.Step() {
            @Override
            public void answered(byte[] token, boolean complete) {
                call.reply(new SaslAuthenticateResponseData().setAuthBytes(token));
            }

            @Override
            public void refused(String why) {
                call.reply(new SaslAuthenticateResponseData()
                        .setErrorCode(Errors.SASL_AUTHENTICATION_FAILED.code())
                        .setErrorMessage("Authentication failed: " + why));
                call.connection().close("the login has failed");
            }
        });
    }
}
