package io.penstock.broker.wire;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.protocol.Readable;
import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * Produce 0 to 2, which kafka-clients can no longer read. They are listed, or older librdkafka drops compression, and
 * every partition is answered UNSUPPORTED_VERSION. Stateless.
 *
 * <pre>
 * request   header | acks int16 | timeout int32 | topics [name string, partitions [index int32, records bytes]]
 * response  correlationId | topics [name, partitions [index int32, error int16, offset int64, time int64 (2)]]
 *           | throttle int32 (1, 2)
 * </pre>
 */
final class OldProduce {
    private OldProduce() {}

    private record Topic(byte[] name, List<Integer> partitions) {}

    static void answer(Connection connection, KafkaCall.Frame frame, ByteBuffer bytes, short version) {
        try {
            bytes.position(bytes.position() + 2 * Short.BYTES);
            int correlationId = bytes.getInt();
            short clientIdBytes = bytes.getShort();
            skip(bytes, Math.max(0, clientIdBytes));
            short acks = bytes.getShort();
            bytes.getInt();
            List<Topic> topics = topics(bytes);
            KafkaCall call = new KafkaCall(
                    connection, new RequestHeader(ApiKeys.PRODUCE, version, "", correlationId), null, frame);
            connection.enqueue(call);
            if (acks == 0) {
                call.replyNothing();
                connection.close("Produce version " + version + " is not served");
            } else {
                call.reply(new Refusal(version, topics));
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new BadFrameException("Produce version " + version + " is malformed", e);
        }
    }

    private static List<Topic> topics(ByteBuffer bytes) {
        List<Topic> topics = new ArrayList<>();
        for (int left = bytes.getInt(); left > 0; left--) {
            short nameBytes = bytes.getShort();
            if (nameBytes < 0 || nameBytes > bytes.remaining()) {
                throw new BufferUnderflowException();
            }
            byte[] name = new byte[nameBytes];
            bytes.get(name);
            List<Integer> partitions = new ArrayList<>();
            for (int more = bytes.getInt(); more > 0; more--) {
                partitions.add(bytes.getInt());
                skip(bytes, Math.max(0, bytes.getInt()));
            }
            topics.add(new Topic(name, partitions));
        }
        return topics;
    }

    private static void skip(ByteBuffer bytes, int count) {
        if (count > bytes.remaining()) {
            throw new BufferUnderflowException();
        }
        bytes.position(bytes.position() + count);
    }

    /** Encoded by hand: kafka-clients' own message has lost these versions. */
    private record Refusal(short version, List<Topic> topics) implements ApiMessage {
        @Override
        public short apiKey() {
            return ApiKeys.PRODUCE.id;
        }

        @Override
        public short lowestSupportedVersion() {
            return 0;
        }

        @Override
        public short highestSupportedVersion() {
            return 2;
        }

        @Override
        public void addSize(MessageSizeAccumulator size, ObjectSerializationCache cache, short ignored) {
            int bytes = Integer.BYTES + (version >= 1 ? Integer.BYTES : 0);
            for (Topic topic : topics) {
                bytes += Short.BYTES
                        + topic.name().length
                        + Integer.BYTES
                        + topic.partitions().size() * partitionBytes();
            }
            size.addBytes(bytes);
        }

        private int partitionBytes() {
            return Integer.BYTES + Short.BYTES + Long.BYTES + (version >= 2 ? Long.BYTES : 0);
        }

        @Override
        public void write(Writable out, ObjectSerializationCache cache, short ignored) {
            out.writeInt(topics.size());
            for (Topic topic : topics) {
                out.writeShort((short) topic.name().length);
                out.writeByteArray(topic.name());
                out.writeInt(topic.partitions().size());
                for (int partition : topic.partitions()) {
                    out.writeInt(partition);
                    out.writeShort(Errors.UNSUPPORTED_VERSION.code());
                    out.writeLong(-1);
                    if (version >= 2) {
                        out.writeLong(-1);
                    }
                }
            }
            if (version >= 1) {
                out.writeInt(0);
            }
        }

        @Override
        public void read(Readable in, short ignored) {
            throw new UnsupportedOperationException("a broker does not read responses");
        }

        @Override
        public List<RawTaggedField> unknownTaggedFields() {
            return List.of();
        }

        @Override
        public ApiMessage duplicate() {
            return this;
        }
    }
}
