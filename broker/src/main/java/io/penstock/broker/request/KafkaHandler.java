package io.penstock.broker.request;

import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * Serves one of Kafka's api keys. Stateless; called on the connection's event loop; must not block.
 *
 * @param <Q> the request that the key carries
 */
public interface KafkaHandler<Q extends AbstractRequest> {

    ApiKeys key();

    /** Lowest version that is really served; what ApiVersions lists. */
    default short lowestVersion() {
        return key().oldestVersion();
    }

    /** Highest version that is really served. */
    default short highestVersion() {
        return key().latestVersion(false);
    }

    /** Whether ApiVersions lists it now. */
    default boolean listed() {
        return true;
    }

    /**
     * Answers the request by one call of {@code reply}, now or later, from any thread. An exception thrown here is
     * answered by {@link AbstractRequest#getErrorResponse}.
     *
     * @param request record bytes in it are slices of the frame, valid until this method returns unless
     *     {@link Call#retain} is called
     */
    void handle(Call call, Q request) throws Exception;

    /** One request in progress. */
    interface Call {
        ClientConnection connection();

        RequestHeader header();

        default short version() {
            return header().apiVersion();
        }

        /** Keeps the frame's bytes until the reply, for handlers that go to another thread. */
        void retain();

        /** Sends the response, in the order of the connection's requests. */
        void reply(ApiMessage response);

        /** Sends an error response made from the request by kafka-clients. */
        void fail(Throwable error);

        /** Ends the request without a response (Produce with acks 0). */
        void replyNothing();
    }
}
