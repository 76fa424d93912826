package io.penstock.jms.message;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.jms.PenstockQueue;
import io.penstock.jms.PenstockTopic;
import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.HeaderCursor;
import io.penstock.protocol.record.Record;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.protocol.record.RecordCursor;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class MessageMappingTest {
    private static final long NOW = 1_700_000_000_000L;

    @Test
    void allHeadersAndPropertiesTravel() throws Exception {
        // Given
        PenstockTextMessage sent = new PenstockTextMessage("h\u00e9llo");
        sent.setJMSMessageID("ID:1");
        sent.setJMSTimestamp(NOW);
        sent.setJMSCorrelationID("c\u00f6r");
        sent.setJMSReplyTo(new PenstockTopic("replies"));
        sent.setJMSType("type");
        sent.setJMSDeliveryMode(DeliveryMode.NON_PERSISTENT);
        sent.setJMSPriority(9);
        sent.setJMSExpiration(NOW + 5);
        sent.setJMSDeliveryTime(NOW + 2);
        List<Object> values = List.of("s", true, (byte) 1, (short) 2, 3, 4L, 5.5f, 6.25, -7, -8L);
        for (int i = 0; i < values.size(); i++) {
            sent.setObjectProperty("p" + i, values.get(i));
        }
        sent.setStringProperty("none", null);
        sent.setStringProperty("JMSXGroupID", "group");
        sent.setIntProperty("JMSXGroupSeq", 3);
        sent.setIntProperty("JMS_Penstock_Partition", 0);
        // When
        PenstockTextMessage read = (PenstockTextMessage) roundTrip(sent, 2);
        // Then
        assertEquals("h\u00e9llo", read.getText());
        assertEquals("ID:1", read.getJMSMessageID());
        assertEquals(NOW, read.getJMSTimestamp());
        assertEquals("c\u00f6r", read.getJMSCorrelationID());
        assertEquals(new PenstockTopic("replies"), read.getJMSReplyTo());
        assertEquals(new PenstockQueue("orders"), read.getJMSDestination());
        assertEquals("type", read.getJMSType());
        assertEquals(DeliveryMode.NON_PERSISTENT, read.getJMSDeliveryMode());
        assertEquals(9, read.getJMSPriority());
        assertEquals(NOW + 5, read.getJMSExpiration());
        assertEquals(NOW + 2, read.getJMSDeliveryTime());
        assertTrue(read.getJMSRedelivered());
        for (int i = 0; i < values.size(); i++) {
            assertEquals(values.get(i), read.getObjectProperty("p" + i));
        }
        assertTrue(read.propertyExists("none"));
        assertNull(read.getStringProperty("none"));
        assertEquals("group", read.getStringProperty("JMSXGroupID"));
        assertEquals(3, read.getIntProperty("JMSXGroupSeq"));
        assertEquals(2, read.getIntProperty("JMSXDeliveryCount"));
        assertFalse(read.propertyExists("JMS_Penstock_Partition"));
    }

    @Test
    void defaultsTakeNoHeaders() throws Exception {
        PenstockTextMessage sent = new PenstockTextMessage("x");
        sent.setJMSTimestamp(NOW);
        Record record = record(sent);
        assertEquals(1, record.headerCount());
        HeaderCursor headers = record.headers();
        headers.next();
        assertEquals("penstock.types", headers.name());
        assertEquals("text", headers.valueText());
    }

    @Test
    void correlationIdsAreBytesOrText() throws Exception {
        PenstockMessage sent = new PenstockMessage();
        byte[] bytes = {(byte) 0xff, 0, 1};
        sent.setJMSCorrelationIDAsBytes(bytes);
        assertArrayEquals(bytes, roundTrip(sent, 1).getJMSCorrelationIDAsBytes());
        sent.setJMSCorrelationID("a");
        assertArrayEquals(new byte[] {'a'}, roundTrip(sent, 1).getJMSCorrelationIDAsBytes());
    }

    @Test
    void rule20DisabledTimestampsAreZeroAndTheRecordHasItsTime() throws Exception {
        PenstockMessage sent = new PenstockMessage();
        assertEquals(NOW, record(sent).timestamp());
        assertEquals(0, roundTrip(sent, 1).getJMSTimestamp());
        assertNull(roundTrip(sent, 1).getJMSMessageID());
    }

    @Test
    void bodiesOfEveryKindTravel() throws Exception {
        PenstockBytesMessage bytes = new PenstockBytesMessage();
        bytes.writeInt(7);
        bytes.writeUTF("\u00e4");
        PenstockBytesMessage bytesRead = (PenstockBytesMessage) roundTrip(bytes, 1);
        assertEquals(8, bytesRead.getBodyLength());
        assertEquals(7, bytesRead.readInt());
        assertThrows(MessageEOFException.class, bytesRead::readLong);
        assertEquals("\u00e4", bytesRead.readUTF());
        assertThrows(MessageEOFException.class, bytesRead::readByte);

        PenstockMapMessage map = new PenstockMapMessage();
        map.setChar("c", 'x');
        map.setFloat("f", 1.5f);
        assertEquals(Map.of("c", 'x', "f", 1.5f), roundTrip(map, 1).getBody(Map.class));

        PenstockObjectMessage object = new PenstockObjectMessage(DeserializationPolicy.STRICT);
        object.setObject(new ArrayList<>(List.of(1, "two")));
        assertEquals(List.of(1, "two"), roundTrip(object, 1).getBody(List.class));

        assertNull(((PenstockTextMessage) roundTrip(new PenstockTextMessage(), 1)).getText());
        assertEquals(PenstockMessage.class, roundTrip(new PenstockMessage(), 1).getClass());
    }

    @Test
    void rule26AFailedStreamReadLeavesThePointer() throws Exception {
        PenstockStreamMessage sent = new PenstockStreamMessage();
        sent.writeString("abc");
        sent.writeBytes(new byte[] {1, 2, 3});
        sent.writeObject(null);
        PenstockStreamMessage read = (PenstockStreamMessage) roundTrip(sent, 1);
        assertThrows(NumberFormatException.class, read::readInt);
        assertEquals("abc", read.readString());
        byte[] two = new byte[2];
        assertEquals(2, read.readBytes(two));
        assertThrows(MessageFormatException.class, read::readString);
        assertEquals(1, read.readBytes(two));
        assertThrows(NullPointerException.class, read::readChar);
        assertThrows(NumberFormatException.class, read::readLong);
        assertEquals(-1, read.readBytes(two));
        assertThrows(MessageEOFException.class, read::readObject);
    }

    @Test
    void aByteArrayAsLongAsTheBufferEndsWithMinusOne() throws Exception {
        PenstockStreamMessage message = new PenstockStreamMessage();
        assertThrows(MessageNotReadableException.class, message::readInt);
        message.writeBytes(new byte[] {1, 2});
        message.writeBytes(new byte[0]);
        message.writeInt(5);
        message.reset();
        byte[] two = new byte[2];
        assertEquals(2, message.readBytes(two));
        assertEquals(-1, message.readBytes(two));
        assertEquals(0, message.readBytes(two));
        assertEquals(5, message.readInt());
    }

    @Test
    void rule25AReceivedMessageIsReadOnlyAndItsRedeliveryTheOriginal() throws Exception {
        // Given
        PenstockTextMessage sent = new PenstockTextMessage("original");
        sent.setIntProperty("p", 1);
        Record record = record(sent);
        PenstockTextMessage first = (PenstockTextMessage) decode(record, 1);
        assertThrows(MessageNotWriteableException.class, () -> first.setText("x"));
        assertThrows(MessageNotWriteableException.class, () -> first.setIntProperty("q", 1));
        // When
        first.clearBody();
        first.clearProperties();
        first.setText("edited");
        first.setIntProperty("p", 2);
        // Then
        assertEquals("edited", first.getText());
        PenstockTextMessage again = (PenstockTextMessage) decode(record, 2);
        assertEquals("original", again.getText());
        assertEquals(1, again.getIntProperty("p"));
    }

    @Test
    void rule26ForeignRecordsBecomeTheBestFittingMessage() throws Exception {
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(Compression.NONE);
        builder.beginRecord(NOW).key("k".getBytes(StandardCharsets.UTF_8)).value("{}".getBytes(StandardCharsets.UTF_8));
        builder.header("trace-id", "t").header("JMSCorrelationID", "c").header("JMSPriority", "many");
        builder.header("plain", null).endRecord();
        builder.beginRecord(NOW)
                .key(new byte[] {(byte) 0xff})
                .value(new byte[] {0, 1})
                .endRecord();
        builder.beginRecord(NOW).key(null).value((byte[]) null).endRecord();
        RecordCursor cursor =
                new RecordCursor().open(RecordBatch.of(builder.baseOffset(40).build()), 0);
        cursor.next();
        PenstockTextMessage text = assertInstanceOf(
                PenstockTextMessage.class, decode(cursor.record().detached(), 1));
        assertEquals("{}", text.getText());
        assertEquals("t", text.getStringProperty("trace_id"));
        assertEquals("c", text.getJMSCorrelationID());
        assertEquals(4, text.getJMSPriority());
        assertEquals("k", text.getStringProperty("JMSXGroupID"));
        assertTrue(text.propertyExists("plain"));
        assertEquals("ID:orders-0-40", text.getJMSMessageID());
        assertEquals(NOW, text.getJMSTimestamp());
        cursor.next();
        PenstockBytesMessage bytes = assertInstanceOf(
                PenstockBytesMessage.class, decode(cursor.record().detached(), 1));
        assertEquals(2, bytes.getBodyLength());
        assertEquals("/w==", bytes.getStringProperty("JMS_Penstock_Key"));
        cursor.next();
        assertEquals(
                PenstockMessage.class, decode(cursor.record().detached(), 1).getClass());
    }

    @Test
    void namesAndValuesOfPropertiesAreChecked() {
        PenstockMessage message = new PenstockMessage();
        for (String name : new String[] {null, "", "1a", "a-b", "NULL", "JMSFoo"}) {
            assertThrows(IllegalArgumentException.class, () -> message.setStringProperty(name, "x"), name);
        }
        assertThrows(MessageFormatException.class, () -> message.setObjectProperty("p", new ArrayList<>()));
        assertThrows(MessageFormatException.class, () -> message.setIntProperty("JMSXGroupID", 1));
        assertEquals(List.of(), Collections.list(message.getPropertyNames()));
    }

    @Test
    void missingPropertiesAreReadAsNull() throws Exception {
        PenstockMessage message = new PenstockMessage();
        assertNull(message.getStringProperty("p"));
        assertFalse(message.getBooleanProperty("p"));
        assertThrows(NumberFormatException.class, () -> message.getIntProperty("p"));
        // As Double.valueOf(null) has it.
        assertThrows(NullPointerException.class, () -> message.getDoubleProperty("p"));
    }

    /** Stands for a class of the application. */
    static final class Order implements java.io.Serializable {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void onlyAllowedClassesComeToLife() throws Exception {
        PenstockObjectMessage strict = new PenstockObjectMessage(DeserializationPolicy.STRICT);
        strict.setObject(new Order());
        assertTrue(assertThrows(MessageFormatException.class, strict::getObject)
                .getMessage()
                .contains("jms.deserializationAllowList"));
        for (String allowed : List.of("io.penstock.jms", "io.penstock.*", "*", "x, " + Order.class.getName())) {
            PenstockObjectMessage message = new PenstockObjectMessage(DeserializationPolicy.of(allowed));
            message.setObject(new Order());
            assertInstanceOf(Order.class, message.getObject());
        }
        assertFalse(DeserializationPolicy.of("io.penstock.j").allows(Order.class));
    }

    @Test
    void bodiesAreAssignableToTheirClasses() throws Exception {
        PenstockTextMessage text = new PenstockTextMessage("x");
        assertTrue(text.isBodyAssignableTo(CharSequence.class));
        assertFalse(text.isBodyAssignableTo(Integer.class));
        assertThrows(MessageFormatException.class, () -> text.getBody(Integer.class));
        assertTrue(new PenstockTextMessage().isBodyAssignableTo(Integer.class));
        PenstockBytesMessage bytes = new PenstockBytesMessage();
        bytes.writeByte((byte) 3);
        assertArrayEquals(new byte[] {3}, bytes.getBody(byte[].class));
        PenstockMapMessage map = new PenstockMapMessage();
        map.setInt("a", 1);
        assertTrue(map.isBodyAssignableTo(Map.class));
        assertFalse(map.isBodyAssignableTo(java.util.HashMap.class));
        assertThrows(MessageFormatException.class, () -> new PenstockStreamMessage().getBody(Object.class));
    }

    private static Record record(PenstockMessage sent) throws JMSException {
        RecordBatchBuilder builder = new RecordBatchBuilder(64).start(Compression.NONE);
        MessageEncoder.encode(sent, builder, NOW);
        RecordCursor cursor = new RecordCursor().open(RecordBatch.of(builder.build()), 0);
        cursor.next();
        return cursor.record().detached();
    }

    private static PenstockMessage decode(Record record, int deliveryCount) throws JMSException {
        return new MessageDecoder(
                        new PenstockQueue("orders"), DeserializationPolicy.STRICT, (head, partition, sink) -> {})
                .decode(record, 0, deliveryCount, false, null);
    }

    private static PenstockMessage roundTrip(PenstockMessage sent, int deliveryCount) throws JMSException {
        return decode(record(sent), deliveryCount);
    }
}
