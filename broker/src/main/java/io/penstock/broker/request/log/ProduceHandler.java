package io.penstock.broker.request.log;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.config.TopicConfigs;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.request.KafkaHandler;
import io.penstock.broker.request.transaction.TransactionErrors;
import io.penstock.broker.transaction.kafka.ProducerIdentity;
import io.penstock.broker.transaction.kafka.TransactionGate;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogAppend;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.ProduceRequest;

/**
 * Produce: appends each partition's batches as they came, and answers when they are committed (acks 1 and all), or not
 * at all (acks 0). On the owner of a partition; the batches are slices of the frame.
 */
final class ProduceHandler implements KafkaHandler<ProduceRequest> {
    private static final short BY_ID = 13;
    /** Where a batch of magic 2 says how it is compressed. */
    private static final int ATTRIBUTES_POSITION = 21;

    private static final int LENGTH_POSITION = 8;
    private static final int LENGTH_OVERHEAD_BYTES = 12;
    private static final int BATCH_BYTES_MIN = 61;
    private static final int PRODUCER_ID_POSITION = 43;
    private static final int EPOCH_POSITION = 51;
    private static final int TRANSACTIONAL = 16;
    private static final short ABORTABLE = 11;
    private static final short ADDS_PARTITIONS = 12;
    private static final int COMPRESSION_MASK = 7;
    private static final int ZSTD = 4;
    private static final short ZSTD_VERSION = 7;

    private final MetadataStore store;
    private final Partitions partitions;
    private final BrokerSettings settings;
    private final TransactionGate transactions;

    ProduceHandler(MetadataStore store, Partitions partitions, BrokerSettings settings, TransactionGate transactions) {
        this.transactions = transactions;
        this.store = store;
        this.partitions = partitions;
        this.settings = settings;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.PRODUCE;
    }

    @Override
    public void handle(Call call, ProduceRequest request) {
        call.retain();
        new Production(call, request).run();
    }

    /** One request in work. */
    private final class Production {
        private final Call call;
        private final ProduceRequest request;
        private final short acks;
        private final ProduceResponseData response = new ProduceResponseData();
        private final Gathering gathering;
        private volatile boolean failed;

        Production(Call call, ProduceRequest request) {
            this.call = call;
            this.request = request;
            this.acks = request.acks();
            this.gathering = new Gathering(acks == 0 ? new Unanswered(call, () -> failed) : call, () -> response);
        }

        void run() {
            ClusterImage image = store.image();
            for (TopicProduceData topic : request.data().topicData()) {
                List<PartitionProduceResponse> rows =
                        new ArrayList<>(topic.partitionData().size());
                response.responses()
                        .add(new TopicProduceResponse()
                                .setName(topic.name())
                                .setTopicId(topic.topicId())
                                .setPartitionResponses(rows));
                TopicImage found = Topics.find(image, call.version() >= BY_ID, topic.name(), topic.topicId())
                        .orElse(null);
                for (PartitionProduceData partition : topic.partitionData()) {
                    PartitionProduceResponse row = new PartitionProduceResponse()
                            .setIndex(partition.index())
                            .setBaseOffset(-1);
                    rows.add(row);
                    Errors refusal = refusal(found, partition);
                    if (refusal == Errors.NONE) {
                        append(found, partition, row);
                    } else {
                        refuse(row, refusal, null);
                    }
                }
            }
            gathering.done();
        }

        private Errors refusal(TopicImage topic, PartitionProduceData partition) {
            if (acks < -1 || acks > 1) {
                return Errors.INVALID_REQUIRED_ACKS;
            }
            if (topic == null) {
                return call.version() >= BY_ID ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
            }
            if (topic.internal()) {
                return Errors.INVALID_TOPIC_EXCEPTION;
            }
            if (acks == -1
                    && partition.index() >= 0
                    && partition.index() < topic.partitions().size()
                    && TopicConfigs.number("min.insync.replicas", topic.config(), settings)
                            > topic.partitions().get(partition.index()).isr().size()) {
                return Errors.NOT_ENOUGH_REPLICAS;
            }
            if (!(partition.records() instanceof MemoryRecords records) || records.sizeInBytes() < BATCH_BYTES_MIN) {
                return Errors.INVALID_RECORD;
            }
            if (followed(records.buffer())) {
                return Errors.INVALID_RECORD;
            }
            int compression = records.buffer().get(records.buffer().position() + ATTRIBUTES_POSITION + 1);
            if ((compression & TRANSACTIONAL) != 0
                    && (request.transactionalId() == null
                            || request.transactionalId().isEmpty())) {
                return Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
            }
            return (compression & COMPRESSION_MASK) == ZSTD && call.version() < ZSTD_VERSION
                    ? Errors.UNSUPPORTED_COMPRESSION_TYPE
                    : Errors.NONE;
        }

        /** Whether another batch follows the first; each request has one for a partition since magic 2 (KIP-98). */
        private static boolean followed(ByteBuffer batches) {
            int first = batches.position();
            long size = LENGTH_OVERHEAD_BYTES + (long) batches.getInt(first + LENGTH_POSITION);
            // Rubbish behind it is left to the log's own check.
            return size >= BATCH_BYTES_MIN && size + BATCH_BYTES_MIN <= batches.limit() - first;
        }

        private void append(TopicImage topic, PartitionProduceData partition, PartitionProduceResponse row) {
            gathering.begin();
            ByteBuffer batches = ((MemoryRecords) partition.records()).buffer();
            partitions.with(topic.id(), partition.index(), open -> enter(open, batches, row), failure -> {
                refuse(row, LogErrors.of(failure), failure.getMessage());
                gathering.done();
            });
        }

        /** What is in a transaction passes the gate first. */
        private void enter(Partition partition, ByteBuffer batches, PartitionProduceResponse row) {
            int at = batches.position();
            if ((batches.get(at + ATTRIBUTES_POSITION + 1) & TRANSACTIONAL) == 0) {
                append(partition, batches, row);
                return;
            }
            transactions.pass(
                    partition,
                    request.transactionalId(),
                    new ProducerIdentity(
                            batches.getLong(at + PRODUCER_ID_POSITION), batches.getShort(at + EPOCH_POSITION)),
                    call.version() >= ADDS_PARTITIONS,
                    () -> append(partition, batches, row),
                    error -> {
                        refuse(
                                row,
                                TransactionErrors.ofProduce(
                                        error, call.version() >= ABORTABLE, call.version() >= ADDS_PARTITIONS),
                                "the transaction of " + request.transactionalId() + " does not include "
                                        + partition.topicName() + "-" + partition.index() + ": " + error);
                        gathering.done();
                    });
        }

        private void append(Partition partition, ByteBuffer batches, PartitionProduceResponse row) {
            Partition.AppendCallback answer = (append, failure) -> {
                if (failure != null) {
                    refuse(row, LogErrors.of(failure), failure.getMessage());
                } else {
                    fill(row, append);
                }
                gathering.done();
            };
            if (acks == 1) {
                partition.appendHere(batches, AppendOrigin.CLIENT, answer);
            } else {
                partition.append(batches, AppendOrigin.CLIENT, acks != 0, answer);
            }
        }

        private void refuse(PartitionProduceResponse row, Errors error, String message) {
            failed = true;
            row.setErrorCode(error.code()).setErrorMessage(message);
        }

        private static void fill(PartitionProduceResponse row, LogAppend append) {
            row.setBaseOffset(append.baseOffset())
                    .setLogAppendTimeMs(append.appendTimeMillis())
                    .setLogStartOffset(append.logStartOffset());
        }
    }
}
