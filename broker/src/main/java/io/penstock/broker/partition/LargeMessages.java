package io.penstock.broker.partition;

import io.penstock.protocol.jms.LargeHead;
import io.penstock.protocol.record.ControlBatch;
import io.penstock.protocol.record.InvalidBatchException;
import io.penstock.protocol.record.MessagePiece;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.storage.log.AppendOrigin;
import io.penstock.storage.log.LogException;
import io.penstock.storage.log.LogSlice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Large messages of a partition on their way in: pieces that have no head yet, which retention must not take while their
 * sender is at it, and the check that a head's pieces are there. What has its head is kept by the log
 * ({@link io.penstock.storage.log.PartitionLog#neededFrom}). Known to the leader alone and lost with it; then a head's pieces
 * are looked for in the log. Owner thread only.
 */
public final class LargeMessages {
    /** Of one partition, without a head. */
    private static final int MESSAGES_MAX = 1_000;
    /** Of all these messages together: a quarter of a terabyte. */
    private static final int PIECES_MAX = 1_000_000;

    /** Sequences lie on a circle: of two, the one that is less than half of it ahead is the later. */
    private static final int SEQUENCES_HALF = 1 << 30;

    private final Partition partition;
    private final Map<UUID, Unfinished> unfinished = new LinkedHashMap<>(0);
    private int pieces;

    /** The pieces of one message, by index. */
    private static final class Unfinished {
        final Object sender;
        final Map<Integer, Long> offsets = new HashMap<>();
        long first = Long.MAX_VALUE;

        Unfinished(Object sender) {
            this.sender = sender;
        }

        boolean has(LargeHead head) {
            for (int i = 0; i < head.offsets().length; i++) {
                Long offset = offsets.get(i);
                if (offset == null || offset != head.offsets()[i]) {
                    return false;
                }
            }
            return true;
        }
    }

    LargeMessages(Partition partition) {
        this.partition = partition;
    }

    /** A head names pieces that are not there. */
    public static final class PiecesGoneException extends IOException {
        private static final long serialVersionUID = 1L;

        PiecesGoneException(String message) {
            super(message);
        }
    }

    /** More large messages are on their way than are allowed at a time. */
    public static final class TooManyException extends IOException {
        private static final long serialVersionUID = 1L;

        TooManyException(String message) {
            super(message);
        }
    }

    /**
     * Stores a piece.
     *
     * @param value a {@link MessagePiece}
     * @param sender equal for all pieces of a session; they are kept until it sends the head, or {@link #dropAll}
     * @param waitForCommit of the piece, and so of all before it
     */
    public void append(
            ByteBuffer value,
            Object sender,
            long timestampMillis,
            boolean waitForCommit,
            Partition.AppendCallback callback) {
        UUID message = MessagePiece.message(value);
        int index = MessagePiece.index(value);
        boolean known = unfinished.containsKey(message);
        if (pieces >= PIECES_MAX || (!known && unfinished.size() >= MESSAGES_MAX)) {
            callback.done(
                    null,
                    new TooManyException("more than " + MESSAGES_MAX + " large messages are on their way to "
                            + partition.topicName() + "-" + partition.index()));
            return;
        }
        ByteBuffer batch = ControlBatch.of(ControlBatch.PIECE, value, timestampMillis);
        // Told of before it is committed: nothing may take the piece meanwhile.
        long expected = partition.log().endOffset();
        add(message, index, expected, sender);
        partition.append(batch, AppendOrigin.BROKER, waitForCommit, callback);
        if (partition.log().endOffset() == expected) {
            drop(message); // Refused: its sender has been told, and sends no head.
        }
    }

    private void add(UUID message, int index, long offset, Object sender) {
        Unfinished of = unfinished.computeIfAbsent(message, id -> new Unfinished(sender));
        if (of.offsets.put(index, offset) == null) {
            pieces++;
        }
        of.first = Math.min(of.first, offset);
    }

    /** No head will follow, says who has sent the pieces; nobody else can. */
    public void drop(UUID message, Object sender) {
        Unfinished each = unfinished.get(message);
        if (each != null && each.sender.equals(sender)) {
            drop(message);
        }
    }

    private void drop(UUID message) {
        Unfinished gone = unfinished.remove(message);
        if (gone != null) {
            pieces -= gone.offsets.size();
        }
    }

    /** The session is over, and no head of it will follow. */
    public void dropAll(Object sender) {
        unfinished.values().removeIf(each -> {
            boolean gone = each.sender.equals(sender);
            pieces -= gone ? each.offsets.size() : 0;
            return gone;
        });
    }

    /** From where on records are needed when all from {@code offset} on are. */
    public long neededFrom(long offset) {
        long needed = partition.log().neededFrom(offset);
        for (Unfinished each : unfinished.values()) {
            needed = Math.min(needed, each.first);
        }
        return needed;
    }

    /** Whether a batch is the head of a message whose pieces retention has removed: there is nothing to deliver. */
    public boolean isBodyGone(RecordBatch batch) {
        LargeHead head = LargeHead.of(batch);
        return head != null && head.first() < partition.log().startOffset();
    }

    /** Refuses a head from a client that is not right, or whose pieces are not there. */
    void check(ByteBuffer batches, AppendOrigin origin) throws IOException {
        if (origin == AppendOrigin.CLIENT) {
            requirePieces(batches, null);
        }
    }

    /**
     * As an append would.
     *
     * @param sender who is to append it later: its pieces are kept until then; null when it follows at once
     */
    public void requirePieces(ByteBuffer batches, Object sender) throws IOException {
        try {
            RecordBatch batch = new RecordBatch();
            for (int at = batches.position(); at < batches.limit(); at = batch.end()) {
                batch.wrap(batches, at);
                if (batch.head() && !isStored(batch)) {
                    requirePieces(batch, sender);
                }
            }
        } catch (InvalidBatchException e) {
            return; // The log has the words for it.
        }
    }

    /** A repetition, which changes nothing. */
    private boolean isStored(RecordBatch batch) {
        return partition
                .log()
                .producer(batch.producerId())
                .filter(known -> known.producerEpoch() == batch.producerEpoch()
                        && ((known.lastSequence() - batch.baseSequence()) & Integer.MAX_VALUE) < SEQUENCES_HALF)
                .isPresent();
    }

    private void requirePieces(RecordBatch batch, Object sender) throws IOException {
        LargeHead head = LargeHead.of(batch);
        if (head == null) {
            throw new LogException(
                    LogException.Reason.INVALID_RECORD,
                    "the head of a large message for " + partition.log().id() + " cannot be read");
        }
        Unfinished known = unfinished.get(head.message());
        if (known != null && known.has(head)) {
            return;
        }
        for (int i = 0; i < head.offsets().length; i++) {
            if (read(head.message(), i, head.offsets()[i]) == null) {
                throw new PiecesGoneException("piece " + i + " of a large message is not at offset " + head.offsets()[i]
                        + " of " + partition.topicName() + "-" + partition.index());
            }
        }
        if (sender != null) {
            for (int i = 0; i < head.offsets().length; i++) {
                add(head.message(), i, head.offsets()[i], sender);
            }
        }
    }

    /** Batches that were appended: pieces whose head is there are kept for its sake. */
    void appended(ByteBuffer batches) {
        if (unfinished.isEmpty()) {
            return;
        }
        RecordBatch batch = new RecordBatch();
        for (int at = batches.position(); at < batches.limit(); at = batch.end()) {
            batch.wrap(batches, at);
            LargeHead head = LargeHead.of(batch);
            if (head != null) {
                drop(head.message());
            }
        }
    }

    /**
     * The bytes of a piece.
     *
     * @return null when it is not there
     */
    public ByteBuffer read(UUID message, int index, long offset) throws IOException {
        if (offset < partition.log().startOffset() || offset >= partition.log().endOffset()) {
            return null;
        }
        ByteBuffer bytes;
        try (LogSlice slice = partition.log().read(offset, 1, offset + 1, true)) {
            if (slice.sizeBytes() < RecordBatch.HEADER_BYTES || slice.sizeBytes() > MessagePiece.BATCH_BYTES_MAX) {
                return null;
            }
            bytes = ByteBuffer.allocate(slice.sizeBytes());
            slice.readInto(bytes);
        }
        RecordBatch batch = RecordBatch.of(bytes.flip());
        ByteBuffer value = batch.baseOffset() == offset ? MessagePiece.of(batch) : null;
        boolean wanted =
                value != null && MessagePiece.message(value).equals(message) && MessagePiece.index(value) == index;
        return wanted ? MessagePiece.body(value) : null;
    }
}
