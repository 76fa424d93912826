package io.penstock.broker.zookeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.IsrChange;
import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.MetadataException.Reason;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicChanges;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.storage.time.SystemClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The store on a real ZooKeeper server in this process. */
@Timeout(60)
class ZooKeeperMetadataStoreIT {
    private static final int SESSION_TIMEOUT_MILLIS = 18_000;

    @TempDir
    Path directory;

    private final List<ZooKeeperMetadataStore> stores = new ArrayList<>();
    private EmbeddedZooKeeper server;

    @AfterEach
    void close() throws IOException {
        stores.forEach(ZooKeeperMetadataStore::close);
        if (server != null) {
            server.close();
        }
    }

    @Test
    void aLoneBrokerIsElectedAndMakesTopics() throws IOException {
        ZooKeeperMetadataStore store = start(1);

        TopicImage topic =
                wait(store.createTopic(new NewTopic("orders", 3, (short) 1, null, Map.of("retention.ms", "5"))));

        assertEquals(1, store.image().controllerId());
        assertEquals(topic, store.image().topic("orders").orElseThrow());
        assertEquals(topic, store.image().topic(topic.id()).orElseThrow());
        assertEquals(3, topic.partitions().size());
        assertTrue(topic.partitions().stream()
                .allMatch(p -> p.leader() == 1 && p.isr().equals(List.of(1))));
        assertEquals(Map.of("retention.ms", "5"), topic.config());
    }

    @Test
    void tenThousandTopicsAreMadeInABurstAndReadAtARestart() throws IOException {
        ZooKeeperMetadataStore store = start(1);
        Counter counter = new Counter();
        store.subscribe(counter::accept);

        long begin = System.nanoTime();
        List<CompletableFuture<TopicImage>> created = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            created.add(
                    store.createTopic(new NewTopic("queue-" + i, 1, (short) 1, null, Map.of("penstock.kind", "queue")))
                            .toCompletableFuture());
        }
        created.forEach(ZooKeeperMetadataStoreIT::wait);
        long createdMillis = (System.nanoTime() - begin) / 1_000_000;
        assertEquals(10_000, store.image().topics().size());
        store.close();
        server.close();

