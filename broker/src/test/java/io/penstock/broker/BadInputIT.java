package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.metadata.InMemoryMetadataStore;
import io.penstock.protocol.message.PenstockError;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a broker does with input that nobody should send (RELIABILITY: bad input, wire and records): a clear answer, or
 * the end of that one connection, while another one is served as before.
 */
@Timeout(60)
class BadInputIT {
    private static final short PRODUCE_VERSION = 9;
    private static final int BATCH_HEADER_BYTES = 61;

    @TempDir
    Path directory;

    private Broker broker;
    private RawClient other;

    @BeforeEach
    void start() throws Exception {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://127.0.0.1:0");
        properties.put("log.dirs", directory.toString());
        properties.put("queued.max.request.bytes", Integer.toString(2 << 20));
        broker = Broker.start(BrokerConfig.parse(properties), new InMemoryMetadataStore("bad-input"));
        other = new RawClient(broker.port());
        other.ask(apiVersions());
    }

    /** Whatever happened: the other connection is served, and new ones are. */
    @AfterEach
    void othersAreUnhurt() throws Exception {
        try {
            assertEquals(Errors.NONE.code(), versions(other.ask(apiVersions())).errorCode());
            try (RawClient fresh = new RawClient(broker.port())) {
                assertEquals(
                        Errors.NONE.code(), versions(fresh.ask(apiVersions())).errorCode());
            }
        } finally {
            other.close();
            broker.close();
        }
    }

    private static ApiVersionsRequest apiVersions() {
        return new ApiVersionsRequest(
                new ApiVersionsRequestData().setClientSoftwareName("raw").setClientSoftwareVersion("1"), (short) 3);
    }

    private static ApiVersionsResponseData versions(org.apache.kafka.common.requests.AbstractResponse response) {
        return ((ApiVersionsResponse) response).data();
    }

