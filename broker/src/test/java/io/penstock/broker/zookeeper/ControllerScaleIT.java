package io.penstock.broker.zookeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.config.BrokerSettings;
import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.IsrChange;
import io.penstock.broker.metadata.MetadataStore.NewTopic;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.replication.PeerException;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.UpdatePartitionsRequest;
import io.penstock.storage.time.Owner;
import io.penstock.storage.time.SystemClock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long the death of a broker and of the controller last with many partitions of three replicas, on a real ZooKeeper
 * server that forces its writes. {@code -Dcontroller.partitions=10000} for the full number.
 */
@Timeout(300)
class ControllerScaleIT {
    private static final int PARTITIONS = Integer.getInteger("controller.partitions", 1_000);
    private static final int LIMIT_MILLIS = Integer.getInteger("controller.limit.millis", 20_000);

    @TempDir
    Path directory;

    private EmbeddedZooKeeper server;
    private final Map<Integer, ZooKeeperMetadataStore> stores = new ConcurrentHashMap<>();

    @AfterEach
    void close() throws IOException {
        stores.values().forEach(ZooKeeperMetadataStore::close);
        if (server != null) {
            server.close();
        }
    }

    @Test
    void theDeathOfABrokerAndOfTheControllerAreOverSoon() throws IOException {
        server = EmbeddedZooKeeper.start(directory.resolve("zookeeper"), 0, true);
        for (int id = 1; id <= 3; id++) {
            start(id);
        }
        long createdMillis = millis(this::createTopics);
        assertTrue(allSee(image -> leaders(image, 3) > PARTITIONS / 5 && led(image, List.of(1, 2, 3))));

        long begin = System.nanoTime();
        stores.remove(3).close();
        long closedMillis = (System.nanoTime() - begin) / 1_000_000;
        await(image -> leaders(image, 1) + leaders(image, 2) == PARTITIONS);
        long leadersMillis = (System.nanoTime() - begin) / 1_000_000;
        await(image -> led(image, List.of(1, 2)));
        long deathMillis = (System.nanoTime() - begin) / 1_000_000;
        start(3);
        long isrMillis = millis(() -> {
            wait(CompletableFuture.allOf(grow(1), grow(2)));
            await(image -> led(image, List.of(1, 2, 3)));
        });
        int controller = stores.get(2).image().controllerId();
        long controllerMillis = millis(() -> {
            stores.remove(controller).close();
            List<Integer> left = List.copyOf(stores.keySet());
            await(image -> image.controllerId() != controller && image.controllerId() > 0 && led(image, left));
        });

        System.out.println(
                PARTITIONS + " partitions: made in " + createdMillis + " ms; after a broker's death (" + closedMillis
                        + " ms for its close) all are led after "
                        + leadersMillis + " ms, and no ISR holds it after " + deathMillis
                        + " ms; its return into all ISRs after " + isrMillis
                        + " ms, the controller's death after " + controllerMillis + " ms");
        assertEquals(2, stores.size());
        assertTrue(deathMillis < LIMIT_MILLIS && controllerMillis < LIMIT_MILLIS);
    }

    private void createTopics() {
        List<CompletableFuture<?>> created = new ArrayList<>();
        for (int i = 0; i < PARTITIONS; i++) {
            created.add(stores.get(1)
                    .createTopic(new NewTopic("queue-" + i, 1, (short) 3, null, Map.of()))
                    .toCompletableFuture());
        }
        wait(CompletableFuture.allOf(created.toArray(CompletableFuture[]::new)));
        await(image -> image.topics().size() == PARTITIONS);
    }

    /** What leaders do when a follower has caught up: thousands of changes at once. */
    private CompletableFuture<Void> grow(int leader) {
        ZooKeeperMetadataStore store = stores.get(leader);
        long life = store.image().broker(3).orElseThrow().epoch();
        List<CompletableFuture<?>> changes = new ArrayList<>();
        for (TopicImage topic : store.image().topics()) {
            PartitionImage now = topic.partitions().get(0);
            if (now.leader() == leader) {
                changes.add(store.changeIsr(
                                topic.id(),
                                0,
                                new IsrChange(
                                        now.leaderEpoch(), now.version(), now.replicas(), List.of(), Map.of(3, life)))
                        .toCompletableFuture());
            }
        }
        return CompletableFuture.allOf(changes.toArray(CompletableFuture[]::new));
    }

    private static boolean led(ClusterImage image, List<Integer> by) {
        return image.topics().size() == PARTITIONS
                && image.topics().stream()
                        .flatMap(topic -> topic.partitions().stream())
                        .allMatch(p -> by.contains(p.leader())
                                && by.containsAll(p.isr())
                                && p.isr().size() == by.size());
    }

    private static long leaders(ClusterImage image, int broker) {
        return image.topics().stream()
                .filter(topic -> topic.partitions().get(0).leader() == broker)
                .count();
    }

    private boolean allSee(Predicate<ClusterImage> condition) {
        return stores.values().stream().allMatch(store -> condition.test(store.image()));
    }

    private void await(Predicate<ClusterImage> condition) {
        long begin = System.nanoTime();
        while (!allSee(condition)) {
            assertTrue(System.nanoTime() - begin < 120_000_000_000L, "it does not come about");
            java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
        }
    }

    private static long millis(Runnable work) {
        long begin = System.nanoTime();
        work.run();
        return (System.nanoTime() - begin) / 1_000_000;
    }

    private void start(int id) throws IOException {
        ZooKeeperMetadataStore store = ZooKeeperMetadataStore.open(
                new ZooKeeperMetadataStore.Settings(
                        server.connectString(),
                        18_000,
                        30_000,
                        id,
                        List.of(directory.resolve("log-" + id)),
                        BrokerSettings.of(id, Map.of())),
                new SystemClock());
        store.use(new DirectChannel());
        stores.put(id, store);
        wait(store.register(new BrokerImage(id, 0, "127.0.0.1", 9092 + id, null)));
        await(image -> image.broker(id).isPresent());
    }

    private static <T> T wait(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(120, TimeUnit.SECONDS).join();
    }

    /** Calls without a network, through the same bytes. */
    private final class DirectChannel implements PeerChannel {
        @Override
        public void send(
                int brokerId,
                PenstockApi api,
                PrivateMessage body,
                Owner owner,
                long timeoutNanos,
                PeerCallback callback) {
            ByteBuffer bytes = ByteBuffer.allocate(body.sizeBytes());
            body.writeTo(bytes);
            ZooKeeperMetadataStore target = stores.get(brokerId);
            if (target == null) {
                owner.execute(() ->
                        callback.failed(new PeerException(PeerException.Reason.UNREACHABLE, "broker " + brokerId)));
                return;
            }
            target.update(UpdatePartitionsRequest.read(bytes.flip(), (short) 0))
                    .whenComplete((done, failure) -> owner.execute(() -> {
                        if (failure == null) {
                            callback.replied(null);
                        } else {
                            callback.failed(new PeerException(PeerException.Reason.REFUSED, String.valueOf(failure)));
                        }
                    }));
        }

        @Override
        public void hold(int brokerId, boolean hold) {
            // There is nothing to hold.
        }

        @Override
        public void watch(PeerWatcher watcher) {
            // Deaths are told by ZooKeeper here.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
