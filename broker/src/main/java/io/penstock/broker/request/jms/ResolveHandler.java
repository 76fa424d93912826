package io.penstock.broker.request.jms;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.protocol.message.BrokerAddress;
import io.penstock.protocol.message.PartitionLeader;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.ResolveRequest;
import io.penstock.protocol.message.ResolveResponse;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Resolve: finds a destination, or makes it. Rules: describe it; create it when it is made. */
final class ResolveHandler extends JmsHandler {
    private final Destinations destinations;
    private final MetadataStore metadata;

    ResolveHandler(JmsGate gate, Destinations destinations, MetadataStore metadata) {
        super(PenstockApi.RESOLVE, gate);
        this.destinations = destinations;
        this.metadata = metadata;
    }

    @Override
    void serve(JmsCall call, ByteBuffer body) throws FrontException {
        ResolveRequest request = ResolveRequest.read(body, call.version());
        Destinations.checkName(request.name());
        require(call, Authoriser.Right.DESCRIBE, request.name());
        if (request.create() && destinations.find(request.name()).isEmpty()) {
            require(call, Authoriser.Right.CREATE, request.name());
        }
        destinations
                .resolve(request.name(), request.kind(), request.create(), request.partitions())
                .whenComplete((topic, failure) -> {
                    if (failure != null) {
                        call.fail(failure);
                    } else {
                        call.reply(new MessageFrame(response(topic, request)));
                    }
                });
    }

    private ResolveResponse response(TopicImage topic, ResolveRequest request) {
        List<PartitionLeader> partitions = new ArrayList<>(topic.partitions().size());
        for (PartitionImage partition : topic.partitions()) {
            partitions.add(new PartitionLeader(partition.index(), partition.leader(), partition.leaderEpoch()));
        }
        List<BrokerAddress> brokers = new ArrayList<>();
        for (BrokerImage broker : metadata.image().brokers()) {
            brokers.add(new BrokerAddress(broker.id(), broker.host(), broker.port()));
        }
        return new ResolveResponse(topic.id(), request.kind(), partitions, brokers);
    }
}
