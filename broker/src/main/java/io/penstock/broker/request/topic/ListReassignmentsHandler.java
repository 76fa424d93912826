package io.penstock.broker.request.topic;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.request.KafkaHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.apache.kafka.common.message.ListPartitionReassignmentsRequestData.ListPartitionReassignmentsTopics;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingPartitionReassignment;
import org.apache.kafka.common.message.ListPartitionReassignmentsResponseData.OngoingTopicReassignment;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.ListPartitionReassignmentsRequest;

/** ListPartitionReassignments: the moves under way, of some partitions or of all; others are left out. */
final class ListReassignmentsHandler implements KafkaHandler<ListPartitionReassignmentsRequest> {
    private final MetadataStore store;

    ListReassignmentsHandler(MetadataStore store) {
        this.store = store;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.LIST_PARTITION_REASSIGNMENTS;
    }

    @Override
    public void handle(Call call, ListPartitionReassignmentsRequest request) {
        ClusterImage image = store.image();
        ListPartitionReassignmentsResponseData response = new ListPartitionReassignmentsResponseData();
        List<ListPartitionReassignmentsTopics> asked = request.data().topics();
        if (asked == null) {
            image.topics().forEach(topic -> add(response, topic, index -> true));
        } else {
            asked.forEach(named -> image.topic(named.name())
                    .ifPresent(topic -> add(response, topic, named.partitionIndexes()::contains)));
        }
        call.reply(response);
    }

    private static void add(ListPartitionReassignmentsResponseData response, TopicImage topic, IntPredicate wanted) {
        List<OngoingPartitionReassignment> moves = new ArrayList<>();
        for (PartitionImage partition : topic.partitions()) {
            if (partition.reassigning() && wanted.test(partition.index())) {
                moves.add(new OngoingPartitionReassignment()
                        .setPartitionIndex(partition.index())
                        .setReplicas(partition.replicas())
                        .setAddingReplicas(partition.adding())
                        .setRemovingReplicas(partition.removing()));
            }
        }
        if (!moves.isEmpty()) {
            response.topics()
                    .add(new OngoingTopicReassignment().setName(topic.name()).setPartitions(moves));
        }
    }
}
