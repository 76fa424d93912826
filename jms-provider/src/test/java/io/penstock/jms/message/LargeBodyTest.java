package io.penstock.jms.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.PenstockQueue;
import io.penstock.protocol.jms.LargeHead;
import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.MessagePiece;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.protocol.record.RecordCursor;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies that are not in their records: every kind of message has them, and their faults are their own (rules 21 to 25). */
@Timeout(30)
class LargeBodyTest {
    private static final int FROM = 10_000;

    /** The broker's part: the body that was sent. */
    private ByteBuffer stored;

    private boolean gone;
    private int fetches;

    private PenstockMessage roundTrip(PenstockMessage sent) throws JMSException {
        EncodedBody body = sent.largeBody(FROM);
        assertNotNull(body);
        stored = ByteBuffer.allocate(body.bytes().remaining());
        stored.put(body.bytes().duplicate()).flip();
        CRC32C crc = new CRC32C();
        crc.update(stored.duplicate());
        long[] offsets = new long[MessagePiece.count(stored.limit())];
        Arrays.setAll(offsets, i -> 100 + 2L * i);
        LargeHead head = new LargeHead(new UUID(5, 6), stored.limit(), (int) crc.getValue(), offsets);
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(Compression.NONE);
        MessageEncoder.encode(sent, builder, 1_000, null, new SentBody(head, body.types()));
        assertTrue(builder.sizeBytes() < FROM);
        RecordCursor cursor = new RecordCursor().open(RecordBatch.of(builder.build()), 0);
        assertTrue(cursor.next());
        return new MessageDecoder(new PenstockQueue("orders"), DeserializationPolicy.STRICT, this::fetch)
                .decode(cursor.record().detached(), 3, 1, false, null);
    }

    private void fetch(LargeHead head, int partition, BodyPieces.Sink sink) throws JMSException {
        assertEquals(3, partition);
        fetches++;
        if (gone) {
            throw new JMSException("gone", "PIECES_GONE");
        }
        for (int at = 0; at < stored.limit(); at += MessagePiece.BODY_BYTES) {
            sink.piece(stored.slice(at, Math.min(MessagePiece.BODY_BYTES, stored.limit() - at)));
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(7).nextBytes(bytes);
        return bytes;
    }

    @Test
    void bytesComeBackFromHeapAndFile() throws JMSException {
        for (int length : new int[] {FROM, 700_000, SpillingBytes.HEAP_BYTES_MAX + 3, 9_000_001}) {
            byte[] bytes = random(length);
            PenstockBytesMessage sent = new PenstockBytesMessage();
            for (int at = 0, part = 1; at < length; at += part, part = Math.min(3 * part, length - at)) {
                sent.writeBytes(bytes, at, Math.min(part, length - at));
            }
            PenstockBytesMessage received = (PenstockBytesMessage) roundTrip(sent);
            assertEquals(length, received.getBodyLength());
            byte[] read = new byte[length];
            assertEquals(length, received.readBytes(read));
            assertArrayEquals(bytes, read);
            assertThrows(MessageEOFException.class, received::readByte);
            assertArrayEquals(bytes, received.getBody(byte[].class));
            // As it was received it can be sent on, and then be written anew.
            assertEquals(stored, received.largeBody(FROM).bytes());
            received.clearBody();
            received.writeInt(7);
            received.reset();
            assertEquals(7, received.readInt());
        }
    }

    @Test
    void otherKindsComeBackAsTheyWere() throws JMSException {
        String text = "häufig\u20ac ".repeat(2_000);
        assertEquals(text, ((PenstockTextMessage) roundTrip(new PenstockTextMessage(text))).getText());
        assertTrue(roundTrip(new PenstockTextMessage(text)).isBodyAssignableTo(String.class));

        PenstockMapMessage map = new PenstockMapMessage();
        map.setString("text", text);
        map.setShort("short", (short) 5);
        PenstockMapMessage receivedMap = (PenstockMapMessage) roundTrip(map);
        assertEquals(text, receivedMap.getString("text"));
        assertEquals((short) 5, receivedMap.getObject("short"));

        PenstockStreamMessage stream = new PenstockStreamMessage();
        stream.writeBytes(random(20_000));
        stream.writeChar('x');
        PenstockStreamMessage receivedStream = (PenstockStreamMessage) roundTrip(stream);
        assertArrayEquals(random(20_000), (byte[]) receivedStream.readObject());
        assertEquals('x', receivedStream.readChar());

        PenstockObjectMessage object = new PenstockObjectMessage(DeserializationPolicy.STRICT);
        object.setObject(text);
        assertEquals(text, ((PenstockObjectMessage) roundTrip(object)).getObject());
    }

    @Test
    void whatIsShortStaysInItsRecord() throws JMSException {
        PenstockBytesMessage bytes = new PenstockBytesMessage();
        bytes.writeBytes(new byte[FROM - 1]);
        assertNull(bytes.largeBody(FROM));
        assertNull(new PenstockTextMessage("x".repeat(FROM - 1)).largeBody(FROM));
        assertNull(new PenstockTextMessage(null).largeBody(FROM));
        assertNull(new PenstockMessage().largeBody(FROM));
        PenstockMapMessage map = new PenstockMapMessage();
        map.setString("a", "x".repeat(FROM - 100));
        assertNull(map.largeBody(FROM));
        assertNull(new PenstockStreamMessage().largeBody(FROM));
        assertNull(new PenstockObjectMessage(DeserializationPolicy.STRICT).largeBody(FROM));
    }

    @Test
    void aBodyIsFetchedOnceAndOnlyWhenItIsRead() throws JMSException {
        PenstockTextMessage sent = new PenstockTextMessage("x".repeat(FROM));
        sent.setStringProperty("colour", "red");
        PenstockTextMessage received = (PenstockTextMessage) roundTrip(sent);
        assertEquals("red", received.getStringProperty("colour"));
        assertEquals(0, fetches);
        assertEquals(FROM, received.getText().length());
        assertEquals(FROM, received.getBody(String.class).length());
        assertEquals(1, fetches);
        PenstockTextMessage cleared = (PenstockTextMessage) roundTrip(sent);
        cleared.clearBody();
        assertNull(cleared.getText());
        assertEquals(1, fetches);
    }

    @Test
    void aDamagedOrMissingBodyIsAnErrorOfItsReaders() throws JMSException {
        PenstockTextMessage received = (PenstockTextMessage) roundTrip(new PenstockTextMessage("x".repeat(FROM)));
        stored.put(5, (byte) 'y');
        assertEquals(
                "CHECKSUM", assertThrows(JMSException.class, received::getText).getErrorCode());
        gone = true;
        assertEquals(
                "PIECES_GONE",
                assertThrows(JMSException.class, received::getText).getErrorCode());
        assertThrows(JMSException.class, () -> received.getBody(String.class));
        assertEquals(1, received.getIntProperty("JMSXDeliveryCount"));
        gone = false;
        stored.put(5, (byte) 'x');
        assertEquals(FROM, received.getText().length());
    }
}
