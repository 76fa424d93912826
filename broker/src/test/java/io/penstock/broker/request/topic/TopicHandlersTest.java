package io.penstock.broker.request.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.InMemoryMetadataStore;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.request.ClientConnection;
import io.penstock.broker.request.KafkaHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.message.AlterConfigsRequestData;
import org.apache.kafka.common.message.AlterConfigsResponseData;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DescribeClusterRequestData;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData;
import org.apache.kafka.common.message.DescribeTopicPartitionsRequestData.Cursor;
import org.apache.kafka.common.message.DescribeTopicPartitionsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The handlers over the store in memory; requests and responses go through their wire form in each version. One class:
 * what one handler changes, another one has to show.
 */
@Timeout(30)
class TopicHandlersTest {
    private final InMemoryMetadataStore store = new InMemoryMetadataStore("cluster");
    private final Map<String, String> file = new HashMap<>();

    @BeforeEach
    void register() {
        store.register(new BrokerImage(1, 0, "localhost", 9092, "rack"));
    }

    @Test
    void everyListedVersionIsAnswered() {
        for (ApiKeys key : List.of(
                ApiKeys.METADATA,
                ApiKeys.CREATE_TOPICS,
                ApiKeys.CREATE_PARTITIONS,
                ApiKeys.DESCRIBE_CONFIGS,
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                ApiKeys.ALTER_CONFIGS,
                ApiKeys.DESCRIBE_CLUSTER,
                ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
                ApiKeys.DELETE_TOPICS)) {
            for (short version = key.oldestVersion(); version <= key.latestVersion(); version++) {
                if (store.image().topic("t" + version).isEmpty()) {
                    make("t" + version);
                }
                assertNotNull(send(key, version, plainRequest(key, version)), key + " " + version);
            }
        }
    }

    private ApiMessage plainRequest(ApiKeys key, short version) {
        String topic = "t" + version;
        return switch (key) {
            case METADATA ->
                new MetadataRequestData()
                        .setTopics(List.of(
                                new MetadataRequestTopic().setName(topic),
                                new MetadataRequestTopic().setName("bad name")));
            case CREATE_TOPICS ->
                creation(new CreatableTopic()
                        .setName("new" + version)
                        .setNumPartitions(2)
                        .setReplicationFactor((short) 1));
            case CREATE_PARTITIONS ->
                new CreatePartitionsRequestData()
                        .setTopics(new CreatePartitionsRequestData.CreatePartitionsTopicCollection(
                                List.of(new CreatePartitionsTopic()
                                                .setName(topic)
                                                .setCount(3))
                                        .iterator()));
            case DESCRIBE_CONFIGS ->
                describe(ConfigResource.Type.TOPIC, topic, null)
                        .setIncludeSynonyms(true)
                        .setIncludeDocumentation(version >= 3);
            case INCREMENTAL_ALTER_CONFIGS -> change(ConfigResource.Type.TOPIC, topic, "retention.ms", OpType.SET, "5");
            case ALTER_CONFIGS -> replacement(topic, "retention.ms", "6");
            case DESCRIBE_CLUSTER -> new DescribeClusterRequestData().setIncludeClusterAuthorizedOperations(true);
            case DESCRIBE_TOPIC_PARTITIONS -> new DescribeTopicPartitionsRequestData();
            case DELETE_TOPICS ->
                version >= 6
                        ? new DeleteTopicsRequestData().setTopics(List.of(new DeleteTopicState().setName(topic)))
                        : new DeleteTopicsRequestData().setTopicNames(List.of(topic, "none"));
            default -> throw new IllegalArgumentException(key.name());
        };
    }

    @Test
    void metadataMakesMissingTopicsWhenBothSidesAllowIt() {
        file.put("num.partitions", "3");

        MetadataResponseData answer = metadata(true, "orders");

        assertEquals(3, answer.topics().find("orders").partitions().size());
        assertEquals(0, answer.topics().find("orders").errorCode());
        assertEquals(1, answer.topics().find("orders").partitions().get(0).leaderId());
        assertEquals("localhost", answer.brokers().find(1).host());
        assertEquals("cluster", answer.clusterId());
        assertEquals(1, answer.controllerId());
        assertTrue(store.image().topic("orders").isPresent());
    }

