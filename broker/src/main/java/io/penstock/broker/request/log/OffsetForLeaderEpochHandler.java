package io.penstock.broker.request.log;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.request.KafkaHandler;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;

/** OffsetForLeaderEpoch (KIP-101, KIP-320): where an epoch ended, so that readers notice a truncated log. */
final class OffsetForLeaderEpochHandler implements KafkaHandler<OffsetsForLeaderEpochRequest> {
    private final MetadataStore store;
    private final Partitions partitions;

    OffsetForLeaderEpochHandler(MetadataStore store, Partitions partitions) {
        this.store = store;
        this.partitions = partitions;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.OFFSET_FOR_LEADER_EPOCH;
    }

    @Override
    public void handle(Call call, OffsetsForLeaderEpochRequest request) {
        ClusterImage image = store.image();
        OffsetForLeaderEpochResponseData response = new OffsetForLeaderEpochResponseData();
        Gathering gathering = new Gathering(call, () -> response);
        for (OffsetForLeaderTopic topic : request.data().topics()) {
            List<EpochEndOffset> rows = new ArrayList<>(topic.partitions().size());
            response.topics()
                    .add(new OffsetForLeaderTopicResult()
                            .setTopic(topic.topic())
                            .setPartitions(rows));
            TopicImage found = image.topic(topic.topic()).orElse(null);
            for (OffsetForLeaderPartition asked : topic.partitions()) {
                EpochEndOffset row = new EpochEndOffset().setPartition(asked.partition());
                rows.add(row);
                if (found == null) {
                    row.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
                    continue;
                }
                gathering.begin();
                partitions.with(
                        found.id(),
                        asked.partition(),
                        partition -> {
                            answer(partition, asked, row);
                            gathering.done();
                        },
                        failure -> {
                            row.setErrorCode(LogErrors.of(failure).code());
                            gathering.done();
                        });
            }
        }
        gathering.done();
    }

    private static void answer(Partition partition, OffsetForLeaderPartition asked, EpochEndOffset row) {
        Errors epoch = LogErrors.epoch(partition.leaderEpoch(), asked.currentLeaderEpoch());
        if (epoch != Errors.NONE) {
            row.setErrorCode(epoch.code());
        } else if (asked.leaderEpoch() == partition.leaderEpoch()) {
            row.setLeaderEpoch(asked.leaderEpoch()).setEndOffset(partition.log().endOffset());
        } else {
            partition.log().endOfEpoch(asked.leaderEpoch()).ifPresent(end -> row.setLeaderEpoch(end.epoch())
                    .setEndOffset(end.endOffset()));
        }
    }
}
