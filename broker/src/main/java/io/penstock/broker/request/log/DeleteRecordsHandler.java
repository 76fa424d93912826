package io.penstock.broker.request.log;

import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.request.KafkaHandler;
import java.io.IOException;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResultCollection;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DeleteRecordsRequest;

/** DeleteRecords: moves a log's start, at most to the high watermark. */
final class DeleteRecordsHandler implements KafkaHandler<DeleteRecordsRequest> {
    /** As an offset: all that is committed. */
    private static final long HIGH_WATERMARK = -1;

    private static final long NO_LOW_WATERMARK = -1;

    private final MetadataStore store;
    private final Partitions partitions;

    DeleteRecordsHandler(MetadataStore store, Partitions partitions) {
        this.store = store;
        this.partitions = partitions;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DELETE_RECORDS;
    }

    @Override
    public void handle(Call call, DeleteRecordsRequest request) {
        ClusterImage image = store.image();
        DeleteRecordsResponseData response = new DeleteRecordsResponseData();
        Gathering gathering = new Gathering(call, () -> response);
        for (DeleteRecordsTopic topic : request.data().topics()) {
            DeleteRecordsPartitionResultCollection rows = new DeleteRecordsPartitionResultCollection();
            response.topics()
                    .add(new DeleteRecordsTopicResult().setName(topic.name()).setPartitions(rows));
            TopicImage found = image.topic(topic.name()).orElse(null);
            for (DeleteRecordsPartition asked : topic.partitions()) {
                DeleteRecordsPartitionResult row = new DeleteRecordsPartitionResult()
                        .setPartitionIndex(asked.partitionIndex())
                        .setLowWatermark(NO_LOW_WATERMARK);
                rows.add(row);
                if (found == null || found.internal()) {
                    row.setErrorCode(
                            (found == null ? Errors.UNKNOWN_TOPIC_OR_PARTITION : Errors.INVALID_TOPIC_EXCEPTION)
                                    .code());
                    continue;
                }
                gathering.begin();
                partitions.with(
                        found.id(),
                        asked.partitionIndex(),
                        partition -> {
                            delete(partition, asked.offset(), row);
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

    private static void delete(Partition partition, long offset, DeleteRecordsPartitionResult row) {
        long target = offset == HIGH_WATERMARK ? partition.highWatermark() : offset;
        try {
            if (target < 0 || target > partition.highWatermark()) {
                row.setErrorCode(Errors.OFFSET_OUT_OF_RANGE.code());
                return;
            }
            if (target > partition.log().startOffset()) {
                partition.advanceStartOffset(target);
            }
            row.setLowWatermark(partition.log().startOffset());
        } catch (IOException e) {
            row.setErrorCode(LogErrors.of(e).code());
        }
    }
}