    @Test
    void metadataMakesNothingWhenOneSideForbidsIt() {
        assertEquals(
                Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
                metadata(false, "a").topics().find("a").errorCode());
        file.put("auto.create.topics.enable", "false");
        assertEquals(
                Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
                metadata(true, "b").topics().find("b").errorCode());
        assertEquals(
                Errors.INVALID_TOPIC_EXCEPTION.code(),
                metadata(true, "a/b").topics().find("a/b").errorCode());

        assertTrue(store.image().topics().isEmpty());
    }

    @Test
    void metadataNeverMakesInternalOrCollidingTopics() {
        make("a.b");

        assertEquals(
                Errors.INVALID_TOPIC_EXCEPTION.code(),
                metadata(true, "a_b").topics().find("a_b").errorCode());
        assertEquals(
                Errors.INVALID_TOPIC_EXCEPTION.code(),
                metadata(true, "__penstock_x").topics().find("__penstock_x").errorCode());
        assertEquals(1, store.image().topics().size());
    }

    @Test
    void metadataFindsTopicsByIdAndSaysWhichItDoesNotKnow() {
        TopicImage topic = make("t");
        Uuid unknown = Uuid.randomUuid();

        MetadataResponseData answer = send(
                ApiKeys.METADATA,
                (short) 12,
                new MetadataRequestData()
                        .setTopics(List.of(
                                new MetadataRequestTopic().setName(null).setTopicId(KafkaView.id(topic.id())),
                                new MetadataRequestTopic().setName(null).setTopicId(unknown))));

        assertEquals(KafkaView.id(topic.id()), answer.topics().find("t").topicId());
        assertTrue(answer.topics().stream()
                .anyMatch(t -> t.topicId().equals(unknown) && t.errorCode() == Errors.UNKNOWN_TOPIC_ID.code()));
    }

    @Test
    void metadataOfTenThousandTopicsIsQuick() {
        for (int i = 0; i < 10_000; i++) {
            make("t" + i);
        }
        for (int i = 0; i < 10; i++) {
            metadata((MetadataRequestData) null);
        }

        long begin = System.nanoTime();
        MetadataResponseData answer = metadata((MetadataRequestData) null);
        System.out.println("metadata of 10,000 topics: " + (System.nanoTime() - begin) / 1_000 + " us with its bytes");

        assertEquals(10_000, answer.topics().size());
    }

    @Test
    void creationFillsInDefaultsAndTellsTheSettings() {
        file.put("num.partitions", "4");
        file.put("log.retention.hours", "2");

        CreatableTopicResult made = create(new CreatableTopic()
                .setName("t")
                .setNumPartitions(-1)
                .setReplicationFactor((short) -1)
                .setConfigs(configs("segment.bytes", "4096")));

        assertEquals(0, made.errorCode());
        assertEquals(4, made.numPartitions());
        assertEquals(1, made.replicationFactor());
        assertEquals(KafkaView.id(store.image().topic("t").orElseThrow().id()), made.topicId());
        assertEquals("7200000", setting(made, "retention.ms").value());
        assertEquals(
                ConfigSource.STATIC_BROKER_CONFIG.id(),
                setting(made, "retention.ms").configSource());
        assertEquals(
                ConfigSource.TOPIC_CONFIG.id(), setting(made, "segment.bytes").configSource());
    }

    @Test
    void creationRefusesWhatIsWrongAndSaysWhy() {
        make("exists");
        make("dotted.name");

        assertEquals(Errors.TOPIC_ALREADY_EXISTS, error(create(simple("exists"))));
        assertEquals(Errors.INVALID_TOPIC_EXCEPTION, error(create(simple("dotted_name"))));
        assertEquals(Errors.INVALID_TOPIC_EXCEPTION, error(create(simple(".."))));
        assertEquals(Errors.INVALID_TOPIC_EXCEPTION, error(create(simple("x".repeat(250)))));
        assertEquals(Errors.INVALID_TOPIC_EXCEPTION, error(create(simple("__consumer_offsets"))));
        assertEquals(Errors.INVALID_PARTITIONS, error(create(simple("t").setNumPartitions(0))));
        assertEquals(Errors.INVALID_PARTITIONS, error(create(simple("t").setNumPartitions(Integer.MAX_VALUE))));
        assertEquals(Errors.INVALID_REPLICATION_FACTOR, error(create(simple("t").setReplicationFactor((short) 2))));
        assertEquals(Errors.INVALID_REPLICATION_FACTOR, error(create(simple("t").setReplicationFactor((short) 0))));
        assertEquals(Errors.INVALID_CONFIG, error(create(simple("t").setConfigs(configs("no.such.key", "1")))));
        assertEquals(Errors.INVALID_CONFIG, error(create(simple("t").setConfigs(configs("retention.ms", "soon")))));
        assertEquals(Errors.INVALID_CONFIG, error(create(simple("t").setConfigs(configs("min.insync.replicas", "2")))));
        CreatableTopicResult compacted = create(simple("t").setConfigs(configs("cleanup.policy", "compact")));
        assertEquals(Errors.INVALID_CONFIG, error(compacted));
        assertTrue(compacted.errorMessage().contains("compaction is not implemented"), compacted.errorMessage());
        assertEquals(2, store.image().topics().size());
        assertEquals(Errors.NONE, error(create(simple("x".repeat(249)))));
        assertEquals(Errors.NONE, error(create(simple("__ordinary"))));
    }

