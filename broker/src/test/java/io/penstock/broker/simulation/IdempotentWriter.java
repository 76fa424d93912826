package io.penstock.broker.simulation;

import io.penstock.storage.simulation.TestBatches;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** An idempotent producer with acks=all and one batch under way: the same one until it is acknowledged. */
final class IdempotentWriter {
    private static final int VERSION = 9;

    private final World world;
    private final ClientChannel channel;
    private final KnownLeaders leaders;
    final Place place;
    long producerId = -1;
    private int sequence;
    private long pendingId;
    private int pendingCount;
    private ByteBuffer pending;
    long acknowledged;

    IdempotentWriter(World world, int machine, Place place) {
        this.world = world;
        this.channel = new ClientChannel(world.cluster, machine);
        this.leaders = new KnownLeaders(world.cluster);
        this.place = place;
    }

    void start() {
        int broker = 1 + world.random(world.cluster.size);
        channel.ask(
                broker,
                ApiKeys.INIT_PRODUCER_ID,
                4,
                new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(1000),
                new ClientChannel.Outcome<>() {
                    @Override
                    public void answered(ApiMessage answer) {
                        InitProducerIdResponseData data = (InitProducerIdResponseData) answer;
                        if (data.errorCode() == 0) {
                            producerId = data.producerId();
                            produce();
                        } else {
                            failed();
                        }
                    }

                    @Override
                    public void failed() {
                        world.later(50, IdempotentWriter.this::start);
                    }
                });
    }

    private void produce() {
        if (pending == null) {
            if (world.enough()) {
                return;
            }
            pendingCount = 1 + world.random(3);
            long[] ids = new long[pendingCount];
            pendingId = world.nextIds(pendingCount);
            for (int i = 0; i < pendingCount; i++) {
                ids[i] = pendingId + i;
            }
            pending = TestBatches.batch()
                    .timestamps(ids)
                    .producer(producerId, 0, sequence)
                    .build();
        }
        int leader = leaders.of(place);
        if (leader < 0) {
            world.later(50, this::produce);
            return;
        }
        ByteBuffer copy = ByteBuffer.allocate(pending.remaining()).put(pending.duplicate());
        TopicProduceDataCollection topics = new TopicProduceDataCollection();
        topics.add(new TopicProduceData()
                .setName(place.topic())
                .setPartitionData(List.of(new PartitionProduceData()
                        .setIndex(place.partition())
                        .setRecords(MemoryRecords.readableRecords(copy.flip())))));
        channel.ask(
                leader,
                ApiKeys.PRODUCE,
                VERSION,
                new ProduceRequestData().setAcks((short) -1).setTimeoutMs(2000).setTopicData(topics),
                new ClientChannel.Outcome<>() {
                    @Override
                    public void answered(ApiMessage answer) {
                        IdempotentWriter.this.answered((ProduceResponseData) answer, leader);
                    }

                    @Override
                    public void failed() {
                        world.later(20, IdempotentWriter.this::produce);
                    }
                });
    }

    private void answered(ProduceResponseData response, int broker) {
        PartitionProduceResponse row =
                response.responses().iterator().next().partitionResponses().get(0);
        Errors error = Errors.forCode(row.errorCode());
        switch (error) {
            case NONE -> {
                for (int i = 0; i < pendingCount; i++) {
                    world.truth(place).holds(row.baseOffset() + i, pendingId + i, "its producer, by broker " + broker);
                }
                acknowledged += pendingCount;
                sequence += pendingCount;
                pending = null;
                world.progress();
                world.later(world.random(60), this::produce);
            }
            case OUT_OF_ORDER_SEQUENCE_NUMBER, UNKNOWN_PRODUCER_ID, INVALID_PRODUCER_EPOCH, INVALID_RECORD ->
                throw world.cluster.wrong("14: producer " + producerId + " sequence " + sequence + " of " + place
                        + " is answered " + error + " by broker " + broker);
            default -> world.later(20, this::produce);
        }
    }
}
