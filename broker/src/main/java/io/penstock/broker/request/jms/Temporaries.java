package io.penstock.broker.request.jms;

import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.MemoryPartition;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.PartitionUnavailableException;
import io.penstock.broker.partition.Partitions;
import io.penstock.protocol.message.DestinationKind;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.name.InvalidNameException;
import io.penstock.protocol.name.TemporaryName;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.MemoryBudget;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The temporary destinations of this broker's connections (JMS-RULES 16, 17), beside the partitions that are kept: made
 * without a word to anybody, gone with their connection. Nobody else knows of them, Kafka's clients neither.
 *
 * <p>Finding one: any thread. Making and ending them: the owner of their connection, which is their owner too.
 */
final class Temporaries implements Partitions {
    private static final int OF_CONNECTION_MAX = 10_000;
    private static final long BYTES_MIN = 64L << 20;
    private static final int BATCH_BYTES_MAX = 64 << 20;

    private final Partitions kept;
    private final int brokerId;
    private final MemoryBudget budget =
            new MemoryBudget(Math.max(BYTES_MIN, Runtime.getRuntime().maxMemory() / 4));
    private final LogConfig config = LogConfig.defaults().withMaxBatchBytes(BATCH_BYTES_MAX);
    private final Map<UUID, Temporary> all = new ConcurrentHashMap<>();

    private record Temporary(JmsConnection connection, TopicImage topic, MemoryPartition partition) {}

    /** Told, on the connection's owner, that a temporary destination has ended; its partition takes nothing any more. */
    interface Ended {
        void ended(UUID topicId);
    }

    private final Map<JmsConnection, Map<UUID, Temporary>> byConnection = new ConcurrentHashMap<>();
    private Ended listener = topicId -> {};

    Temporaries(Partitions kept, int brokerId) {
        this.kept = kept;
        this.brokerId = brokerId;
    }

    /** Before the first is made. */
    void onEnd(Ended ended) {
        listener = ended;
    }

    /** Makes one; again, or after an interruption: nothing happens when it is there. */
    void create(JmsConnection connection, String name, DestinationKind kind) throws FrontException {
        connection.owner().requireCurrent();
        UUID topicId = topicId(name);
        Temporary present = all.get(topicId);
        if (present != null) {
            if (present.connection != connection || Destinations.kind(present.topic) != kind) {
                throw new FrontException(
                        PenstockError.INVALID_DESTINATION, name + " is another connection's temporary destination");
            }
            return;
        }
        if (connection.state() == JmsConnection.State.CLOSED) {
            throw new FrontException(PenstockError.UNKNOWN_SESSION, "the connection is closed");
        }
        Map<UUID, Temporary> mine = byConnection.get(connection);
        if (mine == null) {
            mine = new HashMap<>();
            byConnection.put(connection, mine);
            connection.whenEnded(() -> connectionEnded(connection));
        }
        if (mine.size() >= OF_CONNECTION_MAX) {
            throw new FrontException(
                    PenstockError.LIMIT_EXCEEDED,
                    "a connection has at most " + OF_CONNECTION_MAX + " temporary destinations");
        }
        List<Integer> home = List.of(brokerId);
        TopicImage topic = new TopicImage(
                name,
                topicId,
                List.of(new PartitionImage(0, brokerId, 0, home, home)),
                Map.of(TopicImage.KIND, Destinations.word(kind)));
        MemoryPartition partition = new MemoryPartition(
                topicId,
                name,
                connection.owner(),
                config,
                budget,
                () -> kind == DestinationKind.QUEUE || connection.consumes(topicId));
        Temporary made = new Temporary(connection, topic, partition);
        mine.put(topicId, made);
        all.put(topicId, made);
    }

    /** @throws FrontException UNKNOWN_DESTINATION, or DESTINATION_IN_USE while it has a consumer */
    void delete(JmsConnection connection, String name) throws FrontException {
        connection.owner().requireCurrent();
        UUID topicId = topicId(name);
        Temporary present = all.get(topicId);
        if (present == null || present.connection != connection) {
            throw new FrontException(
                    PenstockError.UNKNOWN_DESTINATION, "this connection has no temporary destination " + name);
        }
        if (connection.consumes(topicId)) {
            throw new FrontException(
                    PenstockError.DESTINATION_IN_USE,
                    "temporary destination " + name + " has a consumer: close it first");
        }
        byConnection.get(connection).remove(topicId);
        end(topicId, present);
    }

    private void connectionEnded(JmsConnection connection) {
        byConnection.remove(connection).forEach(this::end);
    }

    private void end(UUID topicId, Temporary ended) {
        all.remove(topicId);
        ended.partition.close();
        listener.ended(topicId);
    }

    private static UUID topicId(String name) throws FrontException {
        try {
            return TemporaryName.parse(name).topicId();
        } catch (InvalidNameException e) {
            throw new FrontException(PenstockError.INVALID_DESTINATION, e.getMessage());
        }
    }

    /** How many there are, for description. */
    int count() {
        return all.size();
    }

    /**
     * A temporary destination as consumers see it.
     *
     * @throws FrontException when it is another connection's: anybody may send to it, nobody else consume (JMS-RULES 16)
     */
    Optional<TopicImage> topic(UUID topicId, JmsConnection consumer) throws FrontException {
        Temporary found = TemporaryName.isTemporary(topicId) ? all.get(topicId) : null;
        if (found == null) {
            return Optional.empty();
        }
        if (found.connection != consumer) {
            throw new FrontException(
                    PenstockError.INVALID_DESTINATION,
                    found.topic.name()
                            + " is a temporary destination of another connection, which alone may consume it");
        }
        return Optional.of(found.topic);
    }

    // ---- partitions

    @Override
    public CompletionStage<Partition> partition(UUID topicId, int index) {
        if (!TemporaryName.isTemporary(topicId)) {
            return kept.partition(topicId, index);
        }
        CompletableFuture<Partition> found = new CompletableFuture<>();
        with(topicId, index, found::complete, found::completeExceptionally);
        return found;
    }

    @Override
    public void with(UUID topicId, int index, Consumer<Partition> task, Consumer<Throwable> failed) {
        if (!TemporaryName.isTemporary(topicId)) {
            kept.with(topicId, index, task, failed);
            return;
        }
        Temporary found = all.get(topicId);
        if (found == null || index != 0) {
            failed.accept(gone());
            return;
        }
        found.partition.owner().run(() -> {
            if (all.get(topicId) == found) {
                task.accept(found.partition);
            } else {
                failed.accept(gone());
            }
        });
    }

    private static PartitionUnavailableException gone() {
        return new PartitionUnavailableException(
                PartitionUnavailableException.Reason.UNKNOWN,
                "the temporary destination is gone: it was deleted, or its connection has ended");
    }

    @Override
    public Iterable<Partition> open() {
        return kept.open();
    }
}
