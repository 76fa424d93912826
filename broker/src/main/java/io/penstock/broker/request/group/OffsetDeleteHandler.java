package io.penstock.broker.request.group;

import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.OffsetDeleteResult;
import io.penstock.broker.group.TopicPartitionKey;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.request.KafkaHandler;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponsePartition;
import org.apache.kafka.common.message.OffsetDeleteResponseData.OffsetDeleteResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetDeleteRequest;

/** OffsetDelete: forgets offsets of topics that no member reads. */
final class OffsetDeleteHandler implements KafkaHandler<OffsetDeleteRequest> {
    private final GroupCoordinator coordinator;
    private final MetadataStore metadata;

    OffsetDeleteHandler(GroupCoordinator coordinator, MetadataStore metadata) {
        this.coordinator = coordinator;
        this.metadata = metadata;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.OFFSET_DELETE;
    }

    @Override
    public void handle(Call call, OffsetDeleteRequest request) {
        OffsetDeleteRequestData data = request.data();
        List<TopicPartitionKey> keys = new ArrayList<>();
        data.topics().forEach(topic -> topic.partitions().forEach(partition -> {
            if (exists(topic.name(), partition.partitionIndex())) {
                keys.add(new TopicPartitionKey(topic.name(), partition.partitionIndex()));
            }
        }));
        coordinator.deleteOffsets(data.groupId(), keys).thenAccept(result -> call.reply(answer(data, result)));
    }

    private boolean exists(String topic, int partition) {
        return metadata.image()
                .topic(topic)
                .filter(image ->
                        partition >= 0 && partition < image.partitions().size())
                .isPresent();
    }

    private static OffsetDeleteResponseData answer(OffsetDeleteRequestData data, OffsetDeleteResult result) {
        Errors error = GroupErrors.of(result.error());
        OffsetDeleteResponseData response = new OffsetDeleteResponseData().setErrorCode(error.code());
        if (error != Errors.NONE) {
            return response;
        }
        data.topics().forEach(topic -> {
            OffsetDeleteResponseTopic one = new OffsetDeleteResponseTopic().setName(topic.name());
            topic.partitions().forEach(partition -> {
                TopicPartitionKey key = new TopicPartitionKey(topic.name(), partition.partitionIndex());
                Errors each = result.partitions().containsKey(key)
                        ? GroupErrors.of(result.partitions().get(key))
                        : Errors.UNKNOWN_TOPIC_OR_PARTITION;
                one.partitions()
                        .add(new OffsetDeleteResponsePartition()
                                .setPartitionIndex(key.partition())
                                .setErrorCode(each.code()));
            });
            response.topics().add(one);
        });
        return response;
    }
}
