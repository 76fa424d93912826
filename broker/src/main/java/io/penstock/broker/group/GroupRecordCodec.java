package io.penstock.broker.group;

import io.penstock.broker.group.GroupRecord.Generation;
import io.penstock.broker.group.GroupRecord.GenerationMember;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Keys and values of the offsets topic as Kafka documents them, so that its tools can read the topic.
 *
 * <pre>
 *   offset key     int16 1 | group string | topic string | partition int32
 *   offset value   int16 4 | offset int64 | leader epoch int32 | metadata compact string | commit time int64
 *                  | tagged fields: 0 = topic id
 *   group key      int16 2 | group string
 *   group value    int16 3 | protocol type string | generation int32 | protocol, leader nullable string
 *                  | state time int64 | members: id, instance (nullable), client id, host string, rebalance and
 *                  session time-out int32, subscription, assignment bytes
 * </pre>
 *
 * Strings have an int16 length, compact strings a varint of length + 1. A missing value says that the key is gone.
 */
final class GroupRecordCodec {
    private static final short OFFSET_KEY = 1;
    private static final short OFFSET_KEY_LEGACY = 0;
    private static final short GROUP_KEY = 2;
    private static final short OFFSET_VALUE_PLAIN = 3;
    private static final short OFFSET_VALUE = 4;
    private static final short GROUP_VALUE = 3;
    private static final int TAG_TOPIC_ID = 0;

    private GroupRecordCodec() {}

    static byte[] key(GroupRecord record) {
        if (record instanceof GroupRecord.Pending pending) {
            return key(pending.offset());
        }
        return write(out -> {
            if (record instanceof GroupRecord.Offset offset) {
                out.writeShort(OFFSET_KEY);
                string(out, offset.groupId());
                string(out, offset.key().topic());
                out.writeInt(offset.key().partition());
            } else {
                out.writeShort(GROUP_KEY);
                string(out, record.groupId());
            }
        });
    }

    /** The value's bytes, or null for a record that removes its key. */
    static byte[] value(GroupRecord record) {
        if (record instanceof GroupRecord.Pending pending) {
            return value(pending.offset());
        }
        if (record instanceof GroupRecord.Offset offset) {
            return offset.value() == null ? null : offsetValue(offset.value());
        }
        Generation generation = ((GroupRecord.Metadata) record).value();
        return generation == null ? null : generationValue(generation);
    }

    /**
     * Reads a record.
     *
     * @param value null for a record that removes its key
     * @throws IOException when the bytes are not of a format that this broker writes
     */
    static GroupRecord read(ByteBuffer key, ByteBuffer value) throws IOException {
        try {
            short type = key.getShort();
            return switch (type) {
                case OFFSET_KEY, OFFSET_KEY_LEGACY -> {
                    String group = string(key);
                    TopicPartitionKey partition = new TopicPartitionKey(string(key), key.getInt());
                    yield new GroupRecord.Offset(group, partition, value == null ? null : readOffset(value));
                }
                case GROUP_KEY -> new GroupRecord.Metadata(string(key), value == null ? null : readGeneration(value));
                default -> throw new IOException("unknown type " + type + " of a key in the offsets topic");
            };
        } catch (RuntimeException e) {
            throw new IOException("a record in the offsets topic cannot be read", e);
        }
    }

    private static byte[] offsetValue(CommittedOffset offset) {
        return write(out -> {
            out.writeShort(OFFSET_VALUE);
            out.writeLong(offset.offset());
            out.writeInt(offset.leaderEpoch());
            byte[] metadata = offset.metadata().getBytes(StandardCharsets.UTF_8);
            varint(out, metadata.length + 1);
            out.write(metadata);
            out.writeLong(offset.commitMillis());
            if (offset.topicId() == null) {
                varint(out, 0);
            } else {
                varint(out, 1);
                varint(out, TAG_TOPIC_ID);
                varint(out, 16);
                out.writeLong(offset.topicId().getMostSignificantBits());
                out.writeLong(offset.topicId().getLeastSignificantBits());
            }
        });
    }

