package io.penstock.broker.request.group;

import io.penstock.broker.group.GroupCoordinator;
import io.penstock.broker.group.GroupError;
import io.penstock.broker.group.OffsetFetchResult;
import io.penstock.broker.group.TopicPartitionKey;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.request.KafkaHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.OffsetFetchRequest;

/**
 * OffsetFetch: one group up to version 7, any number after that; names up to version 9, topic ids after that. Who
 * asks for stable offsets is told where an undecided transaction may change one, and asks again.
 */
final class OffsetFetchHandler implements KafkaHandler<OffsetFetchRequest> {
    private static final int BATCHED = 8;
    private static final int TOPIC_IDS = 10;

    private final GroupCoordinator coordinator;
    private final MetadataStore metadata;

    OffsetFetchHandler(GroupCoordinator coordinator, MetadataStore metadata) {
        this.coordinator = coordinator;
        this.metadata = metadata;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.OFFSET_FETCH;
    }

    @Override
    public void handle(Call call, OffsetFetchRequest request) {
        boolean byId = call.version() >= TOPIC_IDS;
        ClusterImage image = metadata.image();
        if (call.version() < BATCHED) {
            OffsetFetchRequestGroup group = alone(request.data());
            fetch(group, image, byId, request.data().requireStable())
                    .thenAccept(result -> call.reply(FetchedOffsets.single(group, result, call.version())));
            return;
        }
        List<CompletableFuture<OffsetFetchResponseGroup>> groups = new ArrayList<>();
        for (OffsetFetchRequestGroup group : request.data().groups()) {
            groups.add(fetch(group, image, byId, request.data().requireStable())
                    .thenApply(result -> FetchedOffsets.group(group, result, image, byId)));
        }
        CompletableFuture.allOf(groups.toArray(CompletableFuture[]::new)).thenRun(() -> {
            OffsetFetchResponseData response = new OffsetFetchResponseData();
            groups.forEach(group -> response.groups().add(group.join()));
            call.reply(response);
        });
    }

    private CompletableFuture<OffsetFetchResult> fetch(
            OffsetFetchRequestGroup group, ClusterImage image, boolean byId, boolean stable) {
        if (group.topics() == null) {
            return coordinator.fetch(group.groupId(), null, stable);
        }
        List<TopicPartitionKey> keys = new ArrayList<>();
        for (OffsetFetchRequestTopics topic : group.topics()) {
            String name = FetchedOffsets.name(topic, image, byId);
            if (name != null) {
                topic.partitionIndexes().forEach(index -> keys.add(new TopicPartitionKey(name, index)));
            }
        }
        return coordinator.fetch(group.groupId(), keys, stable);
    }

    private static OffsetFetchRequestGroup alone(OffsetFetchRequestData data) {
        OffsetFetchRequestGroup group = new OffsetFetchRequestGroup().setGroupId(data.groupId());
        if (data.topics() == null) {
            return group.setTopics(null);
        }
        data.topics().forEach(topic -> group.topics()
                .add(new OffsetFetchRequestTopics()
                        .setName(topic.name())
                        .setPartitionIndexes(topic.partitionIndexes())));
        return group;
    }

    static boolean failed(OffsetFetchResult result) {
        return result.error() != GroupError.NONE;
    }
}
