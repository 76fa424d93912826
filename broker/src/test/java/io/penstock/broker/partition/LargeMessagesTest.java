package io.penstock.broker.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.InMemoryMetadataStore;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.protocol.jms.LargeHead;
import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.MessagePiece;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.DirectoryLogStore;
import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.StoreConfig;
import io.penstock.storage.simulation.SimulatedDisk;
import io.penstock.storage.simulation.SimulatedOwner;
import io.penstock.storage.simulation.SimulatedTime;
import io.penstock.storage.simulation.SimulatedWorkers;
import io.penstock.storage.simulation.TestBatches;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is kept for the sake of large messages, and which heads are believed; in simulated time. */
@Timeout(30)
class LargeMessagesTest {
    private static final long ENOUGH_NANOS = 5_000_000_000L;
    private static final String ANNA = "anna";
    private static final String BERT = "bert";

    private final SimulatedTime time = new SimulatedTime(11);
    private final SimulatedDisk disk = new SimulatedDisk(12);
    private final SimulatedOwner owner = new SimulatedOwner(time, "owner");
    private final MetadataStore metadata = new InMemoryMetadataStore("cluster", Runnable::run, () -> new UUID(1, 7));
    private DirectoryLogStore logs;
    private UUID topic;
    private Partition partition;

    @BeforeEach
    void start() throws IOException {
        metadata.register(new BrokerImage(0, 0, "localhost", 9092, null));
        topic = metadata.createTopic(new MetadataStore.NewTopic("t", 1, (short) 1, null, Map.of()))
                .toCompletableFuture()
                .join()
                .id();
        open();
    }

    private void open() throws IOException {
        logs = DirectoryLogStore.open(
                StoreConfig.small(Path.of("/data")), disk, time, new SimulatedWorkers(time, "store"));
        Owners owners = new Owners() {
            @Override
            public Owner next() {
                return owner;
            }

            @Override
            public List<Owner> all() {
                return List.of(owner);
            }
        };
        PartitionRegistry registry =
                new PartitionRegistry(0, metadata::image, logs, owners, ignored -> LogConfig.defaults());
        List<Partition> answer = new ArrayList<>();
        registry.with(topic, 0, answer::add, failure -> {
            throw new AssertionError(failure);
        });
        assertTrue(time.runUntil(() -> !answer.isEmpty(), ENOUGH_NANOS));
        partition = answer.get(0);
    }

    /** A task on the owner that may fail. */
    private interface Task<T> {
        T run() throws IOException;
    }

    private <T> T onOwner(Task<T> task) {
        List<Object> done = new ArrayList<>();
        owner.execute(() -> {
            try {
                done.add(java.util.Optional.ofNullable(task.run()));
            } catch (IOException e) {
                done.add(e);
            }
        });
        assertTrue(time.runUntil(() -> !done.isEmpty(), ENOUGH_NANOS));
        if (done.get(0) instanceof IOException failed) {
            throw new AssertionError(failed);
        }
        @SuppressWarnings("unchecked")
        java.util.Optional<T> result = (java.util.Optional<T>) done.get(0);
        return result.orElse(null);
    }

    private long neededFrom(long offset) {
        return onOwner(() -> partition.largeMessages().neededFrom(offset));
    }

    /** Offset of the piece. */
    private long piece(UUID message, int index, int length, Object sender) {
        List<Long> offset = new ArrayList<>();
        owner.execute(() -> partition
                .largeMessages()
                .append(
                        MessagePiece.value(message, index, ByteBuffer.allocate(length)),
                        sender,
                        1,
                        true,
                        (append, failure) -> offset.add(failure == null ? append.baseOffset() : -1)));
        assertTrue(time.runUntil(() -> !offset.isEmpty(), ENOUGH_NANOS));
        return offset.get(0);
    }

    private static ByteBuffer head(UUID message, int bodyBytes, long... offsets) {
        RecordBatchBuilder builder = new RecordBatchBuilder(256).start(Compression.NONE);
        builder.head().beginRecord(1).key(null).value(new byte[0]);
        new LargeHead(message, bodyBytes, 1, offsets).writeTo(builder);
        builder.endRecord();
        ByteBuffer built = builder.build();
        return ByteBuffer.allocate(built.remaining()).put(built).flip();
    }

    private IOException append(ByteBuffer batch) {
        List<IOException> told = new ArrayList<>();
        owner.execute(() -> partition.append(batch, AppendOrigin.CLIENT, true, (done, failure) -> told.add(failure)));
        assertTrue(time.runUntil(() -> !told.isEmpty(), ENOUGH_NANOS));
        return told.get(0);
    }