    private static CommittedOffset readOffset(ByteBuffer in) throws IOException {
        short version = in.getShort();
        if (version != OFFSET_VALUE && version != OFFSET_VALUE_PLAIN) {
            throw new IOException("unknown version " + version + " of an offset in the offsets topic");
        }
        long offset = in.getLong();
        int leaderEpoch = in.getInt();
        String metadata = version == OFFSET_VALUE ? text(in, varint(in) - 1) : string(in);
        long commitMillis = in.getLong();
        UUID topicId = null;
        for (int tags = version == OFFSET_VALUE ? varint(in) : 0; tags > 0; tags--) {
            int tag = varint(in);
            int size = varint(in);
            if (tag == TAG_TOPIC_ID) {
                topicId = new UUID(in.getLong(), in.getLong());
            } else {
                in.position(in.position() + size);
            }
        }
        return new CommittedOffset(offset, leaderEpoch, metadata, commitMillis, topicId);
    }

    private static byte[] generationValue(Generation generation) {
        return write(out -> {
            out.writeShort(GROUP_VALUE);
            string(out, generation.protocolType());
            out.writeInt(generation.generation());
            nullable(out, generation.protocol());
            nullable(out, generation.leaderId());
            out.writeLong(generation.stateMillis());
            out.writeInt(generation.members().size());
            for (GenerationMember member : generation.members()) {
                string(out, member.memberId());
                nullable(out, member.instanceId());
                string(out, member.clientId());
                string(out, member.clientHost());
                out.writeInt(member.rebalanceTimeoutMillis());
                out.writeInt(member.sessionTimeoutMillis());
                out.writeInt(member.subscription().length);
                out.write(member.subscription());
                out.writeInt(member.assignment().length);
                out.write(member.assignment());
            }
        });
    }

    private static Generation readGeneration(ByteBuffer in) throws IOException {
        short version = in.getShort();
        if (version != GROUP_VALUE) {
            throw new IOException("unknown version " + version + " of a group in the offsets topic");
        }
        String protocolType = string(in);
        int generation = in.getInt();
        String protocol = nullable(in);
        String leaderId = nullable(in);
        long stateMillis = in.getLong();
        int count = in.getInt();
        List<GenerationMember> members = new ArrayList<>(Math.min(count, 1024));
        for (int i = 0; i < count; i++) {
            members.add(new GenerationMember(
                    string(in),
                    nullable(in),
                    string(in),
                    string(in),
                    in.getInt(),
                    in.getInt(),
                    bytes(in, in.getInt()),
                    bytes(in, in.getInt())));
        }
        return new Generation(protocolType, generation, protocol, leaderId, stateMillis, members);
    }

    private static String string(ByteBuffer in) {
        return text(in, in.getShort());
    }

    private static String nullable(ByteBuffer in) {
        short length = in.getShort();
        return length < 0 ? null : text(in, length);
    }

    private static String text(ByteBuffer in, int length) {
        return new String(bytes(in, length), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("length " + length + " with " + in.remaining() + " bytes left");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static int varint(ByteBuffer in) {
        int value = 0;
        for (int shift = 0; shift < 32; shift += 7) {
            byte b = in.get();
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("varint is too long");
    }

    private static void varint(DataOutputStream out, int value) throws IOException {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            out.writeByte((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }

    private static void string(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > Short.MAX_VALUE) {
            throw new IOException("a string of " + bytes.length + " bytes does not fit");
        }
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    private static void nullable(DataOutputStream out, String text) throws IOException {
        if (text == null) {
            out.writeShort(-1);
        } else {
            string(out, text);
        }
    }

    private static byte[] write(Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            body.writeTo(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private interface Body {
        void writeTo(DataOutputStream out) throws IOException;
    }
}
