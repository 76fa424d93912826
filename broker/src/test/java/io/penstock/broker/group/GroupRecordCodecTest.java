package io.penstock.broker.group;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.broker.group.GroupRecord.Generation;
import io.penstock.broker.group.GroupRecord.GenerationMember;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class GroupRecordCodecTest {
    private static final GroupRecord.Offset OFFSET = new GroupRecord.Offset(
            "g", new TopicPartitionKey("t", 3), new CommittedOffset(258, 7, "me", 5, new UUID(1, 2)));

    @Test
    void offsetHasKafkasBytes() {
        assertEquals("0001" + "000167" + "000174" + "00000003", hex(GroupRecordCodec.key(OFFSET)));
        assertEquals(
                "0004" + "0000000000000102" + "00000007" + "036d65" + "0000000000000005" + "01" + "00" + "10"
                        + "0000000000000001" + "0000000000000002",
                hex(GroupRecordCodec.value(OFFSET)));
    }

    @Test
    void recordsComeBackFromTheirBytes() throws IOException {
        GroupRecord.Metadata group = new GroupRecord.Metadata(
                "gruppe-ä",
                new Generation(
                        "consumer",
                        4,
                        "range",
                        "m1",
                        99,
                        List.of(new GenerationMember(
                                "m1", "i", "c", "/h", 10, 20, new byte[] {1, 2}, new byte[] {3}))));
        GroupRecord.Metadata read = (GroupRecord.Metadata) again(group);
        assertEquals("gruppe-ä", read.groupId());
        assertEquals(group.value().generation(), read.value().generation());
        GenerationMember member = read.value().members().get(0);
        assertEquals("i", member.instanceId());
        assertArrayEquals(new byte[] {1, 2}, member.subscription());
        assertArrayEquals(new byte[] {3}, member.assignment());
        assertEquals(OFFSET, again(OFFSET));
        GroupRecord.Offset gone = new GroupRecord.Offset("g", new TopicPartitionKey("t", 3), null);
        assertEquals(gone, again(gone));
        GroupRecord.Metadata empty =
                new GroupRecord.Metadata("e", new Generation("consumer", 5, null, null, 1, List.of()));
        assertEquals(empty, again(empty));
    }

    @Test
    void damagedRecordIsNamed() {
        byte[] value = GroupRecordCodec.value(OFFSET);
        value[1] = 99;
        assertThrows(
                IOException.class,
                () -> GroupRecordCodec.read(ByteBuffer.wrap(GroupRecordCodec.key(OFFSET)), ByteBuffer.wrap(value)));
        assertThrows(IOException.class, () -> GroupRecordCodec.read(ByteBuffer.wrap(new byte[] {0, 1, 0}), null));
    }

    @Test
    void batchIsOneThatKafkaReads() throws IOException {
        ByteBuffer batch = GroupBatch.encode(List.of(OFFSET, new GroupRecord.Metadata("g", null)), 1234);
        MemoryRecords records = MemoryRecords.readableRecords(batch.duplicate());
        records.batches().forEach(one -> {
            one.ensureValid();
            assertEquals(1234, one.maxTimestamp());
        });
        List<Record> read = new ArrayList<>();
        records.records().forEach(read::add);
        assertEquals(2, read.size());
        assertEquals(
                ByteBuffer.wrap(GroupRecordCodec.value(OFFSET)), read.get(0).value());
        assertEquals(1, read.get(1).offset());
        List<GroupRecord> decoded = new ArrayList<>();
        assertEquals(2, GroupBatch.decode(batch, decoded::add));
        assertEquals(OFFSET, decoded.get(0));
    }

    private static GroupRecord again(GroupRecord record) throws IOException {
        byte[] value = GroupRecordCodec.value(record);
        return GroupRecordCodec.read(
                ByteBuffer.wrap(GroupRecordCodec.key(record)), value == null ? null : ByteBuffer.wrap(value));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