    @Test
    void validateOnlyMakesNothing() {
        CreateTopicsResponseData answer =
                send(ApiKeys.CREATE_TOPICS, (short) 7, creation(simple("t")).setValidateOnly(true));

        assertEquals(0, answer.topics().find("t").errorCode());
        assertTrue(store.image().topics().isEmpty());
    }

    @Test
    void aTopicNamedTwiceIsRefused() {
        CreateTopicsResponseData answer =
                send(ApiKeys.CREATE_TOPICS, (short) 7, creation(simple("t"), simple("t"), simple("u")));

        assertEquals(2, answer.topics().size());
        assertEquals(Errors.INVALID_REQUEST.code(), answer.topics().find("t").errorCode());
        assertEquals(0, answer.topics().find("u").errorCode());
    }

    @Test
    void assignmentsByHandAreChecked() {
        assertEquals(Errors.NONE, error(create(assigned("a", 0, 1))));
        assertEquals(Errors.INVALID_REPLICA_ASSIGNMENT, error(create(assigned("b", 0, 7))));
        assertEquals(Errors.INVALID_REPLICA_ASSIGNMENT, error(create(assigned("c", 1, 1))));
        assertEquals(
                Errors.INVALID_REPLICA_ASSIGNMENT,
                error(create(assigned("d", 0, 1).setNumPartitions(1))));
    }

    @Test
    void deletionByNameAndIdAndItsRefusals() {
        TopicImage named = make("named");
        TopicImage byId = make("by-id");
        Uuid unknown = Uuid.randomUuid();

        DeleteTopicsResponseData answer = delete(
                new DeleteTopicState().setName(named.name()),
                new DeleteTopicState().setTopicId(KafkaView.id(byId.id())),
                new DeleteTopicState().setName("none"),
                new DeleteTopicState().setTopicId(unknown));

        assertEquals(
                List.of(
                        Errors.NONE.code(),
                        Errors.NONE.code(),
                        Errors.UNKNOWN_TOPIC_OR_PARTITION.code(),
                        Errors.UNKNOWN_TOPIC_ID.code()),
                answer.responses().stream().map(r -> r.errorCode()).toList());
        assertTrue(store.image().topics().isEmpty());
    }

    @Test
    void deletionCanBeForbidden() {
        file.put("delete.topic.enable", "false");
        make("t");

        DeleteTopicsResponseData answer = delete(new DeleteTopicState().setName("t"));

        assertEquals(
                Errors.TOPIC_DELETION_DISABLED.code(),
                answer.responses().iterator().next().errorCode());
        assertTrue(store.image().topic("t").isPresent());
    }

