package io.penstock.broker.request.log;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.PartitionLog.TimestampedOffset;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListOffsetsRequest;

/** ListOffsets: earliest, latest, by timestamp, of the largest timestamp. */
final class ListOffsetsHandler implements KafkaHandler<ListOffsetsRequest> {
    /** The first version whose answer can carry a leader's epoch. */
    private static final int LEADER_EPOCH = 4;

    private final MetadataStore store;
    private final Partitions partitions;

    ListOffsetsHandler(MetadataStore store, Partitions partitions) {
        this.store = store;
        this.partitions = partitions;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.LIST_OFFSETS;
    }

    @Override
    public void handle(Call call, ListOffsetsRequest request) {
        ClusterImage image = store.image();
        boolean committed = request.isolationLevel() == IsolationLevel.READ_COMMITTED;
        ListOffsetsResponseData response = new ListOffsetsResponseData();
        Gathering gathering = new Gathering(call, () -> response);
        for (ListOffsetsTopic topic : request.topics()) {
            List<ListOffsetsPartitionResponse> rows =
                    new ArrayList<>(topic.partitions().size());
            response.topics()
                    .add(new ListOffsetsTopicResponse().setName(topic.name()).setPartitions(rows));
            TopicImage found = image.topic(topic.name()).orElse(null);
            for (ListOffsetsPartition asked : topic.partitions()) {
                ListOffsetsPartitionResponse row =
                        new ListOffsetsPartitionResponse().setPartitionIndex(asked.partitionIndex());
                rows.add(row);
                if (found == null) {
                    row.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
                    continue;
                }
                gathering.begin();
                partitions.with(
                        found.id(),
                        asked.partitionIndex(),
                        partition -> {
                            answer(partition, asked, committed, row);
                            if (call.version() < LEADER_EPOCH) {
                                row.setLeaderEpoch(-1);
                            }
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

    private static void answer(
            Partition partition, ListOffsetsPartition asked, boolean committed, ListOffsetsPartitionResponse row) {
        Errors epoch = LogErrors.epoch(partition.leaderEpoch(), asked.currentLeaderEpoch());
        if (epoch != Errors.NONE) {
            row.setErrorCode(epoch.code());
            return;
        }
        try {
            find(partition, asked.timestamp(), committed, row);
        } catch (IOException e) {
            row.setErrorCode(LogErrors.of(e).code());
        }
    }

    private static void find(Partition partition, long timestamp, boolean committed, ListOffsetsPartitionResponse row)
            throws IOException {
        PartitionLog log = partition.log();
        long end = committed ? partition.lastStableOffset() : partition.highWatermark();
        boolean ofTheEnd = timestamp == ListOffsetsRequest.LATEST_TIMESTAMP || timestamp >= 0;
        if (ofTheEnd && !partition.settled()) {
            // KIP-207: an earlier leader may have told more.
            row.setErrorCode(Errors.OFFSET_NOT_AVAILABLE.code());
        } else if (timestamp == ListOffsetsRequest.LATEST_TIMESTAMP) {
            row.setOffset(end).setLeaderEpoch(partition.leaderEpoch());
        } else if (timestamp == ListOffsetsRequest.EARLIEST_TIMESTAMP
                || timestamp == ListOffsetsRequest.EARLIEST_LOCAL_TIMESTAMP) {
            row.setOffset(log.startOffset())
                    .setLeaderEpoch(log.epochAt(log.startOffset()).orElse(partition.leaderEpoch()));
        } else if (timestamp == ListOffsetsRequest.MAX_TIMESTAMP) {
            fill(row, log.maxTimestamp(), end);
        } else if (timestamp >= 0) {
            fill(row, log.offsetForTimestamp(timestamp), end);
        } else if (timestamp != ListOffsetsRequest.LATEST_TIERED_TIMESTAMP
                && timestamp != ListOffsetsRequest.EARLIEST_PENDING_UPLOAD_TIMESTAMP) {
            row.setErrorCode(Errors.UNSUPPORTED_VERSION.code());
        }
        // Nothing is tiered: the row says -1.
    }

    /** What is not committed yet is as if it were not there. */
    private static void fill(ListOffsetsPartitionResponse row, Optional<TimestampedOffset> found, long end) {
        found.filter(offset -> offset.offset() < end).ifPresent(offset -> row.setOffset(offset.offset())
                .setTimestamp(offset.timestampMillis())
                .setLeaderEpoch(offset.leaderEpoch()));
    }
}
