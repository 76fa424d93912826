package io.penstock.broker.request.jms;

import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.protocol.message.AttachRequest;
import io.penstock.protocol.message.AttachSource;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.selector.Selector;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Attach: checks what is asked for and starts an {@link Attachment}. Rule: read the topic. */
final class AttachHandler extends JmsHandler {
    private final MetadataStore metadata;
    private final Deliveries deliveries;
    private final SubscriptionService subscriptions;
    private final Temporaries temporaries;
    private final int brokerId;

    AttachHandler(
            JmsGate gate,
            MetadataStore metadata,
            Deliveries deliveries,
            SubscriptionService subscriptions,
            Temporaries temporaries,
            int brokerId) {
        super(PenstockApi.ATTACH, gate);
        this.metadata = metadata;
        this.deliveries = deliveries;
        this.subscriptions = subscriptions;
        this.temporaries = temporaries;
        this.brokerId = brokerId;
    }

    @Override
    void serve(JmsCall call, ByteBuffer body) throws FrontException {
        AttachRequest request = AttachRequest.read(body, call.version());
        Selector selector = Selectors.compile(request.selector());
        if (request.browse() && request.source() != AttachSource.QUEUE) {
            throw FrontException.invalid("only a queue can be browsed");
        }
        if (request.creditMessages() < 0 || request.creditBytes() < 0) {
            throw FrontException.invalid("negative credit");
        }
        TopicImage topic = temporaries
                .topic(request.topicId(), call.connection())
                .or(() -> metadata.image().topic(request.topicId()))
                .orElseThrow(() -> new FrontException(
                        PenstockError.UNKNOWN_DESTINATION, "there is no destination with id " + request.topicId()));
        require(call, Authoriser.Right.READ, topic.name());
        checkKind(topic, request);
        List<Integer> partitions = partitions(topic, request.partitions());
        JmsSession session = call.connection().session(request.sessionId());
        JmsConsumer present = call.connection().consumer(request.consumerId());
        if (present != null) {
            replace(call, session, present);
        }
        new Attachment(call, session, request, selector, topic, partitions, deliveries, subscriptions).start();
    }

    /** A client that came back with a new socket attaches its consumers again, under their old ids. */
    private static void replace(JmsCall call, JmsSession session, JmsConsumer present) throws FrontException {
        if (present.session() != session
                || present.socket() == call.connection().socket()) {
            throw FrontException.invalid("consumer id " + present.id() + " is taken in this connection");
        }
        present.replaced();
        session.remove(present);
    }

    private static void checkKind(TopicImage topic, AttachRequest request) throws FrontException {
        DestinationKind asked = request.source() == AttachSource.QUEUE ? DestinationKind.QUEUE : DestinationKind.TOPIC;
        DestinationKind kind = Destinations.kind(topic);
        if (kind != asked) {
            throw new FrontException(
                    PenstockError.WRONG_KIND,
                    kind == null
                            ? topic.name() + " was not resolved by a JMS client before"
                            : topic.name() + " is a " + Destinations.word(kind));
        }
        boolean named = request.source() == AttachSource.SUBSCRIPTION || request.source() == AttachSource.SHARED;
        if (named && request.groupId() == null) {
            throw FrontException.invalid("a subscription needs its group id or name");
        }
    }

    private List<Integer> partitions(TopicImage topic, List<Integer> asked) throws FrontException {
        List<Integer> served = new ArrayList<>();
        for (PartitionImage partition : topic.partitions()) {
            if (partition.leader() == brokerId && (asked.isEmpty() || asked.contains(partition.index()))) {
                served.add(partition.index());
            }
        }
        if (served.isEmpty()) {
            throw new FrontException(
                    PenstockError.NOT_LEADER, "this broker leads none of the partitions asked for of " + topic.name());
        }
        return served;
    }
}
