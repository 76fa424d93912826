package io.penstock.broker.simulation;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongConsumer;
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

/** Produce with acks=all. */
final class KafkaTransport implements IdempotentWriter.Transport {
    private static final int PRODUCE_VERSION = 9;
    private static final int INIT_VERSION = 4;

    private final World world;
    private final ClientChannel channel;
    private final Place place;

    KafkaTransport(World world, int machine, Place place) {
        this.world = world;
        this.channel = new ClientChannel(world.cluster, machine);
        this.place = place;
    }

    @Override
    public void begin(LongConsumer producerId) {
        int broker = 1 + world.random(world.cluster.size);
        InitProducerIdRequestData request =
                new InitProducerIdRequestData().setTransactionalId(null).setTransactionTimeoutMs(1000);
        channel.ask(broker, ApiKeys.INIT_PRODUCER_ID, INIT_VERSION, request, new ClientChannel.Outcome<>() {
            @Override
            public void answered(ApiMessage answer) {
                InitProducerIdResponseData data = (InitProducerIdResponseData) answer;
                producerId.accept(data.errorCode() == 0 ? data.producerId() : -1);
            }

            @Override
            public void failed() {
                producerId.accept(-1);
            }
        });
    }

    @Override
    public void send(int leader, ByteBuffer batch, Sent sent) {
        ProduceRequestData request = request(place, batch);
        channel.ask(leader, ApiKeys.PRODUCE, PRODUCE_VERSION, request, new ClientChannel.Outcome<>() {
            @Override
            public void answered(ApiMessage answer) {
                PartitionProduceResponse row = ((ProduceResponseData) answer)
                        .responses()
                        .iterator()
                        .next()
                        .partitionResponses()
                        .get(0);
                Errors error = Errors.forCode(row.errorCode());
                switch (error) {
                    case NONE -> sent.stored(row.baseOffset());
                    case OUT_OF_ORDER_SEQUENCE_NUMBER, UNKNOWN_PRODUCER_ID, INVALID_PRODUCER_EPOCH, INVALID_RECORD ->
                        sent.refused(error.name(), true);
                    default -> sent.refused(error.name(), false);
                }
            }

            @Override
            public void failed() {
                sent.refused("no answer", false);
            }
        });
    }

    static ProduceRequestData request(Place place, ByteBuffer batch) {
        TopicProduceDataCollection topics = new TopicProduceDataCollection();
        topics.add(new TopicProduceData()
                .setName(place.topic())
                .setPartitionData(List.of(new PartitionProduceData()
                        .setIndex(place.partition())
                        .setRecords(MemoryRecords.readableRecords(batch)))));
        return new ProduceRequestData().setAcks((short) -1).setTimeoutMs(2000).setTopicData(topics);
    }
}
