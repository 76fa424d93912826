package io.penstock.broker.request.transaction;

import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.PartitionUnavailableException;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.storage.log.PartitionLog.ProducerEntry;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.DescribeProducersRequestData.TopicRequest;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeProducersResponseData.PartitionResponse;
import org.apache.kafka.common.message.DescribeProducersResponseData.ProducerState;
import org.apache.kafka.common.message.DescribeProducersResponseData.TopicResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeProducersRequest;

/** DescribeProducers: what partitions know of producers, and where their transactions begin. */
final class DescribeProducersHandler implements KafkaHandler<DescribeProducersRequest> {
    private final MetadataStore metadata;
    private final Partitions partitions;

    DescribeProducersHandler(MetadataStore metadata, Partitions partitions) {
        this.metadata = metadata;
        this.partitions = partitions;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.DESCRIBE_PRODUCERS;
    }

    @Override
    public void handle(Call call, DescribeProducersRequest request) {
        DescribeProducersResponseData response = new DescribeProducersResponseData();
        // One more than there are rows, for the loop that makes them.
        AtomicInteger open = new AtomicInteger(1);
        Runnable done = () -> {
            if (open.decrementAndGet() == 0) {
                call.reply(response);
            }
        };
        for (TopicRequest topic : request.data().topics()) {
            TopicResponse rows = new TopicResponse().setName(topic.name());
            response.topics().add(rows);
            TopicImage found = metadata.image().topic(topic.name()).orElse(null);
            for (int index : topic.partitionIndexes()) {
                PartitionResponse row = new PartitionResponse().setPartitionIndex(index);
                rows.partitions().add(row);
                if (found == null) {
                    row.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
                    continue;
                }
                open.incrementAndGet();
                partitions.with(
                        found.id(),
                        index,
                        partition -> {
                            describe(partition, row);
                            done.run();
                        },
                        failure -> {
                            row.setErrorCode(error(failure).code()).setErrorMessage(failure.getMessage());
                            done.run();
                        });
            }
        }
        done.run();
    }

    private static void describe(Partition partition, PartitionResponse row) {
        partition.log().producers().forEach(seen -> {
            ProducerEntry producer = seen.producer();
            row.activeProducers()
                    .add(new ProducerState()
                            .setProducerId(producer.producerId())
                            .setProducerEpoch(producer.producerEpoch())
                            .setLastSequence(producer.lastSequence())
                            .setLastTimestamp(seen.seenMillis())
                            .setCoordinatorEpoch(producer.coordinatorEpoch())
                            .setCurrentTxnStartOffset(producer.transactionFirst()));
        });
    }

    private static Errors error(Throwable failure) {
        return failure instanceof PartitionUnavailableException unavailable
                        && unavailable.reason() == PartitionUnavailableException.Reason.UNKNOWN
                ? Errors.UNKNOWN_TOPIC_OR_PARTITION
                : Errors.NOT_LEADER_OR_FOLLOWER;
    }
}
