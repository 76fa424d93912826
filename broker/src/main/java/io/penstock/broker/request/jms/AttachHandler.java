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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Attach: checks what is asked for and starts an {@link Attachment}. Rule: read the topic. */
final class AttachHandler extends JmsHandler {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** Among the partitions of a relayed Attach: the broker leads the subscriptions, and is to claim this one. */
    static final int CLAIM = -1;

    private final JmsGate gate;
    private final MetadataStore metadata;
    private final Deliveries deliveries;
    private final SubscriptionService subscriptions;
    private final Temporaries temporaries;
    private final CommitRoutes routes;

    AttachHandler(
            JmsGate gate,
            MetadataStore metadata,
            Deliveries deliveries,
            SubscriptionService subscriptions,
            Temporaries temporaries,
            CommitRoutes routes) {
        super(PenstockApi.ATTACH, gate);
        this.gate = gate;
        this.metadata = metadata;
        this.deliveries = deliveries;
        this.subscriptions = subscriptions;
        this.temporaries = temporaries;
        this.routes = routes;
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
        attempt(call, request, selector, gate.clock().nanos() + PATIENCE_NANOS);
    }

    private void attempt(JmsCall call, AttachRequest request, Selector selector, long deadline) throws FrontException {
        TopicImage topic = temporaries
                .topic(request.topicId(), call.connection())
                .or(() -> metadata.image().topic(request.topicId()))
                .orElseThrow(() -> new FrontException(
                        PenstockError.UNKNOWN_DESTINATION, "there is no destination with id " + request.topicId()));
        require(call, Authoriser.Right.READ, topic.name());
        checkKind(topic, request);
        Map<Integer, List<Integer>> leaders = leaders(topic, request.partitions());
        boolean relayed = call.connection().isRelayed();
        boolean claims = request.partitions().contains(CLAIM);
        if (relayed && claims) {
            leaders.computeIfAbsent(routes.self(), made -> new ArrayList<>());
        } else if (request.source() == AttachSource.SUBSCRIPTION && !relayed && !leaders.isEmpty()) {
            int claimedBy = routes.subscriptionsLeader();
            if (claimedBy != routes.self()) {
                leaders.computeIfAbsent(claimedBy, made -> new ArrayList<>()).add(0, CLAIM);
            }
        }
        if (leaders.isEmpty() || (relayed && !leaders.keySet().equals(Set.of(routes.self())))) {
            throw new FrontException(
                    PenstockError.NOT_LEADER,
                    "this broker leads not all of the partitions asked for of " + topic.name());
        }
        if (leaders.containsKey(CommitRoutes.NOBODY)) {
            later(
                    call,
                    request,
                    selector,
                    deadline,
                    new FrontException(
                            PenstockError.NOT_LEADER, "a partition of " + topic.name() + " has no leader now"));
            return;
        }
        JmsSession session = call.connection().session(request.sessionId());
        JmsConsumer present = call.connection().consumer(request.consumerId());
        if (present != null) {
            replace(call, session, present);
        }
        List<Integer> here = leaders.remove(routes.self());
        new Attachment(
                        call,
                        session,
                        request,
                        selector,
                        topic,
                        here == null ? List.of() : here,
                        leaders,
                        deliveries,
                        subscriptions,
                        failed -> later(call, request, selector, deadline, failed))
                .start();
    }

    /** Leaders move: what is missing now is there soon. */
    private void later(JmsCall call, AttachRequest request, Selector selector, long deadline, Throwable failed) {
        PenstockError error = FrontErrors.error(failed);
        boolean passing = error == PenstockError.NOT_LEADER || error == PenstockError.TIMED_OUT;
        JmsConnection connection = call.connection();
        if (!passing
                || routes.alone()
                || connection.isRelayed()
                || connection.socket() == null
                || gate.clock().nanos() - deadline >= 0) {
            call.fail(failed);
            return;
        }
        connection
                .owner()
                .schedule(
                        () -> {
                            try {
                                attempt(call, request, selector, deadline);
                            } catch (FrontException | RuntimeException e) {
                                call.fail(e);
                            }
                        },
                        PAUSE_NANOS);
    }

    /** A client that came back with a new socket attaches its consumers again, under their old ids. */
    private static void replace(JmsCall call, JmsSession session, JmsConsumer present) throws FrontException {
        JmsConnection connection = call.connection();
        if (present.session() != session || (present.socket() == connection.socket() && !connection.isRelayed())) {
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

    private Map<Integer, List<Integer>> leaders(TopicImage topic, List<Integer> asked) {
        Map<Integer, List<Integer>> leaders = new LinkedHashMap<>();
        for (PartitionImage partition : topic.partitions()) {
            if (asked.isEmpty() || asked.contains(partition.index())) {
                int leader = partition.leader() < 0 ? CommitRoutes.NOBODY : partition.leader();
                leaders.computeIfAbsent(leader, made -> new ArrayList<>()).add(partition.index());
            }
        }
        return leaders;
    }
}
