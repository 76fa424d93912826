package io.penstock.broker.request.jms;

import io.penstock.broker.metadata.TopicImage;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SubscribeRequest;
import io.penstock.protocol.message.SubscribeResponse;
import io.penstock.protocol.message.UnsubscribeRequest;
import io.penstock.protocol.name.GroupId;
import io.penstock.protocol.name.InvalidNameException;
import io.penstock.protocol.selector.Selector;
import java.nio.ByteBuffer;

/** Subscribe and Unsubscribe, for durable subscriptions; others are made by Attach and go with their consumers. */
final class SubscriptionHandlers {
    static final int GROUP_ID_MAX = 400;

    private SubscriptionHandlers() {}

    /** Subscribe. Rule: read the topic. */
    static final class Subscribe extends JmsHandler {
        private final Destinations destinations;
        private final SubscriptionService subscriptions;
        private final CommitRoutes routes;

        Subscribe(JmsGate gate, Destinations destinations, SubscriptionService subscriptions, CommitRoutes routes) {
            super(PenstockApi.SUBSCRIBE, gate);
            this.routes = routes;
            this.destinations = destinations;
            this.subscriptions = subscriptions;
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            SubscribeRequest request = SubscribeRequest.read(body, call.version());
            if (request.shared() && request.noLocal()) {
                throw FrontException.invalid("noLocal is for unshared subscriptions");
            }
            if (!request.durable()) {
                throw FrontException.invalid("a non-durable subscription is made by Attach alone");
            }
            Selector selector = Selectors.compile(request.selector());
            String clientId = clientId(call, request.clientId(), request.shared());
            String groupId = groupId(clientId, request.name());
            require(call, Authoriser.Right.READ, request.topicName());
            TopicImage topic = destinations
                    .find(request.topicName())
                    .orElseThrow(() -> new FrontException(
                            PenstockError.UNKNOWN_DESTINATION, "there is no topic " + request.topicName()));
            if (Destinations.kind(topic) == DestinationKind.QUEUE) {
                throw new FrontException(
                        PenstockError.WRONG_KIND, topic.name() + " is a queue: it has no subscriptions");
            }
            SubscriptionForwarding.run(
                    call,
                    subscriptions,
                    routes,
                    PenstockApi.SUBSCRIBE,
                    request,
                    reply -> call.reply(new MessageFrame(SubscribeResponse.read(reply, (short) 0))),
                    () -> subscribe(call, request, groupId, clientId, topic, selector));
        }

        private void subscribe(
                JmsCall call,
                SubscribeRequest request,
                String groupId,
                String clientId,
                TopicImage topic,
                Selector selector) {
            subscriptions
                    .subscribe(
                            groupId,
                            clientId,
                            request.name(),
                            topic,
                            request.noLocal(),
                            selector == null ? null : selector.text(),
                            request.shared())
                    .whenComplete((made, failure) -> {
                        if (failure != null) {
                            call.fail(failure);
                        } else {
                            call.reply(new MessageFrame(
                                    new SubscribeResponse(made.topicId(), made.groupId(), made.incarnation())));
                        }
                    });
        }
    }

    /** Unsubscribe. Rule: only the subscription's own client id can name it; one without is anybody's. */
    static final class Unsubscribe extends JmsHandler {
        private final SubscriptionService subscriptions;
        private final CommitRoutes routes;

        Unsubscribe(JmsGate gate, SubscriptionService subscriptions, CommitRoutes routes) {
            super(PenstockApi.UNSUBSCRIBE, gate);
            this.routes = routes;
            this.subscriptions = subscriptions;
        }

        @Override
        void serve(JmsCall call, ByteBuffer body) throws FrontException {
            UnsubscribeRequest request = UnsubscribeRequest.read(body, call.version());
            String groupId = groupId(clientId(call, request.clientId(), true), request.name());
            SubscriptionForwarding.run(
                    call,
                    subscriptions,
                    routes,
                    PenstockApi.UNSUBSCRIBE,
                    request,
                    reply -> call.reply(null),
                    () -> unsubscribe(call, groupId, request.name()));
        }

        private void unsubscribe(JmsCall call, String groupId, String name) {
            subscriptions.unsubscribe(groupId, name).whenComplete((nothing, failure) -> {
                if (failure != null) {
                    call.fail(failure);
                } else {
                    call.reply(null);
                }
            });
        }
    }

    /** The connection's client id; a request may leave it out, and may not name another. */
    private static String clientId(JmsCall call, String asked, boolean orNone) throws FrontException {
        String clientId = call.connection().clientId();
        if (clientId == null && !orNone) {
            throw new FrontException(
                    PenstockError.INVALID_CLIENT_ID,
                    "an unshared durable subscription needs a client id on its connection");
        }
        if (asked != null && !asked.isEmpty() && !asked.equals(clientId)) {
            throw FrontException.invalid(
                    "the connection's client id is " + (clientId == null ? "not set" : clientId) + ", not " + asked);
        }
        return clientId;
    }

    /** @param clientId null for a shared subscription of a connection without one */
    private static String groupId(String clientId, String name) throws FrontException {
        String groupId;
        try {
            groupId = GroupId.ofDurable(clientId, name);
        } catch (InvalidNameException e) {
            throw FrontException.invalid(e.getMessage());
        }
        if (groupId.length() > GROUP_ID_MAX) {
            throw FrontException.invalid("client id and subscription name are too long together");
        }
        return groupId;
    }
}
