package io.penstock.broker.wire;

import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Makes a frame of a response.
 *
 * <pre>
 * | length int32 | correlationId int32 | tagged fields (header version 1) | message |
 * </pre>
 *
 * Stateless; event loops.
 */
final class ResponseEncoder {
    private ResponseEncoder() {}

    /** What to send, in order. Slices of logs in the message are owned by the parts, or closed. */
    static List<Object> encode(
            ApiKeys key,
            short version,
            int correlationId,
            ApiMessage message,
            ByteBufAllocator allocator,
            boolean sendfile) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        MessageSizeAccumulator size = new MessageSizeAccumulator();
        message.addSize(size, cache, version);
        boolean tagged = key.responseHeaderVersion(version) >= 1;
        int headerBytes = Integer.BYTES + (tagged ? 1 : 0);
        ByteBufWritable out =
                new ByteBufWritable(allocator, Integer.BYTES + headerBytes + size.sizeExcludingZeroCopy(), sendfile);
        try {
            out.writeInt(headerBytes + size.totalSize());
            out.writeInt(correlationId);
            if (tagged) {
                out.writeByte((byte) 0);
            }
            message.write(out, cache, version);
            return out.parts();
        } catch (RuntimeException | Error e) {
            out.release();
            throw e;
        }
    }
}
