package io.penstock.broker.request.transaction;

import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.transaction.kafka.MarkerPort;
import io.penstock.broker.transaction.kafka.ProducerIdentity;
import io.penstock.broker.transaction.kafka.TransactionPartition;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarker;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarkerTopic;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerPartitionResult;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerResult;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerTopicResult;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.WriteTxnMarkersRequest;

/** WriteTxnMarkers: ends transactions in partitions that are led here; asked by an operator's tool. */
final class WriteTxnMarkersHandler implements KafkaHandler<WriteTxnMarkersRequest> {
    private final MetadataStore metadata;
    private final MarkerPort markers;

    WriteTxnMarkersHandler(MetadataStore metadata, MarkerPort markers) {
        this.metadata = metadata;
        this.markers = markers;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.WRITE_TXN_MARKERS;
    }

    @Override
    public void handle(Call call, WriteTxnMarkersRequest request) {
        WriteTxnMarkersResponseData response = new WriteTxnMarkersResponseData();
        // One more than there are rows, for the loop that makes them.
        AtomicInteger open = new AtomicInteger(1);
        Runnable done = () -> {
            if (open.decrementAndGet() == 0) {
                call.reply(response);
            }
        };
        for (WritableTxnMarker asked : request.data().markers()) {
            WritableTxnMarkerResult result = new WritableTxnMarkerResult().setProducerId(asked.producerId());
            response.markers().add(result);
            MarkerPort.Marker marker = new MarkerPort.Marker(
                    new ProducerIdentity(asked.producerId(), asked.producerEpoch()),
                    asked.coordinatorEpoch(),
                    asked.transactionResult(),
                    asked.transactionVersion());
            for (WritableTxnMarkerTopic topic : asked.topics()) {
                WritableTxnMarkerTopicResult rows = new WritableTxnMarkerTopicResult().setName(topic.name());
                result.topics().add(rows);
                TopicImage found = metadata.image().topic(topic.name()).orElse(null);
                for (int index : topic.partitionIndexes()) {
                    WritableTxnMarkerPartitionResult row =
                            new WritableTxnMarkerPartitionResult().setPartitionIndex(index);
                    rows.partitions().add(row);
                    if (found == null
                            || index < 0
                            || index >= found.partitions().size()) {
                        row.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
                        continue;
                    }
                    open.incrementAndGet();
                    markers.write(new TransactionPartition(found.id(), found.name(), index), marker, outcome -> {
                        row.setErrorCode(error(outcome).code());
                        done.run();
                    });
                }
            }
        }
        done.run();
    }

    private static Errors error(MarkerPort.Outcome outcome) {
        return switch (outcome) {
            case COMMITTED -> Errors.NONE;
            case GONE -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
            case FAILED -> Errors.NOT_LEADER_OR_FOLLOWER;
            case FENCED -> Errors.INVALID_PRODUCER_EPOCH;
        };
    }
}
