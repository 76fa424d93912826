package io.penstock.protocol.jms;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.ControlBatch;
import io.penstock.protocol.record.MessagePiece;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Heads and pieces of large messages: what is written comes back, and nothing else is believed. */
class LargeHeadPropertyTest {

    @Property(tries = 300)
    void aHeadComesBackAsItWasWritten(@ForAll long seed) {
        LargeHead head = head(new Random(seed));
        assertEquals(head, LargeHead.of(batch(head)));
    }

    @Property(tries = 1000)
    void aChangedHeadIsReadOrIsNone(@ForAll long seed) {
        Random random = new Random(seed);
        LargeHead head = head(random);
        RecordBatch batch = batch(head);
        for (int i = 0; i < 3; i++) {
            int at = RecordBatch.HEADER_BYTES + random.nextInt(batch.sizeBytes() - RecordBatch.HEADER_BYTES);
            batch.buffer().put(batch.position() + at, (byte) random.nextInt());
        }
        LargeHead read = LargeHead.of(batch);
        if (read != null) {
            assertEquals(MessagePiece.count(read.bodyBytes()), read.offsets().length);
        }
    }

    private static LargeHead head(Random random) {
        int pieces = 1 + random.nextInt(50);
        int bytes = (pieces - 1) * MessagePiece.BODY_BYTES + 1 + random.nextInt(MessagePiece.BODY_BYTES);
        long[] offsets = new long[pieces];
        long base = random.nextLong() >>> 1 + random.nextInt(62);
        for (int i = 0; i < pieces; i++) {
            // After an interruption pieces need not lie in their order.
            offsets[i] = base / 2 + random.nextInt(100_000);
        }
        return new LargeHead(new UUID(random.nextLong(), random.nextLong()), bytes, random.nextInt(), offsets);
    }

    private static RecordBatch batch(LargeHead head) {
        RecordBatchBuilder builder = new RecordBatchBuilder(256).start(Compression.NONE);
        builder.head().beginRecord(1).key(null).value(new byte[0]);
        head.writeTo(builder);
        builder.endRecord();
        return RecordBatch.of(builder.build());
    }

    @Example
    void headersThatDoNotFitTogetherAreNoHead() {
        String message = ";message=" + new UUID(1, 2);
        assertNotNull(read("bytes=10;crc32c=00000001;pieces=1;first=5" + message, new byte[] {0}));
        assertNull(read("bytes=10;crc32c=00000001;pieces=1;first=5" + message, new byte[] {0, 0}), "a piece more");
        assertNull(read("bytes=10;crc32c=00000001;pieces=1;first=5" + message, new byte[] {2}), "another first");
        assertNull(read("bytes=10;crc32c=00000001;pieces=1;first=5" + message, new byte[] {(byte) 0x80}), "cut off");
        assertNull(read("bytes=0;crc32c=00000001;pieces=1;first=5" + message, new byte[] {0}), "no body");
        assertNull(read("bytes=300000;crc32c=00000001;pieces=1;first=5" + message, new byte[] {0}), "too few pieces");
        assertNull(read("bytes=9999999999;crc32c=00000001;pieces=1;first=5" + message, new byte[] {0}), "no int");
        assertNull(read("bytes=10;crc32c=00000001;pieces=999999;first=5" + message, new byte[] {0}), "claims pieces");
        assertNull(read("bytes=10;crc32c=00000001;pieces=1;first=5", new byte[] {0}), "no message");
        assertNull(read("bytes=10", null), "no pieces");
    }

    private static LargeHead read(String text, byte[] pieces) {
        RecordBatchBuilder builder = new RecordBatchBuilder(256).start(Compression.NONE);
        builder.head().beginRecord(1).key(null).value(new byte[0]);
        builder.header(JmsHeader.bytes(JmsHeader.LARGE), text.getBytes(StandardCharsets.UTF_8));
        if (pieces != null) {
            builder.header(JmsHeader.bytes(JmsHeader.PIECES), pieces);
        }
        builder.endRecord();
        return LargeHead.of(RecordBatch.of(builder.build()));
    }

    @Example
    void aPieceIsAControlRecordWithItsPlaceInTheBody() {
        UUID message = new UUID(3, 4);
        byte[] body = new byte[MessagePiece.BODY_BYTES];
        new Random(1).nextBytes(body);
        ByteBuffer value = MessagePiece.value(message, 7, ByteBuffer.wrap(body));
        ByteBuffer batch = ControlBatch.of(ControlBatch.PIECE, value, 1);
        assertEquals(true, batch.remaining() <= MessagePiece.BATCH_BYTES_MAX);
        ByteBuffer read = MessagePiece.of(RecordBatch.of(batch));
        assertEquals(message, MessagePiece.message(read));
        assertEquals(7, MessagePiece.index(read));
        byte[] back = new byte[body.length];
        MessagePiece.body(read).get(back);
        assertArrayEquals(body, back);
        assertNull(MessagePiece.of(RecordBatch.of(ControlBatch.of((short) 99, value, 1))), "another type");
        assertNull(MessagePiece.of(RecordBatch.of(ControlBatch.of(ControlBatch.PIECE, new byte[5], 1))), "too short");
    }

    @Example
    void piecesOfOtherLengthsAreRefused() {
        int two = MessagePiece.BODY_BYTES + 10;
        assertNull(MessagePiece.fault(piece(0, MessagePiece.BODY_BYTES), two));
        assertNull(MessagePiece.fault(piece(1, 10), two));
        assertNotNull(MessagePiece.fault(piece(0, 10), two));
        assertNotNull(MessagePiece.fault(piece(1, 11), two));
        assertNotNull(MessagePiece.fault(piece(2, 10), two));
        assertNotNull(MessagePiece.fault(piece(-1, 10), two));
        assertNotNull(MessagePiece.fault(ByteBuffer.allocate(3), two));
    }

    private static ByteBuffer piece(int index, int length) {
        return MessagePiece.value(new UUID(1, 1), index, ByteBuffer.allocate(length));
    }
}