        begin = System.nanoTime();
        server = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), 0, true);
        long serverMillis = (System.nanoTime() - begin) / 1_000_000;
        begin = System.nanoTime();
        ZooKeeperMetadataStore again = open(1, "log-1");
        long loadedMillis = (System.nanoTime() - begin) / 1_000_000;
        begin = System.nanoTime();
        wait(again.register(broker(1)));
        long registeredMillis = (System.nanoTime() - begin) / 1_000_000;
        System.out.println(
                "10,000 topics: made in " + createdMillis + " ms (" + counter.images + " images); restart: server "
                        + serverMillis + " ms, read " + loadedMillis + " ms, registered " + registeredMillis + " ms");

        assertEquals(10_000, counter.topics.size());
        assertEquals(10_000, again.image().topics().size());
        for (CompletableFuture<TopicImage> topic : created) {
            assertEquals(topic.join(), again.image().topic(topic.join().id()).orElseThrow());
        }
        assertTrue(createdMillis < 30_000, "took " + createdMillis);
    }

    /** Two first users of a name: the second may count on what the first has made. */
    @Test
    void aTopicIsThereWhenItIsSaidToExist() throws IOException {
        ZooKeeperMetadataStore store = start(1);
        List<CompletableFuture<Boolean>> seconds = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            String name = "shared-" + i;
            store.createTopic(topic(name));
            seconds.add(store.createTopic(topic(name))
                    .handle((made, failure) ->
                            made == null && store.image().topic(name).isPresent())
                    .toCompletableFuture());
        }
        for (CompletableFuture<Boolean> second : seconds) {
            assertTrue(wait(second));
        }
    }

    @Test
    void anExpiredSessionRegistersAgainAndKeepsWorking() throws IOException {
        ZooKeeperMetadataStore store = start(1);
        TopicImage before = wait(store.createTopic(topic("before")));
        long epoch = store.image().broker(1).orElseThrow().epoch();

        expire(store);
        await(() -> store.image().broker(1).map(b -> b.epoch() > epoch).orElse(false));
        TopicImage after = wait(store.createTopic(topic("after")));

        assertEquals(1, store.image().controllerId());
        assertEquals(before, store.image().topic(before.id()).orElseThrow());
        assertTrue(store.image().topic(after.id()).isPresent());
    }

    @Test
    void aChangeDuringAnExpiryIsDoneOnce() throws IOException {
        ZooKeeperMetadataStore store = start(1);

        List<CompletionStage<TopicImage>> created = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            created.add(store.createTopic(topic("t" + i)));
            if (i == 150) {
                expire(store);
            }
        }

        created.forEach(ZooKeeperMetadataStoreIT::wait);
        assertEquals(300, store.image().topics().size());
    }

    @Test
    void aBrokerThatHasJustJoinedCountsForATopicsReplicas() throws IOException {
        ZooKeeperMetadataStore first = start(1);
        for (int id = 2; id <= 5; id++) {
            ZooKeeperMetadataStore joins = open(id, "log-" + id);
            wait(joins.register(broker(id)));
            TopicImage topic = wait(first.createTopic(new NewTopic("t" + id, 1, (short) id, null, Map.of())));
            assertEquals(id, topic.partitions().get(0).replicas().size());
        }
        assertEquals(
                Reason.INVALID_REPLICATION_FACTOR,
                refusal(first.createTopic(new NewTopic("t6", 1, (short) 6, null, Map.of())))
                        .reason());
    }

    /** JMS-RULES 13. */
    @Test
    void aClientIdIsOneConnectionsUntilItOrItsBrokerIsGone() throws IOException {
        ZooKeeperMetadataStore first = start(1);
        ZooKeeperMetadataStore second = open(2, "log-2");
        wait(second.register(broker(2)));
        await(() -> first.image().brokers().size() == 2);
        String id = "a/b ü%.";

        assertTrue(wait(first.claimClientId(id, 7)));
        assertTrue(wait(first.claimClientId(id, 7)), "again");
        assertFalse(wait(first.claimClientId(id, 8)));
        assertFalse(wait(second.claimClientId(id, 8)));
        assertTrue(wait(second.claimClientId(id, 7)), "the same connection, by another broker");
        first.releaseClientId(id, 7);
        second.releaseClientId(id, 8);
        assertFalse(wait(first.claimClientId(id, 8)), "released by those who do not have it");
        second.releaseClientId(id, 7);
        await(() -> wait(first.claimClientId(id, 8)));

        expire(first);
        await(() -> wait(second.claimClientId(id, 9)));
        first.close();
        second.close();
    }

    @Test
    void aKilledBrokerComesBackAtOnceOverItsOldSession() throws IOException {
        ZooKeeperMetadataStore killed = start(1);
        long epoch = killed.image().broker(1).orElseThrow().epoch();

        long begin = System.nanoTime();
        ZooKeeperMetadataStore restarted = open(1, "log-1");
        wait(restarted.register(broker(1)));
        long millis = (System.nanoTime() - begin) / 1_000_000;

        assertTrue(millis < SESSION_TIMEOUT_MILLIS / 4, "took " + millis);
        assertEquals(1, restarted.image().controllerId());
        assertTrue(restarted.image().broker(1).orElseThrow().epoch() > epoch);
        wait(restarted.createTopic(topic("x")));
    }

    @Test
    void anotherBrokerWithTheSameIdIsRefused() throws IOException {
        start(1);

        ZooKeeperMetadataStore other = open(1, "log-other");

        assertEquals(Reason.DUPLICATE_BROKER, refusal(other.register(broker(1))).reason());
    }

    @Test
    void logDirectoriesOfAnotherClusterAreRefused() throws IOException {
        start(1).close();
        server.close();
        server = EmbeddedZooKeeper.start(directory.resolve("another"), 0, true);

        MetadataException nothing = assertThrows(MetadataException.class, () -> open(1, "log-1"));
        open(2, "log-2");
        MetadataException another = assertThrows(MetadataException.class, () -> open(1, "log-1"));

        assertEquals(Reason.WRONG_CLUSTER, nothing.reason());
        assertEquals(Reason.WRONG_CLUSTER, another.reason());
        assertEquals(
                Reason.DUPLICATE_BROKER,
                assertThrows(MetadataException.class, () -> open(3, "log-2")).reason());
    }

    @Test
    void aDeletedTopicIsMadeAgainWithAnotherId() throws IOException {
        ZooKeeperMetadataStore store = start(1);
        UUID previous = null;

        for (int i = 0; i < 20; i++) {
            TopicImage topic = wait(store.createTopic(topic("phoenix")));
            assertNotEquals(previous, topic.id());
            previous = topic.id();
            wait(store.deleteTopic(topic.id()));
            assertTrue(store.image().topic("phoenix").isEmpty());
        }

        assertEquals(Reason.UNKNOWN_TOPIC, refusal(store.deleteTopic(previous)).reason());
    }

    @Test
    void deletionAndCreationSentTogetherHappenInOrder() throws IOException {
        ZooKeeperMetadataStore store = start(1);
        TopicImage first = wait(store.createTopic(topic("t")));

        CompletionStage<Void> deleted = store.deleteTopic(first.id());
        CompletionStage<TopicImage> created = store.createTopic(topic("t"));
        CompletionStage<TopicImage> twice = store.createTopic(topic("t"));

        wait(deleted);
        assertEquals(wait(created), store.image().topic("t").orElseThrow());
        assertEquals(Reason.TOPIC_EXISTS, refusal(twice).reason());
    }

    @Test
    void partitionsGrowAndSettingsChange() throws IOException {
        ZooKeeperMetadataStore store = start(1);
        TopicImage topic = wait(store.createTopic(topic("t")));

        assertEquals(
                4,
                wait(store.createPartitions(topic.id(), 4, null)).partitions().size());
        wait(store.alterTopicConfig(topic.id(), Map.of("retention.ms", "7")));
        wait(store.alterTopicConfig(topic.id(), Map.of("segment.bytes", "4096")));
        Map<String, String> removal = new HashMap<>();
        removal.put("retention.ms", null);
        wait(store.alterTopicConfig(topic.id(), removal));
        wait(store.alterBrokerConfig(-1, Map.of("log.retention.ms", "9")));

        assertEquals(
                Map.of("segment.bytes", "4096"),
                store.image().topic("t").orElseThrow().config());
        assertEquals(Map.of("log.retention.ms", "9"), store.brokerConfig(-1));
        assertEquals(
                Reason.INVALID_PARTITIONS,
                refusal(store.createPartitions(topic.id(), 2, null)).reason());
        wait(store.deleteTopic(topic.id()));
        assertTrue(store.image().topics().isEmpty());
    }

    @Test
    void theOtherBrokerTakesOverControlAndBothSeeTheSame() throws IOException {
        ZooKeeperMetadataStore first = start(1);
        ZooKeeperMetadataStore second = open(2, "log-2");
        wait(second.register(broker(2)));
        await(() -> first.image().brokers().size() == 2);

        TopicImage made = wait(second.createTopic(new NewTopic("t", 2, (short) 2, null, Map.of("retention.ms", "5"))));
        assertEquals(made, second.image().topic("t").orElseThrow());
        assertTrue(made.partitions().stream().allMatch(p -> p.leader() > 0 && p.leaderEpoch() == 0));
        await(() -> first.image().topic("t").equals(second.image().topic("t")));
        assertEquals(
                5,
                wait(second.createPartitions(made.id(), 5, null)).partitions().size());
        await(() -> first.image().topic("t").equals(second.image().topic("t")));

        first.close();
        await(() -> second.image().controllerId() == 2);
        await(() ->
                second.image().topic("t").orElseThrow().partitions().stream().allMatch(p -> p.leader() == 2));
        assertEquals(1, second.image().brokers().size());
        wait(second.deleteTopic(made.id()));
        wait(second.createTopic(topic("alone")));
    }

    @Test
    void aWishForDeletionIsFulfilledByTheController() throws IOException {
        ZooKeeperMetadataStore first = start(1);
        ZooKeeperMetadataStore second = open(2, "log-2");
        wait(second.register(broker(2)));
        TopicImage topic = wait(first.createTopic(topic("t")));
        await(() -> second.image().topic("t").isPresent());

        wait(second.deleteTopic(topic.id()));

        await(() -> first.image().topic("t").isEmpty());
        wait(second.createTopic(topic("t")));
    }

    @Test
    void anIsrIsChangedByCompareAndSet() throws IOException {
        ZooKeeperMetadataStore first = start(1);
        ZooKeeperMetadataStore second = open(2, "log-2");
        wait(second.register(broker(2)));
        await(() -> first.image().brokers().size() == 2);
        TopicImage topic = wait(first.createTopic(new NewTopic("t", 1, (short) 2, null, Map.of())));
        await(() -> second.image().topic("t").isPresent());
        PartitionImage made = topic.partitions().get(0);
        int leader = made.leader();
        int follower = 3 - leader;
        ZooKeeperMetadataStore leads = leader == 1 ? first : second;
        ZooKeeperMetadataStore follows = leader == 1 ? second : first;
        await(() -> leads.aliveAt(System.nanoTime()));

        PartitionImage alone =
                wait(leads.changeIsr(topic.id(), 0, new IsrChange(0, 0, List.of(leader), List.of(), Map.of())));
        await(() -> follows.image().topic("t").orElseThrow().partitions().get(0).equals(alone));
        long life = leads.image().broker(follower).orElseThrow().epoch();
        IsrChange late = new IsrChange(0, 0, made.isr(), List.of(), Map.of(follower, life));
        IsrChange otherLife = new IsrChange(0, 1, made.isr(), List.of(), Map.of(follower, life + 1));

        assertEquals(List.of(leader), alone.isr());
        assertEquals(1, alone.version());
        assertEquals(Reason.STALE, refusal(leads.changeIsr(topic.id(), 0, late)).reason());
        assertEquals(
                Reason.STALE, refusal(leads.changeIsr(topic.id(), 0, otherLife)).reason());
        PartitionImage both = wait(
                leads.changeIsr(topic.id(), 0, new IsrChange(0, 1, made.isr(), List.of(), Map.of(follower, life))));
        assertEquals(2, both.version());
        await(() -> follows.image().topic("t").orElseThrow().partitions().get(0).equals(both));
    }

    @Test
    void producerIdsAreNeverGivenTwice() throws IOException {
        ZooKeeperMetadataStore first = start(1);
        ZooKeeperMetadataStore second = open(2, "log-2");
        List<CompletionStage<Long>> blocks = new ArrayList<>();

        for (int i = 0; i < 20; i++) {
            blocks.add((i % 2 == 0 ? first : second).allocateProducerIds(1000));
        }

        List<Long> firsts =
                blocks.stream().map(ZooKeeperMetadataStoreIT::wait).sorted().toList();
        for (int i = 1; i < firsts.size(); i++) {
            assertTrue(firsts.get(i) - firsts.get(i - 1) >= 1000, firsts.toString());
        }
    }

    @Test
    void aServerThatWentAwayAndCameBackIsFoundAgain() throws IOException {
        ZooKeeperMetadataStore store = start(1);
        int port = server.port();
        server.close();
        CompletionStage<TopicImage> waiting = store.createTopic(topic("waiting"));

        server = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), port, true);

        wait(waiting);
        assertFalse(store.image().topic("waiting").isEmpty());
    }

    @Test
    void oneDirectoryServesOneServer() throws IOException {
        start(1);

        assertThrows(IOException.class, () -> EmbeddedZooKeeper.start(directory.resolve("zookeeper"), 0, true));
        assertThrows(
                IOException.class, () -> EmbeddedZooKeeper.start(directory.resolve("second"), server.port(), true));
    }

    @Test
    void aChrootIsMadeWhenItIsMissing() throws IOException {
        server = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), 0, false);

        ZooKeeperMetadataStore store = open(server.connectString() + "/some/where", 1, "log-1");
        wait(store.register(broker(1)));
        wait(store.createTopic(topic("t")));

        assertTrue(store.image().topic("t").isPresent());
    }

    /** What a listener learns from changes alone. */
    private static final class Counter {
        private final Map<UUID, TopicImage> topics = new HashMap<>();
        private ClusterImage last;
        private int images;

        void accept(ClusterImage image) {
            TopicChanges changes = last == null ? null : image.changesSince(last);
            if (changes != null) {
                changes.changed().forEach(topic -> topics.put(topic.id(), topic));
                changes.removed().forEach(topic -> topics.remove(topic.id()));
            }
            last = image;
            images++;
        }
    }

    /** Status 5: of two changes at once none is lost, since each is written over the version that it was planned on. */
    @Test
    void changesOfTwoBrokersAtOnceAreAllKept() throws IOException {
        ZooKeeperMetadataStore first = start(1);
        ZooKeeperMetadataStore second = open(2, "log-2");
        wait(second.register(broker(2)));
        TopicImage topic = wait(first.createTopic(topic("t")));
        await(() -> second.image().topic("t").isPresent());
        Map<String, String> expected = new HashMap<>();

        for (int i = 0; i < 20; i++) {
            List<CompletionStage<Void>> changes = new ArrayList<>();
            for (ZooKeeperMetadataStore store : List.of(first, second)) {
                String key = "key-" + i + (store == first ? "-a" : "-b");
                expected.put(key, "1");
                changes.add(store.alterTopicConfig(topic.id(), Map.of(key, "1")));
                changes.add(store.alterBrokerConfig(-1, Map.of(key, "1")));
                changes.add(store.alterBrokerConfig(ClusterImage.DESTINATIONS, Map.of(key, "1")));
            }
            changes.forEach(ZooKeeperMetadataStoreIT::wait);
        }

        for (ZooKeeperMetadataStore store : List.of(first, second)) {
            await(() -> store.image().topic("t").orElseThrow().config().equals(expected));
            await(() -> store.image().brokerConfig(-1).equals(expected));
            await(() -> store.image().brokerConfig(ClusterImage.DESTINATIONS).equals(expected));
        }
    }

    /** A node whose last setting goes stays: made again it would have the versions that it had. */
    @Test
    void settingsThatComeAndGoAreNotLost() throws IOException {
        ZooKeeperMetadataStore first = start(1);
        ZooKeeperMetadataStore second = open(2, "log-2");
        wait(second.register(broker(2)));
        TopicImage topic = wait(first.createTopic(topic("t")));
        await(() -> second.image().topic("t").isPresent());
        Map<String, String> gone = new HashMap<>();
        gone.put("a", null);

        wait(first.alterTopicConfig(topic.id(), Map.of("a", "1")));
        await(() -> second.image().topic("t").orElseThrow().config().containsKey("a"));
        wait(second.alterTopicConfig(topic.id(), gone));
        wait(second.alterTopicConfig(topic.id(), Map.of("b", "2")));
        wait(first.alterTopicConfig(topic.id(), Map.of("c", "3")));

        await(() -> first.image().topic("t").orElseThrow().config().equals(Map.of("b", "2", "c", "3")));
        wait(first.deleteTopic(topic.id()));
        await(() -> second.image().topic("t").isEmpty());
        TopicImage again = wait(second.createTopic(topic("t")));
        assertEquals(Map.of(), again.config());
    }

    private ZooKeeperMetadataStore start(int brokerId) throws IOException {
        server = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), 0, true);
        ZooKeeperMetadataStore store = open(brokerId, "log-" + brokerId);
        wait(store.register(broker(brokerId)));
        return store;
    }

    private ZooKeeperMetadataStore open(int brokerId, String logDirectory) throws IOException {
        return open(server.connectString(), brokerId, logDirectory);
    }

    private ZooKeeperMetadataStore open(String connect, int brokerId, String logDirectory) throws IOException {
        ZooKeeperMetadataStore store = ZooKeeperMetadataStore.open(
                new ZooKeeperMetadataStore.Settings(
                        connect,
                        SESSION_TIMEOUT_MILLIS,
                        10_000,
                        brokerId,
                        List.of(directory.resolve(logDirectory)),
                        BrokerSettings.of(brokerId, Map.of())),
                new SystemClock());
        stores.add(store);
        return store;
    }

    private static BrokerImage broker(int id) {
        return new BrokerImage(id, 0, "127.0.0.1", 9092 + id, null);
    }

    private static NewTopic topic(String name) {
        return new NewTopic(name, 1, (short) 1, null, Map.of());
    }

    /** Ends the session on the server, as an expiry does. */
    private void expire(ZooKeeperMetadataStore store) {
        server.expireSession(
                CompletableFuture.supplyAsync(() -> store.session().id()).join());
    }

    private static <T> T wait(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private static MetadataException refusal(CompletionStage<?> stage) {
        Throwable failure =
                assertThrows(CompletionException.class, () -> wait(stage)).getCause();
        assertTrue(failure instanceof MetadataException, String.valueOf(failure));
        return (MetadataException) failure;
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }
}