    private void small() {
        assertNull(append(TestBatches.of(1, 100, time.millis())));
    }

    @Test
    void piecesAreKeptForTheirSenderThenForTheirHead() throws IOException {
        UUID message = new UUID(1, 1);
        small();
        long first = piece(message, 0, MessagePiece.BODY_BYTES, ANNA);
        small();
        long second = piece(message, 1, 10, ANNA);
        assertEquals(List.of(1L, 3L), List.of(first, second));
        assertEquals(1, neededFrom(4), "while the sender is at it");
        assertNull(append(head(message, MessagePiece.BODY_BYTES + 10, first, second)));
        small();
        onOwner(() -> {
            partition.largeMessages().dropAll(ANNA);
            return null;
        });
        assertEquals(1, neededFrom(4), "the head is at 4");
        assertEquals(5, neededFrom(5), "the head is settled");
        assertEquals(0, neededFrom(0));
        disk.powerCut();
        open();
        assertEquals(1, neededFrom(4), "also in another life");
        assertEquals(5, neededFrom(5));
        assertEquals(
                10,
                onOwner(() -> partition.largeMessages().read(message, 1, second))
                        .remaining());
    }

    @Test
    void piecesWithoutAHeadGoWithTheirSession() {
        UUID one = new UUID(1, 1);
        UUID two = new UUID(1, 2);
        piece(one, 0, 10, ANNA);
        piece(two, 0, 10, BERT);
        small();
        assertEquals(0, neededFrom(3));
        onOwner(() -> {
            partition.largeMessages().drop(one, BERT);
            return null;
        });
        assertEquals(0, neededFrom(3), "nobody gives up what another sends");
        onOwner(() -> {
            partition.largeMessages().dropAll(ANNA);
            return null;
        });
        assertEquals(1, neededFrom(3));
        onOwner(() -> {
            partition.largeMessages().drop(two, BERT);
            return null;
        });
        assertEquals(3, neededFrom(3));
    }

    @Test
    void aHeadIsTakenOnlyWithItsPieces() throws IOException {
        UUID message = new UUID(1, 1);
        small();
        long piece = piece(message, 0, 10, ANNA);
        assertInstanceOf(
                LargeMessages.PiecesGoneException.class, append(head(new UUID(1, 9), 10, piece)), "another's piece");
        assertInstanceOf(LargeMessages.PiecesGoneException.class, append(head(message, 10, 0)), "a record");
        assertInstanceOf(LargeMessages.PiecesGoneException.class, append(head(message, 10, 77)), "nothing");
        ByteBuffer broken = head(message, 10, piece);
        RecordBatchBuilder noHead = new RecordBatchBuilder(256).start(Compression.NONE);
        noHead.head().beginRecord(1).key(null).value(new byte[0]).endRecord();
        assertNotNull(append(noHead.build()), "a head that says nothing");
        disk.kill();
        open();
        assertNull(append(broken), "in another life they are looked for in the log");
    }

    @Test
    void aBodyThatRetentionHasTakenIsGone() {
        UUID message = new UUID(1, 1);
        long piece = piece(message, 0, 10, ANNA);
        ByteBuffer head = head(message, 10, piece);
        assertNull(append(head.duplicate()));
        assertFalse(onOwner(() -> partition.largeMessages().isBodyGone(RecordBatch.of(head))));
        onOwner(() -> {
            partition.advanceStartOffset(1);
            return null;
        });
        assertTrue(onOwner(() -> partition.largeMessages().isBodyGone(RecordBatch.of(head))));
        assertNull(onOwner(() -> partition.largeMessages().read(message, 0, piece)));
    }

    @Test
    void onlyTheWantedPieceIsRead() {
        UUID message = new UUID(1, 1);
        small();
        long piece = piece(message, 0, 10, ANNA);
        assertNotNull(onOwner(() -> partition.largeMessages().read(message, 0, piece)));
        assertNull(onOwner(() -> partition.largeMessages().read(message, 1, piece)));
        assertNull(onOwner(() -> partition.largeMessages().read(new UUID(2, 2), 0, piece)));
        assertNull(onOwner(() -> partition.largeMessages().read(message, 0, 0)));
        assertNull(onOwner(() -> partition.largeMessages().read(message, 0, -1)));
        assertNull(onOwner(() -> partition.largeMessages().read(message, 0, 99)));
    }
}
