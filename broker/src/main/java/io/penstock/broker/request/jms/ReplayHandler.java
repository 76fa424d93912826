package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.GroupReplay;
import io.penstock.broker.delivery.GroupSpec;
import io.penstock.broker.delivery.PartitionDelivery;
import io.penstock.broker.delivery.SharePartition;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.ReplayRequest;
import io.penstock.protocol.message.ReplayResponse;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Replay: a queue, or a durable subscription, gets what it has settled on a partition of this broker once more. Rule: alter
 * the destination. Answered when the ledger has it.
 */
final class ReplayHandler extends JmsHandler {
    private final MetadataStore metadata;
    private final Deliveries deliveries;

    ReplayHandler(JmsGate gate, MetadataStore metadata, Deliveries deliveries) {
        super(PenstockApi.REPLAY, gate);
        this.metadata = metadata;
        this.deliveries = deliveries;
    }

    @Override
    void serve(JmsCall call, ByteBuffer body) throws FrontException {
        ReplayRequest asked = ReplayRequest.read(body, call.version());
        Destinations.checkName(asked.destination());
        require(call, Authoriser.Right.ALTER, asked.destination());
        if (asked.fromOffset() < ReplayRequest.BY_TIME) {
            throw FrontException.invalid("offset " + asked.fromOffset());
        }
        TopicImage topic = metadata.image().topic(asked.destination()).orElse(null);
        DestinationKind kind = topic == null ? null : Destinations.kind(topic);
        if (kind == null
                || asked.partition() < 0
                || asked.partition() >= topic.partitions().size()) {
            throw new FrontException(
                    PenstockError.UNKNOWN_DESTINATION,
                    "there is no queue or topic " + asked.destination() + " with a partition " + asked.partition());
        }
        if ((kind == DestinationKind.QUEUE) != (asked.groupId() == null)) {
            throw FrontException.invalid(
                    kind == DestinationKind.QUEUE
                            ? "a queue has no subscriptions"
                            : "of a topic, a subscription is replayed");
        }
        deliveries.with(topic.id(), asked.partition(), delivery -> replay(call, delivery, asked), call::fail);
    }

    private static void replay(JmsCall call, PartitionDelivery delivery, ReplayRequest asked) {
        String groupId = asked.groupId() == null ? asked.destination() : asked.groupId();
        SharePartition group = delivery.group(groupId).orElse(null);
        if (group == null && asked.groupId() == null) {
            call.reply(new MessageFrame(new ReplayResponse(Math.max(0, asked.fromOffset()), 0))); // Nobody took any.
            return;
        }
        if (group == null || group.spec().kind() == GroupSpec.Kind.NON_DURABLE) {
            call.fail(new FrontException(
                    PenstockError.UNKNOWN_SUBSCRIPTION, "there is no durable subscription " + groupId));
            return;
        }
        try {
            GroupReplay replay = group.replay();
            long from = asked.fromOffset() == ReplayRequest.BY_TIME
                    ? replay.offsetAt(asked.fromMillis())
                    : asked.fromOffset();
            replay.from(from, (replayed, failure) -> {
                if (failure == null) {
                    call.reply(new MessageFrame(new ReplayResponse(replayed.fromOffset(), replayed.records())));
                } else {
                    call.fail(failure);
                }
            });
        } catch (IOException e) {
            call.fail(e);
        }
    }
}