    // ---- frames

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1, 7, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void aLengthThatCannotBeEndsTheConnection(int length) throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            client.write(ByteBuffer.allocate(64).putInt(length).array());
            assertTrue(client.endsWithoutAnswer());
        }
    }

    static Stream<byte[]> foreignProtocols() {
        return Stream.of(
                RawClient.ascii("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                RawClient.ascii("POST /topics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"),
                new byte[] {0x16, 3, 1, 0, (byte) 200, 1, 0, 0, (byte) 196, 3, 3, 1, 2, 3, 4});
    }

    @ParameterizedTest
    @MethodSource("foreignProtocols")
    void httpAndTlsEndTheConnection(byte[] bytes) throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            client.write(bytes);
            assertTrue(client.endsWithoutAnswer());
        }
    }

    @Test
    void oneByteAtATimeIsAnswered() throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            ApiVersionsRequest request = apiVersions();
            var header = client.header(request);
            for (byte each : RawClient.frame(request, header)) {
                client.write(new byte[] {each});
            }
            assertEquals(Errors.NONE.code(), versions(client.response(header)).errorCode());
        }
    }

    @Test
    void tenThousandPipelinedRequestsAreAnsweredInOrder() throws Exception {
        int count = 10_000;
        try (RawClient client = new RawClient(broker.port())) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int i = 0; i < count; i++) {
                all.write(RawClient.frame(ApiKeys.METADATA.id, 1, i, new byte[] {0, 0, 0, 0}));
            }
            Thread writer = new Thread(() -> {
                try {
                    client.write(all.toByteArray());
                } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            writer.start();
            for (int i = 0; i < count; i++) {
                assertEquals(i, client.frame().getInt());
            }
            writer.join();
        }
    }

    // ---- keys and versions

    static Stream<Arguments> notServed() {
        return Stream.of(
                Arguments.of(-1, 0),
                Arguments.of(9_999, 0),
                Arguments.of((int) ApiKeys.LEADER_AND_ISR.id, 0),
                Arguments.of((int) ApiKeys.METADATA.id, 99),
                Arguments.of((int) ApiKeys.METADATA.id, -1),
                Arguments.of((int) ApiKeys.API_VERSIONS.id, -1),
                Arguments.of((int) ApiKeys.PRODUCE.id, -1),
                Arguments.of((int) ApiKeys.FETCH.id, 0));
    }

    @ParameterizedTest
    @MethodSource("notServed")
    void aKeyOrVersionThatIsNotServedEndsTheConnection(int key, int version) throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            client.write(RawClient.frame(key, version, 1, new byte[16]));
            assertTrue(client.endsWithoutAnswer());
        }
    }

    @Test
    void anApiVersionsFromTheFutureIsAnsweredInVersion0AndTheClientGoesOn() throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            client.write(RawClient.frame(ApiKeys.API_VERSIONS.id, 77, 5, new byte[] {1, 2, 3}));
            ByteBuffer answer = client.frame();
            assertEquals(5, answer.getInt());
            ApiVersionsResponseData data = new ApiVersionsResponseData(new ByteBufferAccessor(answer), (short) 0);
            assertEquals(Errors.UNSUPPORTED_VERSION.code(), data.errorCode());
            assertEquals(
                    ApiKeys.API_VERSIONS.latestVersion(false),
                    data.apiKeys().find(ApiKeys.API_VERSIONS.id).maxVersion());
            assertEquals(Errors.NONE.code(), versions(client.ask(apiVersions())).errorCode());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void anOldProduceIsRefusedForEachPartitionInItsPlaceInTheOrder(int version) throws Exception {
        // acks -1, timeout, topics: t with partitions 4 and 5, an empty batch each
        ByteBuffer body = ByteBuffer.allocate(64).putShort((short) -1).putInt(1_000);
        body.putInt(1).putShort((short) 1).put((byte) 't').putInt(2);
        body.putInt(4).putInt(0).putInt(5).putInt(0).flip();
        byte[] bytes = new byte[body.remaining()];
        body.get(bytes);
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        createTopic("slow"); // its creation is not instant, so the answer behind it has to wait
        CreateTopicsRequest slow = creation("slower");
        try (RawClient client = new RawClient(broker.port())) {
            var header = client.header(slow);
            both.write(RawClient.frame(slow, header));
            both.write(RawClient.frame(ApiKeys.PRODUCE.id, version, 41, bytes));
            both.write(RawClient.frame(ApiKeys.METADATA.id, 1, 42, new byte[] {0, 0, 0, 0}));
            client.write(both.toByteArray());
            client.response(header);
            ByteBuffer answer = client.frame();
            assertEquals(41, answer.getInt());
            assertEquals(1, answer.getInt());
            assertEquals(1, answer.getShort());
            assertEquals('t', answer.get());
            assertEquals(2, answer.getInt());
            for (int partition = 4; partition <= 5; partition++) {
                assertEquals(partition, answer.getInt());
                assertEquals(Errors.UNSUPPORTED_VERSION.code(), answer.getShort());
                assertEquals(-1, answer.getLong());
                if (version == 2) {
                    assertEquals(-1, answer.getLong());
                }
            }
            assertEquals(version == 0 ? 0 : 4, answer.remaining());
            assertEquals(42, client.frame().getInt());
        }
    }

    @Test
    void ourOwnKeysAreServedAtTheSamePortAndRefusedByNameWhenUnknown() throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            client.write(RawClient.frame(20_999, 0, 7, new byte[0]));
            ByteBuffer answer = client.frame();
            assertEquals(7, answer.getInt());
            assertEquals(PenstockError.NOT_SUPPORTED.code(), answer.getShort());
            client.write(RawClient.frame(20_000, 9, 8, new byte[0]));
            answer = client.frame();
            assertEquals(8, answer.getInt());
            assertEquals(PenstockError.UNSUPPORTED_VERSION.code(), answer.getShort());
            client.write(RawClient.frame(20_000, 0, 9, new byte[] {1}));
            answer = client.frame();
            assertEquals(9, answer.getInt());
            assertEquals(PenstockError.INVALID_REQUEST.code(), answer.getShort());
        }
    }

    // ---- bodies

    static Stream<Arguments> malformedBodies() {
        return Stream.of(
                Arguments.of("a huge array", 1, new byte[] {0x7f, -1, -1, -1}),
                Arguments.of("an array that ends early", 1, new byte[] {0, 0, 0, 2, 0, 1, 'a'}),
                Arguments.of("a negative string", 1, new byte[] {0, 0, 0, 1, -5, -5}),
                Arguments.of("nothing at all", 1, new byte[0]),
                // From version 9 on: tagged fields of the header, then varint lengths.
                Arguments.of("a varint of ten bytes", 9, new byte[] {0, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1}),
                Arguments.of("a compact array of 2^31", 9, new byte[] {0, -1, -1, -1, -1, 7, 0}),
                Arguments.of("a tag's size beyond the frame", 9, new byte[] {1, 5, -1, -1, -1, -1, 7}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformedBodies")
    void aMalformedBodyEndsTheConnection(String name, int version, byte[] body) throws Exception {
        try (RawClient client = new RawClient(broker.port())) {
            client.write(RawClient.frame(ApiKeys.METADATA.id, version, 1, body));
            assertTrue(client.endsWithoutAnswer(), name);
        }
    }

    @Test
    void invalidUtf8NamesNoTopic() throws Exception {
        byte[] body = {0, 0, 0, 1, 0, 3, (byte) 0xc3, (byte) 0x28, (byte) 0xff};
        try (RawClient client = new RawClient(broker.port())) {
            client.write(RawClient.frame(ApiKeys.METADATA.id, 1, 3, body));
            ByteBuffer answer = client.frame();
            assertEquals(3, answer.getInt());
            var data =
                    new org.apache.kafka.common.message.MetadataResponseData(new ByteBufferAccessor(answer), (short) 1);
            assertEquals(
                    Errors.INVALID_TOPIC_EXCEPTION.code(),
                    data.topics().iterator().next().errorCode());
        }
    }

    // ---- records

    private static CreateTopicsRequest creation(String name) {
        CreateTopicsRequestData data = new CreateTopicsRequestData().setTimeoutMs(10_000);
        data.topics()
                .add(new CreateTopicsRequestData.CreatableTopic()
                        .setName(name)
                        .setNumPartitions(1)
                        .setReplicationFactor((short) 1));
        return new CreateTopicsRequest.Builder(data).build((short) 7);
    }

    private Uuid createTopic(String name) throws Exception {
        CreateTopicsResponse response = other.ask(creation(name));
        var row = response.data().topics().find(name);
        assertEquals(Errors.NONE.code(), row.errorCode());
        return row.topicId();
    }

    private static ProduceRequest produce(String topic, int acks, ByteBuffer batch) {
        ProduceRequestData data = new ProduceRequestData().setAcks((short) acks).setTimeoutMs(10_000);
        data.topicData()
                .add(new ProduceRequestData.TopicProduceData()
                        .setName(topic)
                        .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData()
                                .setIndex(0)
                                .setRecords(MemoryRecords.readableRecords(batch)))));
        return new ProduceRequest(data, PRODUCE_VERSION);
    }

    private static ByteBuffer batch(String... values) {
        SimpleRecord[] records = Stream.of(values)
                .map(value -> new SimpleRecord(1_000, value.getBytes(StandardCharsets.UTF_8)))
                .toArray(SimpleRecord[]::new);
        return MemoryRecords.withRecords(Compression.NONE, records).buffer();
    }

    private static ByteBuffer signed(ByteBuffer batch) {
        CRC32C crc = new CRC32C();
        crc.update(batch.duplicate().position(21));
        return batch.putInt(17, (int) crc.getValue());
    }

    private interface Damage {
        ByteBuffer of(ByteBuffer batch);
    }

    static Stream<Arguments> badBatches() {
        return Stream.of(
                bad("CRC", Errors.CORRUPT_MESSAGE, batch -> batch.put(batch.limit() - 2, (byte) 0x7e)),
                bad("magic 0", Errors.INVALID_RECORD, batch -> batch.put(16, (byte) 0)),
                bad("magic 1", Errors.INVALID_RECORD, batch -> batch.put(16, (byte) 1)),
                bad("magic 9", Errors.CORRUPT_MESSAGE, batch -> batch.put(16, (byte) 9)),
                bad("fewer records than counted", Errors.INVALID_RECORD, batch -> signed(batch.putInt(57, 3))),
                bad(
                        "fewer than offsets",
                        Errors.INVALID_RECORD,
                        batch -> signed(batch.putInt(57, 3).putInt(23, 2))),
                bad(
                        "more than offsets",
                        Errors.INVALID_RECORD,
                        batch -> signed(batch.putInt(57, 1).putInt(23, 0))),
                bad(
                        "no record",
                        Errors.INVALID_RECORD,
                        batch -> signed(batch.putInt(57, 0).putInt(23, -1))),
                bad("more records than counted", Errors.INVALID_RECORD, batch -> signed(batch.putInt(57, 1))),
                bad("a huge count", Errors.INVALID_RECORD, batch -> signed(batch.putInt(57, Integer.MAX_VALUE))),
                bad("a negative count", Errors.INVALID_RECORD, batch -> signed(batch.putInt(57, -1))),
                bad("a wrong last offset delta", Errors.INVALID_RECORD, batch -> signed(batch.putInt(23, 77))),
                bad("a control batch", Errors.INVALID_RECORD, batch -> signed(batch.putShort(21, (short) 0x20))),
                bad(
                        "unknown compression",
                        Errors.UNSUPPORTED_COMPRESSION_TYPE,
                        batch -> signed(batch.putShort(21, (short) 7))),
                bad("a length beyond the request", Errors.INVALID_RECORD, batch -> batch.putInt(8, 1 << 20)),
                bad("a negative length", Errors.CORRUPT_MESSAGE, batch -> batch.putInt(8, -20)),
                bad("a length below any batch's", Errors.CORRUPT_MESSAGE, batch -> batch.putInt(8, 14)),
                bad("half a batch", Errors.INVALID_RECORD, batch -> batch.limit(batch.limit() - 3)),
                bad("less than a header", Errors.INVALID_RECORD, batch -> batch.limit(20)),
                bad("two batches", Errors.INVALID_RECORD, batch -> joined(batch, batch.duplicate())),
                bad("a batch and rubbish", Errors.CORRUPT_MESSAGE, batch -> joined(batch, ByteBuffer.allocate(30))),
                bad("a record without a length", Errors.INVALID_RECORD, batch -> signed(batch.put(61, (byte) 0))),
                bad("a record of negative length", Errors.INVALID_RECORD, batch -> signed(batch.put(61, (byte) 1))),
                bad("a record that is too long", Errors.INVALID_RECORD, batch -> signed(batch.put(61, (byte) 126))),
                bad("a key beyond its record", Errors.INVALID_RECORD, batch -> signed(batch.put(65, (byte) 120))),
                bad("a value beyond its record", Errors.INVALID_RECORD, batch -> signed(batch.put(66, (byte) 120))),
                bad("headers that are not there", Errors.INVALID_RECORD, batch -> signed(batch.put(70, (byte) 120))),
                bad(
                        "a varint without an end",
                        Errors.INVALID_RECORD,
                        batch -> withRecords(batch, 0, 2, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1})));
    }

    private static ByteBuffer joined(ByteBuffer first, ByteBuffer second) {
        return ByteBuffer.allocate(first.remaining() + second.remaining())
                .put(first)
                .put(second)
                .flip();
    }

    /** The header of {@code batch} before other bytes, with the sizes and the checksum that belong to them. */
    private static ByteBuffer withRecords(ByteBuffer batch, int attributes, int count, byte[] records) {
        ByteBuffer made = ByteBuffer.allocate(BATCH_HEADER_BYTES + records.length);
        made.put(batch.duplicate().limit(BATCH_HEADER_BYTES)).put(records).flip();
        made.putInt(8, made.limit() - 12).putShort(21, (short) attributes);
        return signed(made.putInt(23, count - 1).putInt(57, count));
    }

    static Stream<Arguments> damagedCodecs() {
        return Stream.of(CompressionType.GZIP, CompressionType.SNAPPY, CompressionType.LZ4, CompressionType.ZSTD)
                .flatMap(codec -> Stream.of(
                        damaged(codec, "one byte short", bytes -> Arrays.copyOf(bytes, bytes.length - 1)),
                        damaged(codec, "cut in half", bytes -> Arrays.copyOf(bytes, bytes.length / 2)),
                        damaged(codec, "three bytes", bytes -> Arrays.copyOf(bytes, 3)),
                        damaged(codec, "nothing", bytes -> new byte[0]),
                        damaged(codec, "another codec's", bytes -> RawClient.ascii("nobody has compressed this"))));
    }

    private interface BytesDamage {
        byte[] of(byte[] bytes);
    }

    private static Arguments damaged(CompressionType codec, String name, BytesDamage damage) {
        return Arguments.of(codec, name, damage);
    }

    private static ByteBuffer compressed(CompressionType codec, SimpleRecord... records) {
        return MemoryRecords.withRecords(Compression.of(codec).build(), records).buffer();
    }

    /**
     * A real broker lets the codec's exception out as UNKNOWN_SERVER_ERROR here; neither is tried again by a producer,
     * and ours says whose fault it is.
     */
    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("damagedCodecs")
    void whatCannotBeDecompressedIsRefused(CompressionType codec, String name, BytesDamage damage) throws Exception {
        createTopic("t");
        byte[] value = "a value that is worth to be compressed, ".repeat(50).getBytes(StandardCharsets.UTF_8);
        ByteBuffer batch = compressed(codec, new SimpleRecord(1_000, value), new SimpleRecord(1_000, value));
        byte[] bytes = new byte[batch.limit() - BATCH_HEADER_BYTES];
        batch.get(BATCH_HEADER_BYTES, bytes);
        ByteBuffer bad = withRecords(batch, codec.id, 2, damage.of(bytes));
        try (RawClient client = new RawClient(broker.port())) {
            PartitionProduceResponse refused = row(client.ask(produce("t", -1, bad)));
            assertEquals(Errors.INVALID_RECORD, Errors.forCode(refused.errorCode()), refused.errorMessage());
            assertEquals(
                    0,
                    row(client.ask(produce("t", -1, withRecords(batch, codec.id, 2, bytes))))
                            .baseOffset());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = CompressionType.class,
            names = {"GZIP", "LZ4", "ZSTD"})
    void bombsAreRefusedAndOthersGoOn(CompressionType codec) throws Exception {
        createTopic("t");
        ByteBuffer bomb = compressed(codec, new SimpleRecord(1_000, new byte[80 << 20]));
        assertTrue(bomb.remaining() < 1 << 20, "small enough to be taken for an ordinary batch");
        try (RawClient client = new RawClient(broker.port())) {
            for (int i = 0; i < 5; i++) {
                client.send(produce("t", -1, bomb.duplicate()));
            }
            assertEquals(0, row(other.ask(produce("t", -1, batch("good")))).baseOffset());
            for (int i = 0; i < 5; i++) {
                PartitionProduceResponse refused =
                        row(client.response(new RequestHeader(ApiKeys.PRODUCE, PRODUCE_VERSION, "raw", i)));
                assertEquals(Errors.MESSAGE_TOO_LARGE, Errors.forCode(refused.errorCode()));
            }
        }
    }

    /** A block of a few bytes that says it has two thousand million. */
    @Test
    void aSnappyBlockIsNotAllocatedFromItsClaim() throws Exception {
        createTopic("t");
        byte[] claim = {-1, -1, -1, -1, 7, 0, 'x'};
        ByteBuffer bad = withRecords(batch("x"), CompressionType.SNAPPY.id, 1, claim);
        PartitionProduceResponse refused = row(other.ask(produce("t", -1, bad)));
        assertTrue(
                List.of(Errors.MESSAGE_TOO_LARGE, Errors.INVALID_RECORD).contains(Errors.forCode(refused.errorCode())),
                refused.toString());
    }

    @Test
    void aMillionHeadersAreTakenAsKafkaTakesThemAndHurtNobody() throws Exception {
        createTopic("t");
        Header[] headers = new Header[1_000_000];
        Arrays.fill(headers, new RecordHeader("", new byte[0]));
        ByteBuffer many = compressed(CompressionType.ZSTD, new SimpleRecord(1_000, null, new byte[1], headers));
        assertEquals(0, row(other.ask(produce("t", -1, many))).baseOffset());
        assertEquals(1, row(other.ask(produce("t", -1, batch("next")))).baseOffset());
    }

    private static Arguments bad(String name, Errors expected, Damage damage) {
        return Arguments.of(name, expected, damage);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badBatches")
    void aBadBatchIsRefusedAndNothingIsStored(String name, Errors expected, Damage damage) throws Exception {
        createTopic("t");
        try (RawClient client = new RawClient(broker.port())) {
            assertEquals(
                    0, row(client.ask(produce("t", -1, batch("good", "one")))).baseOffset());
            PartitionProduceResponse refused = row(client.ask(produce("t", -1, damage.of(batch("bad", "two")))));
            assertEquals(expected, Errors.forCode(refused.errorCode()), name + ": " + refused.errorMessage());
            assertEquals(-1, refused.baseOffset());
            assertEquals(
                    2, row(client.ask(produce("t", -1, batch("good", "again")))).baseOffset());
        }
    }

    private static PartitionProduceResponse row(org.apache.kafka.common.requests.AbstractResponse response) {
        return ((ProduceResponse) response)
                .data()
                .responses()
                .iterator()
                .next()
                .partitionResponses()
                .get(0);
    }

    @Test
    void halfFramesOfManyDoNotStopWholeOnes() throws Exception {
        createTopic("t");
        List<RawClient> slow = new ArrayList<>();
        try (RawClient large = new RawClient(broker.port())) {
            for (int i = 0; i < 12; i++) {
                RawClient client = new RawClient(broker.port());
                slow.add(client);
                // Twelve times half a mebibyte, where two of them are the room for half frames.
                client.write(ByteBuffer.allocate(512 << 10).putInt(0, 1 << 20).array());
            }
            for (int i = 0; i < 20; i++) {
                assertEquals(i, row(other.ask(produce("t", -1, batch("small")))).baseOffset());
            }
            assertEquals(
                    20,
                    row(large.ask(produce("t", -1, batch("x".repeat(30_000))))).baseOffset());
        } finally {
            for (RawClient client : slow) {
                client.close();
            }
        }
    }

    @Test
    void withAcks0ABadBatchEndsTheConnectionAndAGoodOneIsNotAnswered() throws Exception {
        createTopic("t");
        try (RawClient client = new RawClient(broker.port())) {
            client.send(produce("t", 0, batch("good")));
            // The next answer is that of the next request.
            assertEquals(1, row(client.ask(produce("t", 1, batch("next")))).baseOffset());
            client.send(produce("t", 0, batch("bad").put(16, (byte) 9)));
            assertTrue(client.endsWithoutAnswer());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-2, 2, 100})
    void acksThatDoNotExistAreRefused(int acks) throws Exception {
        createTopic("t");
        try (RawClient client = new RawClient(broker.port())) {
            PartitionProduceResponse refused = row(client.ask(produce("t", acks, batch("x"))));
            assertEquals(Errors.INVALID_REQUIRED_ACKS, Errors.forCode(refused.errorCode()));
            assertFalse(refused.baseOffset() >= 0);
        }
    }
}
