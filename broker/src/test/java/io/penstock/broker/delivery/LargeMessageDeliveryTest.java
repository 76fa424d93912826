package io.penstock.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.penstock.protocol.jms.LargeHead;
import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.ControlBatch;
import io.penstock.protocol.record.MessagePiece;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.storage.log.AppendOrigin;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Delivery between the pieces of large messages: only heads are delivered, and only those with a body. */
@Timeout(30)
class LargeMessageDeliveryTest {
    private static final SessionKey A = new SessionKey(1, 1);
    private static final UUID MESSAGE = new UUID(1, 2);
    private static final int PIECES = 40;

    private final DeliveryBench bench = new DeliveryBench();

    private void piece(int index) {
        ByteBuffer value = MessagePiece.value(MESSAGE, index, ByteBuffer.allocate(MessagePiece.BODY_BYTES));
        ByteBuffer batch = ControlBatch.of(ControlBatch.PIECE, value, 1);
        bench.run(() -> bench.partition.append(batch, AppendOrigin.BROKER, false, (append, failure) -> {}));
    }

    private void head(long first) {
        long[] offsets = new long[PIECES];
        for (int i = 0; i < PIECES; i++) {
            offsets[i] = first + i;
        }
        RecordBatchBuilder builder = new RecordBatchBuilder(256).start(Compression.NONE);
        builder.head().beginRecord(1).key(null).value(new byte[0]);
        new LargeHead(MESSAGE, PIECES * MessagePiece.BODY_BYTES, 1, offsets).writeTo(builder);
        builder.endRecord();
        bench.append(builder.build());
    }

    private RecordingConsumer consumer() {
        RecordingConsumer consumer = new RecordingConsumer(A, 1, 100);
        bench.run(() -> bench.group().attach(consumer));
        bench.after(100);
        return consumer;
    }

    private void message() {
        bench.send(1);
        for (int i = 0; i < PIECES; i++) {
            piece(i);
        }
        head(1);
        bench.send(1);
    }

    @Test
    void piecesAreSkippedAlsoWhenTheyAreMoreThanOnePassReads() {
        bench.openQueue();
        message();
        assertEquals(List.of(0L, PIECES + 1L, PIECES + 2L), consumer().offsets());
    }

    @Test
    void aHeadWhoseBodyIsGoneIsSettledUnseen() throws IOException {
        bench.openQueue();
        message();
        bench.run(() -> {
            try {
                bench.partition.advanceStartOffset(2);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        RecordingConsumer consumer = consumer();
        assertEquals(List.of(PIECES + 2L), consumer.offsets());
        bench.run(() ->
                bench.group().settle(A, 1, Settlements.accept(OffsetRanges.of(PIECES + 2, PIECES + 2)), (o, f) -> {}));
        assertEquals(PIECES + 3, bench.delivery.keepFrom());
    }
}
