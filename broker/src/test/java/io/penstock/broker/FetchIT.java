package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.metadata.InMemoryMetadataStore;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.FetchMetadata;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fetch sessions, order of responses and back-pressure, seen from a socket. */
@Timeout(60)
class FetchIT {
    private static final short FETCH_VERSION = 13;
    private static final int LONG_MILLIS = 50_000;

    @TempDir
    Path directory;

    private Broker broker;
    private RawClient client;
    private Uuid topic;

    @BeforeEach
    void start() throws Exception {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://127.0.0.1:0");
        properties.put("log.dirs", directory.toString());
        properties.put("max.incremental.fetch.session.cache.slots", "2");
        broker = Broker.start(BrokerConfig.parse(properties), new InMemoryMetadataStore("fetch"));
        client = new RawClient(broker.port());
        CreateTopicsRequestData data = new CreateTopicsRequestData().setTimeoutMs(10_000);
        data.topics()
                .add(new CreateTopicsRequestData.CreatableTopic()
                        .setName("t")
                        .setNumPartitions(2)
                        .setReplicationFactor((short) 1));
        CreateTopicsResponse made = client.ask(new CreateTopicsRequest.Builder(data).build((short) 7));
        topic = made.data().topics().find("t").topicId();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        broker.close();
    }

    private ProduceRequest produce(int partition, int bytes) {
        ProduceRequestData data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(10_000);
        data.topicData()
                .add(new ProduceRequestData.TopicProduceData()
                        .setName("t")
                        .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData()
                                .setIndex(partition)
                                .setRecords(MemoryRecords.withRecords(
                                        Compression.NONE, new SimpleRecord(1_000, new byte[bytes]))))));
        return new ProduceRequest(data, (short) 9);
    }

    private FetchRequest fetch(FetchMetadata session, int waitMillis, Map<Integer, Long> offsets) {
        Map<TopicPartition, FetchRequest.PartitionData> asked = new LinkedHashMap<>();
        offsets.forEach((index, offset) -> asked.put(
                new TopicPartition("t", index),
                new FetchRequest.PartitionData(topic, offset, 0, 1 << 20, java.util.Optional.empty())));
        return FetchRequest.Builder.forConsumer(FETCH_VERSION, waitMillis, 1, asked)
                .metadata(session)
                .build(FETCH_VERSION);
    }

    private FetchResponseData ask(FetchRequest request) throws Exception {
        FetchResponse response = client.ask(request);
        return response.data();
    }

    private static int partitions(FetchResponseData response) {
        return response.responses().stream()
                .mapToInt(each -> each.partitions().size())
                .sum();
    }

    private FetchMetadata session() throws Exception {
        FetchResponseData full = ask(fetch(FetchMetadata.INITIAL, 0, Map.of(0, 0L, 1, 0L)));
        assertNotEquals(0, full.sessionId());
        assertEquals(2, partitions(full));
        return FetchMetadata.newIncremental(full.sessionId());
    }

    @Test
    void aSessionNamesOnlyWhatIsNew() throws Exception {
        FetchMetadata session = session();
        assertEquals(0, partitions(ask(fetch(session, 0, Map.of()))));
        client.ask(produce(1, 10));
        session = session.nextIncremental();
        FetchResponseData news = ask(fetch(session, 0, Map.of()));
        assertEquals(1, partitions(news));
        assertEquals(1, news.responses().get(0).partitions().get(0).partitionIndex());
        assertTrue(
                FetchResponse.recordsSize(news.responses().get(0).partitions().get(0)) > 0);
        session = session.nextIncremental();
        assertEquals(0, partitions(ask(fetch(session, 0, Map.of(1, 1L)))), "what was read is not news again");
    }

    @Test
    void aWrongEpochAndAnUnknownSessionAreRefused() throws Exception {
        FetchMetadata session = session();
        FetchMetadata skipped = session.nextIncremental();
        assertEquals(
                Errors.INVALID_FETCH_SESSION_EPOCH.code(),
                ask(fetch(skipped, 0, Map.of())).errorCode());
        assertEquals(
                Errors.NONE.code(), ask(fetch(session, 0, Map.of())).errorCode(), "a refused request changes nothing");
        assertEquals(
                Errors.FETCH_SESSION_ID_NOT_FOUND.code(),
                ask(fetch(FetchMetadata.newIncremental(session.sessionId() ^ 1), 0, Map.of()))
                        .errorCode());
    }

    @Test
    void theSessionThatWasNotUsedForLongestIsEvicted() throws Exception {
        FetchMetadata first = session();
        FetchMetadata second = session();
        assertEquals(Errors.NONE.code(), ask(fetch(first, 0, Map.of())).errorCode());
        session();
        assertEquals(
                Errors.FETCH_SESSION_ID_NOT_FOUND.code(),
                ask(fetch(second, 0, Map.of())).errorCode());
        assertEquals(
                Errors.NONE.code(),
                ask(fetch(first.nextIncremental(), 0, Map.of())).errorCode());
    }

    @Test
    void theEndOfASessionEndsItsLongPoll() throws Exception {
        FetchMetadata session = session();
        long begun = System.nanoTime();
        RequestHeader poll = client.send(fetch(session, LONG_MILLIS, Map.of()));
        RequestHeader end = client.send(fetch(session.nextCloseExisting(), 0, Map.of()));
        assertEquals(poll.correlationId(), client.frame().getInt());
        assertEquals(end.correlationId(), client.frame().getInt());
        assertTrue(System.nanoTime() - begun < TimeUnit.MILLISECONDS.toNanos(LONG_MILLIS / 2));
    }

    @Test
    void answersKeepTheOrderOfRequestsOverALongPoll() throws Exception {
        RequestHeader poll = client.send(fetch(FetchMetadata.LEGACY, LONG_MILLIS, Map.of(0, 0L)));
        RequestHeader behind = client.send(fetch(FetchMetadata.LEGACY, 0, Map.of(1, 0L)));
        try (RawClient producer = new RawClient(broker.port())) {
            producer.ask(produce(0, 10));
        }
        FetchResponse woken = (FetchResponse) client.response(poll);
        assertTrue(FetchResponse.recordsSize(
                        woken.data().responses().get(0).partitions().get(0))
                > 0);
        client.response(behind);
    }

    @Test
    void aFetchOfADisconnectedClientHurtsNobody() throws Exception {
        client.ask(produce(0, 100_000));
        for (int i = 0; i < 20; i++) {
            try (RawClient gone = new RawClient(broker.port())) {
                gone.send(fetch(FetchMetadata.LEGACY, LONG_MILLIS, Map.of(1, 0L)));
                gone.send(fetch(FetchMetadata.LEGACY, 0, Map.of(0, 0L)));
            }
        }
        assertEquals(
                Errors.NONE.code(),
                ask(fetch(FetchMetadata.LEGACY, 0, Map.of(0, 0L))).errorCode());
    }

    /** Slices are sent from the file while the client does not read; it gets everything in the end. */
    @Test
    void aClientThatDoesNotReadIsHeldBackAndOthersAreServed() throws Exception {
        int size = 500_000;
        client.ask(produce(0, size));
        int count = 400;
        try (RawClient lazy = new RawClient(broker.port())) {
            FetchRequest request = fetch(FetchMetadata.LEGACY, 0, Map.of(0, 0L));
            byte[] one = RawClient.frame(request, lazy.header(request));
            ByteBuffer all = ByteBuffer.allocate(one.length * count);
            for (int i = 0; i < count; i++) {
                all.put(one);
            }
            lazy.write(all.array());
            for (int i = 0; i < 50; i++) {
                client.ask(produce(1, 10));
            }
            for (int i = 0; i < count; i++) {
                assertTrue(lazy.frame().remaining() > size);
            }
        }
    }
}
