package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.MoveRefusedException;
import io.penstock.broker.delivery.Moves.Move;
import io.penstock.broker.partition.Partition;
import io.penstock.broker.partition.Partitions;
import io.penstock.protocol.jms.LargeHead;
import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.HeaderCursor;
import io.penstock.protocol.record.MessagePiece;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.protocol.record.RecordCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Copies the body of a large message to the partition that its head is going to be moved to, one piece after the other, each
 * in a turn of its own. The pieces are kept there until the head follows, or {@link #drop}. Made for one move.
 */
final class PieceCopy {
    private final Partitions partitions;
    private final Move move;
    private final UUID topicId;
    private final int index;
    private final LargeHead from;
    private final UUID message = UUID.randomUUID();
    private final long[] offsets;
    private final RecordBatch batch;

    /** @param index of the partition of the topic to which it goes */
    PieceCopy(Partitions partitions, Move move, UUID topicId, int index) {
        this.partitions = partitions;
        this.move = move;
        this.topicId = topicId;
        this.index = index;
        this.from = move.head();
        this.offsets = new long[from.offsets().length];
        this.batch = RecordBatch.of(move.batch());
    }

    /** @param copied gets the batch with the head of the copy, on the owner of the partition that the pieces are in */
    void start(Consumer<ByteBuffer> copied, Consumer<Throwable> failed) {
        copy(0, copied, failed);
    }

    private void copy(int piece, Consumer<ByteBuffer> copied, Consumer<Throwable> failed) {
        if (piece == offsets.length) {
            copied.accept(head());
            return;
        }
        partitions.with(
                move.origin().topicId(),
                move.origin().partitionIndex(),
                origin -> read(origin, piece, copied, failed),
                failed);
    }

    private void read(Partition origin, int piece, Consumer<ByteBuffer> copied, Consumer<Throwable> failed) {
        ByteBuffer body;
        try {
            body = origin.largeMessages().read(from.message(), piece, from.offsets()[piece]);
        } catch (IOException e) {
            failed.accept(e);
            return;
        }
        if (body == null) {
            failed.accept(new MoveRefusedException("the body of the large message is gone"));
            return;
        }
        ByteBuffer value = MessagePiece.value(message, piece, body);
        partitions.with(topicId, index, target -> append(target, value, piece, copied, failed), failed);
    }

    private void append(
            Partition target, ByteBuffer value, int piece, Consumer<ByteBuffer> copied, Consumer<Throwable> failed) {
        boolean last = piece == offsets.length - 1;
        target.largeMessages().append(value, this, batch.maxTimestamp(), last, (append, failure) -> {
            if (failure != null) {
                failed.accept(failure);
                return;
            }
            offsets[piece] = append.baseOffset();
            target.owner().execute(() -> copy(piece + 1, copied, failed));
        });
    }

    /** The record that was to be moved, with the names of the new pieces. */
    private ByteBuffer head() {
        RecordCursor cursor = new RecordCursor().open(batch, null);
        cursor.next();
        Record record = cursor.record();
        RecordBatchBuilder builder = new RecordBatchBuilder(batch.sizeBytes());
        builder.start(Compression.NONE, -1, (short) -1, -1);
        builder.head().beginRecord(record.timestamp()).key(bytes(record.key())).value(new byte[0]);
        HeaderCursor headers = record.headers();
        while (headers.next()) {
            builder.header(headers.name().getBytes(java.nio.charset.StandardCharsets.UTF_8), bytes(headers.value()));
        }
        new LargeHead(message, from.bodyBytes(), from.crc32c(), offsets).writeTo(builder);
        builder.endRecord();
        return builder.build();
    }

    private static byte[] bytes(ByteBuffer field) {
        if (field == null) {
            return null;
        }
        byte[] bytes = new byte[field.remaining()];
        field.get(bytes);
        return bytes;
    }

    /** The head does not follow. */
    void drop() {
        partitions.with(topicId, index, target -> target.largeMessages().dropAll(this), gone -> {});
    }
}
