package io.penstock.broker.request.login;

import io.penstock.broker.request.KafkaHandler;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.SaslHandshakeRequest;

/**
 * SaslHandshake: agrees on a mechanism. Version 0 is listed, since librdkafka takes its absence for a broker without handshakes, and is
 * refused, since after it tokens come without a frame of Kafka's.
 */
final class SaslHandshakeHandler implements KafkaHandler<SaslHandshakeRequest> {
    private final Logins logins;

    SaslHandshakeHandler(Logins logins) {
        this.logins = logins;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.SASL_HANDSHAKE;
    }

    @Override
    public boolean listed() {
        return logins.hasUsers();
    }

    @Override
    public void handle(Call call, SaslHandshakeRequest request) {
        Errors error = Errors.NONE;
        if (call.version() < 1) {
            error = Errors.UNSUPPORTED_VERSION;
        } else if (!logins.mechanisms().contains(request.data().mechanism())) {
            error = Errors.UNSUPPORTED_SASL_MECHANISM;
        } else if (!logins.begin(call.connection(), request.data().mechanism())) {
            error = Errors.ILLEGAL_SASL_STATE;
        }
        call.reply(new SaslHandshakeResponseData().setErrorCode(error.code()).setMechanisms(logins.mechanisms()));
    }
}
