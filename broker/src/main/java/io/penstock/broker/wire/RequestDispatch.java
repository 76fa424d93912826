package io.penstock.broker.wire;

import io.penstock.broker.request.Audience;
import io.penstock.broker.request.HandlerRegistry;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.broker.security.UserNames;
import io.penstock.protocol.message.MalformedMessageException;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrivateRequestHeader;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From a frame to its handler. Ours go first, since kafka-clients cannot read a header with a key that it does not
 * know. What cannot be understood ends the connection, as at Kafka: after it nothing on this stream can be trusted.
 * Stateless; event loops.
 */
final class RequestDispatch {
    private static final Logger log = LoggerFactory.getLogger(RequestDispatch.class);

    private final HandlerRegistry handlers;

    RequestDispatch(HandlerRegistry handlers) {
        this.handlers = handlers;
    }

    /** @throws BadFrameException when the connection must be closed */
    void dispatch(Connection connection, KafkaCall.Frame frame) {
        ByteBuffer bytes = frame.bytes().nioBuffer();
        short key = bytes.getShort(bytes.position());
        if (key >= PenstockApi.FIRST_KEY) {
            dispatchPrivate(connection, frame, bytes, key);
        } else {
            dispatchKafka(connection, frame, bytes, key);
        }
    }

    private void dispatchKafka(Connection connection, KafkaCall.Frame frame, ByteBuffer bytes, short key) {
        short version = bytes.getShort(bytes.position() + Short.BYTES);
        KafkaHandler<?> handler = ApiKeys.hasId(key) ? handlers.kafka(ApiKeys.forId(key)) : null;
        if (handler == null) {
            throw new BadFrameException("api key " + key + " is not served");
        }
        Audience audience = Audience.of(handler.key());
        if (audience != Audience.ANYBODY && !connection.admitted()) {
            throw new BadFrameException(handler.key() + " before a login; this broker wants one (SASL_PLAINTEXT)");
        }
        if (version < handler.lowestVersion() || version > handler.highestVersion()) {
            refuseVersion(connection, frame, bytes, handler, version);
            return;
        }
        RequestHeader header;
        AbstractRequest request;
        try {
            header = RequestHeader.parse(bytes);
            request = AbstractRequest.parseRequest(header.apiKey(), version, new ByteBufferAccessor(bytes)).request;
        } catch (RuntimeException e) {
            throw new BadFrameException(handler.key() + " version " + version + " is malformed: " + e.getMessage(), e);
        }
        KafkaCall call = new KafkaCall(connection, header, request, frame);
        connection.enqueue(call);
        if (handlers.right().allows(principal(connection), audience, key)) {
            handle(handler, call, request);
        } else {
            call.fail(Errors.CLUSTER_AUTHORIZATION_FAILED.exception());
        }
    }

    private static String principal(Connection connection) {
        return connection.admitted() ? connection.principal() : null;
    }

    @SuppressWarnings("unchecked")
    private static void handle(KafkaHandler<?> handler, KafkaCall call, AbstractRequest request) {
        try {
            ((KafkaHandler<AbstractRequest>) handler).handle(call, request);
        } catch (Exception | Error e) {
            if (call.answered()) {
                log.error("{} failed after its answer", handler.key(), e);
            } else {
                log.error("{} failed", call.header(), e);
                call.fail(e);
            }
        }
    }

    /** ApiVersions and old Produce requests are answered, so that their senders can go on with another version. */
    private void refuseVersion(
            Connection connection, KafkaCall.Frame frame, ByteBuffer bytes, KafkaHandler<?> handler, short version) {
        if (handler.key() == ApiKeys.API_VERSIONS && version > handler.highestVersion()) {
            UnsupportedApiVersions.answer(connection, frame, bytes, handlers);
        } else if (handler.key() == ApiKeys.PRODUCE && version >= 0 && version < handler.lowestVersion()) {
            OldProduce.answer(connection, frame, bytes, version);
        } else {
            throw new BadFrameException(handler.key() + " version " + version + " is not served, but "
                    + handler.lowestVersion() + " to " + handler.highestVersion());
        }
    }

    private void dispatchPrivate(Connection connection, KafkaCall.Frame frame, ByteBuffer bytes, short key) {
        PrivateRequestHeader header;
        try {
            header = PrivateRequestHeader.read(bytes);
        } catch (MalformedMessageException e) {
            throw new BadFrameException("the header of a request with key " + key + " is malformed", e);
        }
        PenstockApi api = PenstockApi.of(key).orElse(null);
        PrivateCall call = new PrivateCall(connection, header, api, frame);
        PrivateHandler handler = api == null ? null : handlers.own(api);
        if (api != null && !handlers.right().allows(principal(connection), Audience.of(api), key)) {
            refuse(connection, call, api);
        } else if (handler == null) {
            call.fail(PenstockError.NOT_SUPPORTED, "api key " + key + " is not served");
        } else if (header.apiVersion() < api.lowestVersion() || header.apiVersion() > api.highestVersion()) {
            call.fail(
                    PenstockError.UNSUPPORTED_VERSION,
                    api + " version " + header.apiVersion() + " is not served, but " + api.lowestVersion() + " to "
                            + api.highestVersion());
        } else {
            handle(handler, call, bytes.slice());
        }
    }

    private static void refuse(Connection connection, PrivateCall call, PenstockApi api) {
        if (connection.admitted()) {
            call.fail(
                    PenstockError.NOT_AUTHORISED,
                    UserNames.shown(connection.principal()) + " has no right to ask for " + api);
        } else {
            call.fail(PenstockError.NOT_AUTHENTICATED, "this broker wants a login before " + api);
        }
    }

    private static void handle(PrivateHandler handler, PrivateCall call, ByteBuffer body) {
        try {
            handler.handle(call, body);
        } catch (MalformedMessageException e) {
            if (!call.answered()) {
                call.fail(PenstockError.INVALID_REQUEST, handler.api() + " is malformed: " + e.getMessage());
            }
        } catch (Exception | Error e) {
            log.error("{} failed", handler.api(), e);
            if (!call.answered()) {
                call.fail(PenstockError.INTERNAL, handler.api() + " failed: " + e);
            }
        }
    }
}
