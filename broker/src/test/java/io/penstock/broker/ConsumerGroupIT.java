package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.NoOffsetForPartitionException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Consumer groups of the Java client, classic protocol, against a whole broker. */
@Timeout(180)
class ConsumerGroupIT {
    private static final String TOPIC = "orders";

    @TempDir
    Path directory;

    private final List<PollingConsumer> consumers = new ArrayList<>();
    private Broker broker;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        open(0);
        admin = Admin.create(Map.of("bootstrap.servers", bootstrap()));
    }

    @AfterEach
    void stop() {
        consumers.forEach(PollingConsumer::stop);
        consumers.forEach(PollingConsumer::vanish);
        admin.close(Duration.ofSeconds(1));
        broker.close();
    }

    private void open(int port) throws Exception {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://127.0.0.1:" + port);
        properties.put("log.dirs", directory.toString());
        properties.put("group.initial.rebalance.delay.ms", "100");
        broker = Broker.start(BrokerConfig.parse(properties));
    }

    private String bootstrap() {
        return broker.host() + ":" + broker.port();
    }

    @Test
    void membersShareAThirdTakesOverAFourthIdles() throws Exception {
        create(TOPIC, 3);
        PollingConsumer one = join("g");
        PollingConsumer two = join("g");
        await("two share three", () -> sizes(one, two).equals(List.of(1, 2)));
        PollingConsumer three = join("g");
        await("one each", () -> sizes(one, two, three).equals(List.of(1, 1, 1)));
        PollingConsumer four = join("g");
        await("the fourth is a member", () -> memberIds("g").size() == 4);
        await("one of four idles", () -> sizes(one, two, three, four).equals(List.of(0, 1, 1, 1)));
        assertEquals(3, all(one, two, three, four).size());

        PollingConsumer victim = one.assigned().isEmpty() ? two : one;
        victim.vanish();
        List<PollingConsumer> left = new ArrayList<>(List.of(one, two, three, four));
        left.remove(victim);
        await(
                "the idle one takes over",
                () -> left.stream().allMatch(c -> c.assigned().size() == 1)
                        && all(left.toArray(PollingConsumer[]::new)).size() == 3);
        send(TOPIC, 30, "after");
        await(
                "everything is read",
                () -> left.stream().mapToInt(c -> c.values().size()).sum() == 30);
    }

    @Test
    void committedOffsetsSurviveARestart() throws Exception {
        create(TOPIC, 2);
        send(TOPIC, 100, "a");
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("group.id", "g", "max.poll.records", 10))) {
            consumer.subscribe(List.of(TOPIC));
            Set<String> seen = new HashSet<>();
            while (seen.size() < 100) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> seen.add(record.value()));
                consumer.commitSync();
            }
        }
        restart();
        send(TOPIC, 10, "b");
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("group.id", "g"))) {
            consumer.subscribe(List.of(TOPIC));
            Set<String> seen = new HashSet<>();
            while (seen.size() < 10) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> seen.add(record.value()));
            }
            assertTrue(seen.stream().allMatch(value -> value.startsWith("b")), "what was committed comes again");
        }
    }

    /** A client that lost all brokers begins with its metadata anew, and may join again for that: as itself. */
    @Test
    void membersStayMembersOverARestart() throws Exception {
        create(TOPIC, 2);
        PollingConsumer one = join("g");
        PollingConsumer two = join("g");
        await("both have one", () -> sizes(one, two).equals(List.of(1, 1)));
        Set<String> before = memberIds("g");
        restart();
        send(TOPIC, 20, "x");
        await("they read on", () -> one.values().size() + two.values().size() >= 20);
        await("the group rests", () -> state("g") == GroupState.STABLE);
        assertEquals(before, memberIds("g"));
    }

    @Test
    void staticMemberComesBackWithoutARebalance() throws Exception {
        create(TOPIC, 2);
        PollingConsumer other = join("g");
        PollingConsumer fixed = join("g", Map.of("group.instance.id", "fixed"));
        await("both have one", () -> sizes(other, fixed).equals(List.of(1, 1)));
        Set<TopicPartition> had = fixed.assigned();
        int changes = other.assignments();
        fixed.vanish();
        PollingConsumer back = join("g", Map.of("group.instance.id", "fixed"));
        await("it has what it had", () -> back.assigned().equals(had));
        assertEquals(changes, other.assignments());
        back.vanish();
        admin.removeMembersFromConsumerGroup(
                        "g", new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("fixed"))))
                .all()
                .get(20, TimeUnit.SECONDS);
        await("the other has all", () -> other.assigned().size() == 2);
    }

    @Test
    void fiftyMembersShareAHundredPartitions() throws Exception {
        create(TOPIC, 100);
        List<PollingConsumer> members =
                IntStream.range(0, 50).mapToObj(i -> join("g")).toList();
        await("everybody has two", () -> members.stream()
                .allMatch(member -> member.assigned().size() == 2));
        assertEquals(100, all(members.toArray(PollingConsumer[]::new)).size());
        send(TOPIC, 2_000, "m");
        await(
                "all is read",
                () -> members.stream()
                                .mapToInt(member -> member.values().size())
                                .sum()
                        == 2_000);
    }

    @Test
    void subscriptionByPatternFindsNewTopics() throws Exception {
        create("p-one", 1);
        PollingConsumer consumer = new PollingConsumer(
                bootstrap(), "g", Map.of("metadata.max.age.ms", 500), c -> c.subscribe(Pattern.compile("p-.*")));
        consumers.add(consumer);
        await("the first", () -> consumer.assigned().size() == 1);
        create("p-two", 2);
        create("other", 1);
        await("the new one too", () -> consumer.assigned().size() == 3);
    }

    @Test
    void positionsAreResetAndSought() throws Exception {
        create(TOPIC, 1);
        send(TOPIC, 10, "v");
        TopicPartition partition = new TopicPartition(TOPIC, 0);
        try (KafkaConsumer<String, String> none = consumer(Map.of("group.id", "n", "auto.offset.reset", "none"))) {
            none.assign(List.of(partition));
            assertThrows(NoOffsetForPartitionException.class, () -> none.poll(Duration.ofSeconds(5)));
        }
        try (KafkaConsumer<String, String> latest = consumer(Map.of("group.id", "l", "auto.offset.reset", "latest"))) {
            latest.assign(List.of(partition));
            assertEquals(10, latest.position(partition));
            latest.seek(partition, 7);
            List<String> seen = new ArrayList<>();
            while (seen.size() < 3) {
                latest.poll(Duration.ofMillis(200)).forEach(record -> seen.add(record.value()));
            }
            assertEquals(List.of("v7", "v8", "v9"), seen);
            latest.commitSync(Map.of(partition, new OffsetAndMetadata(4, "note")));
            assertEquals(4, latest.committed(Set.of(partition)).get(partition).offset());
            assertEquals(
                    "note", latest.committed(Set.of(partition)).get(partition).metadata());
        }
    }

    @Test
    void administratorSeesAndChangesGroups() throws Exception {
        create(TOPIC, 2);
        PollingConsumer member = join("g");
        await("it has both", () -> member.assigned().size() == 2);
        ConsumerGroupDescription group = describe("g");
        assertEquals(
                2,
                group.members().iterator().next().assignment().topicPartitions().size());
        assertEquals("range", group.partitionAssignor());
        member.close();
        await("nobody is left", () -> state("g") == GroupState.EMPTY);
        Map<TopicPartition, OffsetAndMetadata> offsets = Map.of(
                new TopicPartition(TOPIC, 0),
                new OffsetAndMetadata(0),
                new TopicPartition(TOPIC, 1),
                new OffsetAndMetadata(0));
        admin.alterConsumerGroupOffsets("g", offsets).all().get(20, TimeUnit.SECONDS);
        assertEquals(
                offsets.keySet(),
                admin.listConsumerGroupOffsets("g")
                        .partitionsToOffsetAndMetadata()
                        .get(20, TimeUnit.SECONDS)
                        .keySet());
        admin.deleteConsumerGroupOffsets("g", Set.of(new TopicPartition(TOPIC, 0)))
                .all()
                .get(20, TimeUnit.SECONDS);
        assertEquals(
                1,
                admin.listConsumerGroupOffsets("g")
                        .partitionsToOffsetAndMetadata()
                        .get(20, TimeUnit.SECONDS)
                        .size());
        admin.deleteConsumerGroups(List.of("g")).all().get(20, TimeUnit.SECONDS);
        assertTrue(admin.listGroups().all().get(20, TimeUnit.SECONDS).stream()
                .map(GroupListing::groupId)
                .noneMatch("g"::equals));
        restart();
        assertTrue(admin.listGroups().all().get(20, TimeUnit.SECONDS).stream()
                .map(GroupListing::groupId)
                .noneMatch("g"::equals));
    }

    @Test
    void offsetsOfADeletedTopicAreNotThoseOfItsSuccessor() throws Exception {
        create(TOPIC, 1);
        send(TOPIC, 10, "v");
        TopicPartition partition = new TopicPartition(TOPIC, 0);
        try (KafkaConsumer<String, String> consumer = consumer(Map.of("group.id", "g"))) {
            consumer.assign(List.of(partition));
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(9)));
        }
        admin.deleteTopics(List.of(TOPIC)).all().get(20, TimeUnit.SECONDS);
        create(TOPIC, 1);
        assertTrue(
                admin
                        .listConsumerGroupOffsets("g")
                        .partitionsToOffsetAndMetadata()
                        .get(20, TimeUnit.SECONDS)
                        .values()
                        .stream()
                        .allMatch(offset -> offset == null));
    }

    private void restart() throws Exception {
        int port = broker.port();
        broker.close();
        open(port);
    }

    private PollingConsumer join(String group) {
        return join(group, Map.of());
    }

    private PollingConsumer join(String group, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("session.timeout.ms", 6000);
        settings.put("heartbeat.interval.ms", 500);
        PollingConsumer consumer = new PollingConsumer(bootstrap(), group, settings, c -> c.subscribe(List.of(TOPIC)));
        consumers.add(consumer);
        return consumer;
    }

    private KafkaConsumer<String, String> consumer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(Map.of("auto.offset.reset", "earliest"));
        settings.putAll(more);
        settings.put("bootstrap.servers", bootstrap());
        return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
    }

    private void create(String topic, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                .all()
                .get(20, TimeUnit.SECONDS);
    }

    private void send(String topic, int count, String prefix) {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap()), new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, "k" + i, prefix + i));
            }
        }
    }

    private ConsumerGroupDescription describe(String group) throws Exception {
        return admin.describeConsumerGroups(List.of(group))
                .all()
                .get(20, TimeUnit.SECONDS)
                .get(group);
    }

    private GroupState state(String group) {
        try {
            return describe(group).groupState();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private Set<String> memberIds(String group) {
        try {
            Set<String> ids = new HashSet<>();
            describe(group).members().forEach(member -> ids.add(member.consumerId()));
            return ids;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static List<Integer> sizes(PollingConsumer... some) {
        List<Integer> sizes = new ArrayList<>();
        for (PollingConsumer one : some) {
            sizes.add(one.assigned().size());
        }
        sizes.sort(null);
        return sizes;
    }

    private static Set<TopicPartition> all(PollingConsumer... some) {
        Set<TopicPartition> all = new HashSet<>();
        for (PollingConsumer one : some) {
            all.addAll(one.assigned());
        }
        return all;
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "not within 60 s: " + what);
            try {
                TimeUnit.MILLISECONDS.sleep(50);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
