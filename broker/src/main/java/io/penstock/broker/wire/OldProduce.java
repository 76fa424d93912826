package io.penstock.broker.wire;

import io.penstock.broker.request.ClientConnection.OutgoingFrame;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Errors;

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
            frame.finish();
            if (acks == 0) {
                connection.close("Produce version " + version + " is not served");
            } else {
                connection.send(new Refusal(correlationId, version, topics));
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

    /** Such clients wait for an answer before they send again, so its place in the order is the present one. */
    private record Refusal(int correlationId, short version, List<Topic> topics) implements OutgoingFrame {
        @Override
        public int sizeBytes() {
            int size = 2 * Integer.BYTES + (version >= 1 ? Integer.BYTES : 0);
            for (Topic topic : topics) {
                size += Short.BYTES
                        + topic.name().length
                        + Integer.BYTES
                        + topic.partitions().size() * partitionBytes();
            }
            return size;
        }

        private int partitionBytes() {
            return Integer.BYTES + Short.BYTES + Long.BYTES + (version >= 2 ? Long.BYTES : 0);
        }

        @Override
        public void writeTo(ByteBuffer dst) {
            dst.putInt(correlationId).putInt(topics.size());
            for (Topic topic : topics) {
                dst.putShort((short) topic.name().length).put(topic.name());
                dst.putInt(topic.partitions().size());
                for (int partition : topic.partitions()) {
                    dst.putInt(partition)
                            .putShort(Errors.UNSUPPORTED_VERSION.code())
                            .putLong(-1);
                    if (version >= 2) {
                        dst.putLong(-1);
                    }
                }
            }
            if (version >= 1) {
                dst.putInt(0);
            }
        }
    }
}