    @Test
    void partitionsOnlyGrow() {
        make("t");

        assertEquals(Errors.NONE, grow("t", 3));
        assertEquals(Errors.INVALID_PARTITIONS, grow("t", 3));
        assertEquals(Errors.INVALID_PARTITIONS, grow("t", 1));
        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, grow("none", 1));
        assertEquals(3, store.image().topic("t").orElseThrow().partitions().size());
    }

    @Test
    void settingsAreSetDescribedAndRemoved() {
        make("t");

        assertEquals(Errors.NONE, alter("t", "retention.ms", OpType.SET, "5"));
        DescribeConfigsResourceResult set = described(ConfigResource.Type.TOPIC, "t", "retention.ms");
        assertEquals("5", set.value());
        assertEquals(ConfigSource.TOPIC_CONFIG.id(), set.configSource());
        assertEquals(
                List.of("retention.ms", "log.retention.hours"),
                set.synonyms().stream().map(s -> s.name()).toList());
        assertEquals(Errors.NONE, alter("t", "retention.ms", OpType.DELETE, null));

        DescribeConfigsResourceResult removed = described(ConfigResource.Type.TOPIC, "t", "retention.ms");
        assertEquals("604800000", removed.value());
        assertEquals(ConfigSource.DEFAULT_CONFIG.id(), removed.configSource());
    }

    @Test
    void wrongChangesOfSettingsChangeNothing() {
        make("t");
        alter("t", TopicImage.KIND, OpType.SET, "queue");

        assertEquals(Errors.INVALID_CONFIG, alter("t", "retention.ms", OpType.SET, "soon"));
        assertEquals(Errors.INVALID_CONFIG, alter("t", "retention.ms", OpType.APPEND, "5"));
        assertEquals(Errors.INVALID_CONFIG, alter("t", "no.such.key", OpType.SET, "5"));
        assertEquals(Errors.INVALID_CONFIG, alter("t", "cleanup.policy", OpType.APPEND, "compact"));
        assertEquals(Errors.INVALID_CONFIG, alter("t", TopicImage.KIND, OpType.SET, "topic"));
        assertEquals(Errors.INVALID_CONFIG, alter("t", TopicImage.KIND, OpType.DELETE, null));
        assertEquals(Errors.UNKNOWN_TOPIC_OR_PARTITION, alter("none", "retention.ms", OpType.SET, "5"));

        assertEquals(
                Map.of(TopicImage.KIND, "queue"),
                store.image().topic("t").orElseThrow().config());
    }

    @Test
    void settingsOfBrokersReachTheTopicsThatInheritThem() {
        make("t");
        file.put("log.retention.ms", "1");

        assertEquals(Errors.NONE, alterBroker("", "log.retention.ms", "2"));
        assertEquals(
                "2", described(ConfigResource.Type.TOPIC, "t", "retention.ms").value());
        assertEquals(Errors.NONE, alterBroker("1", "log.retention.ms", "3"));

        DescribeConfigsResourceResult inForce = described(ConfigResource.Type.TOPIC, "t", "retention.ms");
        assertEquals("3", inForce.value());
        assertEquals(ConfigSource.DYNAMIC_BROKER_CONFIG.id(), inForce.configSource());
        assertEquals(Errors.INVALID_CONFIG, alterBroker("1", "listeners", "PLAINTEXT://127.0.0.1:1"));
        assertEquals(Errors.INVALID_REQUEST, alterBroker("7", "log.retention.ms", "3"));
        assertEquals(
                "3",
                described(ConfigResource.Type.BROKER, "1", "log.retention.ms").value());
        assertTrue(described(ConfigResource.Type.BROKER, "1", "listeners").readOnly());
    }

    @Test
    void theOlderRequestReplacesAllSettingsButTheKind() {
        make("t");
        alter("t", TopicImage.KIND, OpType.SET, "queue");
        alter("t", "segment.bytes", OpType.SET, "4096");

        AlterConfigsResponseData answer = send(ApiKeys.ALTER_CONFIGS, (short) 2, replacement("t", "retention.ms", "6"));

        assertEquals(0, answer.responses().get(0).errorCode());
        assertEquals(
                Map.of(TopicImage.KIND, "queue", "retention.ms", "6"),
                store.image().topic("t").orElseThrow().config());
    }

    @Test
    void partitionsAreDescribedPageByPage() {
        make("a", 3);
        make("b", 5);
        make("c", 1);
        List<String> seen = new ArrayList<>();

        Cursor cursor = null;
        int pages = 0;
        do {
            DescribeTopicPartitionsResponseData page = send(
                    ApiKeys.DESCRIBE_TOPIC_PARTITIONS,
                    (short) 0,
                    new DescribeTopicPartitionsRequestData()
                            .setResponsePartitionLimit(2)
                            .setCursor(cursor));
            page.topics().forEach(t -> t.partitions().forEach(p -> seen.add(t.name() + p.partitionIndex())));
            cursor = page.nextCursor() == null
                    ? null
                    : new Cursor()
                            .setTopicName(page.nextCursor().topicName())
                            .setPartitionIndex(page.nextCursor().partitionIndex());
            pages++;
        } while (cursor != null);

        assertEquals(List.of("a0", "a1", "a2", "b0", "b1", "b2", "b3", "b4", "c0"), seen);
        assertEquals(5, pages);
    }

    @Test
    void theClusterIsDescribed() {
        DescribeClusterResponseData answer =
                send(ApiKeys.DESCRIBE_CLUSTER, (short) 2, new DescribeClusterRequestData());
        DescribeClusterResponseData controllers =
                send(ApiKeys.DESCRIBE_CLUSTER, (short) 2, new DescribeClusterRequestData().setEndpointType((byte) 2));

        assertEquals("cluster", answer.clusterId());
        assertEquals(9092, answer.brokers().find(1).port());
        assertEquals(Integer.MIN_VALUE, answer.clusterAuthorizedOperations());
        assertNotEquals(0, controllers.errorCode());
        assertFalse(answer.brokers().isEmpty());
    }

    private MetadataResponseData metadata(boolean allowCreation, String... names) {
        List<MetadataRequestTopic> topics = new ArrayList<>();
        for (String name : names) {
            topics.add(new MetadataRequestTopic().setName(name));
        }
        return metadata(new MetadataRequestData().setTopics(topics).setAllowAutoTopicCreation(allowCreation));
    }

    private MetadataResponseData metadata(MetadataRequestData request) {
        return send(
                ApiKeys.METADATA, (short) 13, request == null ? new MetadataRequestData().setTopics(null) : request);
    }

    private TopicImage make(String name) {
        return make(name, 1);
    }

    private TopicImage make(String name, int partitions) {
        return store.createTopic(new NewTopic(name, partitions, (short) 1, null, Map.of()))
                .toCompletableFuture()
                .join();
    }

    private static CreatableTopic simple(String name) {
        return new CreatableTopic().setName(name).setNumPartitions(1).setReplicationFactor((short) 1);
    }

    private static CreatableTopic assigned(String name, int partition, int broker) {
        CreatableTopic topic =
                new CreatableTopic().setName(name).setNumPartitions(-1).setReplicationFactor((short) -1);
        topic.assignments()
                .add(new CreatableReplicaAssignment()
                        .setPartitionIndex(partition)
                        .setBrokerIds(List.of(broker)));
        return topic;
    }

    private static CreateTopicsRequestData.CreatableTopicConfigCollection configs(String key, String value) {
        CreateTopicsRequestData.CreatableTopicConfigCollection configs =
                new CreateTopicsRequestData.CreatableTopicConfigCollection();
        configs.add(new CreatableTopicConfig().setName(key).setValue(value));
        return configs;
    }

    private static CreateTopicsRequestData creation(CreatableTopic... topics) {
        CreateTopicsRequestData request = new CreateTopicsRequestData();
        request.topics().addAll(List.of(topics));
        return request;
    }

    private CreatableTopicResult create(CreatableTopic topic) {
        CreateTopicsResponseData answer = send(ApiKeys.CREATE_TOPICS, (short) 7, creation(topic));
        return answer.topics().find(topic.name());
    }

    private static CreateTopicsResponseData.CreatableTopicConfigs setting(CreatableTopicResult made, String key) {
        return made.configs().stream()
                .filter(config -> config.name().equals(key))
                .findFirst()
                .orElseThrow();
    }

    private static Errors error(CreatableTopicResult result) {
        if (result.errorCode() != 0) {
            assertNotNull(result.errorMessage());
            assertTrue(result.configs() == null || result.configs().isEmpty());
        }
        return Errors.forCode(result.errorCode());
    }

    private DeleteTopicsResponseData delete(DeleteTopicState... topics) {
        return send(ApiKeys.DELETE_TOPICS, (short) 6, new DeleteTopicsRequestData().setTopics(List.of(topics)));
    }

    private Errors grow(String topic, int count) {
        CreatePartitionsRequestData request = new CreatePartitionsRequestData();
        request.topics()
                .add(new CreatePartitionsTopic().setName(topic).setCount(count).setAssignments(null));
        CreatePartitionsResponseData answer = send(ApiKeys.CREATE_PARTITIONS, (short) 3, request);
        return Errors.forCode(answer.results().get(0).errorCode());
    }

    private static IncrementalAlterConfigsRequestData change(
            ConfigResource.Type type, String resource, String key, OpType operation, String value) {
        AlterConfigsResource changed =
                new AlterConfigsResource().setResourceType(type.id()).setResourceName(resource);
        changed.configs()
                .add(new AlterableConfig()
                        .setName(key)
                        .setConfigOperation(operation.id())
                        .setValue(value));
        IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
        request.resources().add(changed);
        return request;
    }

    private static AlterConfigsRequestData replacement(String topic, String key, String value) {
        AlterConfigsRequestData.AlterConfigsResource changed = new AlterConfigsRequestData.AlterConfigsResource()
                .setResourceType(ConfigResource.Type.TOPIC.id())
                .setResourceName(topic);
        changed.configs()
                .add(new AlterConfigsRequestData.AlterableConfig().setName(key).setValue(value));
        AlterConfigsRequestData request = new AlterConfigsRequestData();
        request.resources().add(changed);
        return request;
    }

    private Errors alter(String topic, String key, OpType operation, String value) {
        IncrementalAlterConfigsResponseData answer = send(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                (short) 1,
                change(ConfigResource.Type.TOPIC, topic, key, operation, value));
        return Errors.forCode(answer.responses().get(0).errorCode());
    }

    private Errors alterBroker(String broker, String key, String value) {
        IncrementalAlterConfigsResponseData answer = send(
                ApiKeys.INCREMENTAL_ALTER_CONFIGS,
                (short) 1,
                change(ConfigResource.Type.BROKER, broker, key, OpType.SET, value));
        return Errors.forCode(answer.responses().get(0).errorCode());
    }

    private static DescribeConfigsRequestData describe(ConfigResource.Type type, String name, String key) {
        return new DescribeConfigsRequestData()
                .setResources(List.of(new DescribeConfigsResource()
                        .setResourceType(type.id())
                        .setResourceName(name)
                        .setConfigurationKeys(key == null ? null : List.of(key))));
    }

    private DescribeConfigsResourceResult described(ConfigResource.Type type, String name, String key) {
        DescribeConfigsResponseData answer = send(
                ApiKeys.DESCRIBE_CONFIGS, (short) 4, describe(type, name, key).setIncludeSynonyms(true));
        assertEquals(0, answer.results().get(0).errorCode());
        assertEquals(1, answer.results().get(0).configs().size());
        return answer.results().get(0).configs().get(0);
    }

    /** Takes the request through its bytes to its handler, and gives back what the response's bytes say. */
    @SuppressWarnings("unchecked")
    private <R extends ApiMessage> R send(ApiKeys key, short version, ApiMessage data) {
        KafkaHandler<AbstractRequest> handler =
                (KafkaHandler<AbstractRequest>) TopicHandlers.all(store, BrokerSettings.of(1, file)).stream()
                        .filter(candidate -> candidate.key() == key)
                        .findFirst()
                        .orElseThrow();
        AbstractRequest request =
                AbstractRequest.parseRequest(key, version, MessageUtil.toByteBufferAccessor(data, version)).request;
        FakeCall call = new FakeCall(new RequestHeader(key, version, "test", 1));
        try {
            handler.handle(call, request);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        assertNull(call.failure);
        assertNotNull(call.response, "no answer");
        return (R) org.apache.kafka.common.requests.AbstractResponse.parseResponse(
                        key, MessageUtil.toByteBufferAccessor(call.response, version), version)
                .data();
    }

    private static final class FakeCall implements KafkaHandler.Call {
        private final RequestHeader header;
        private ApiMessage response;
        private Throwable failure;

        FakeCall(RequestHeader header) {
            this.header = header;
        }

        @Override
        public ClientConnection connection() {
            throw new UnsupportedOperationException("these handlers do not look at the connection");
        }

        @Override
        public RequestHeader header() {
            return header;
        }

        @Override
        public void retain() {
            // nothing of the frame is kept here
        }

        @Override
        public void reply(ApiMessage answer) {
            assertNull(response, "answered twice");
            response = answer;
        }

        @Override
        public void fail(Throwable error) {
            failure = error;
        }

        @Override
        public void replyNothing() {
            throw new AssertionError("these requests are always answered");
        }
    }
}
