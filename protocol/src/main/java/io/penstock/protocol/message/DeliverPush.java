package io.penstock.protocol.message;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Messages for a consumer: the records of {@code batches} whose offsets are in {@code acquired}.
 *
 * @param attemptsMax a message whose hand-out fails, and that was delivered so often by then, is given back; one that was
 *     delivered less often may be handed out again, unless the number is negative: then it is given back each time
 */
public record DeliverPush(
        int consumerId, int partition, int attemptsMax, List<AcquiredRange> acquired, ByteBuffer batches)
        implements PrivateMessage {

    /** Size of a push whose batches, {@code batchesBytes} long, are written behind {@link #writePrefix} by the caller. */
    public static int sizeBytes(int acquiredRanges, int batchesBytes) {
        return 5 * Integer.BYTES + acquiredRanges * AcquiredRange.BYTES_MIN + batchesBytes;
    }

    /** All but the batches: for a sender that copies these from the log straight behind it. */
    public static void writePrefix(
            ByteBuffer dst,
            int consumerId,
            int partition,
            int attemptsMax,
            List<AcquiredRange> acquired,
            int batchesBytes) {
        dst.putInt(consumerId).putInt(partition).putInt(attemptsMax);
        FieldWriter.list(dst, acquired);
        dst.putInt(batchesBytes);
    }

    @Override
    public int sizeBytes() {
        return 3 * Integer.BYTES + FieldWriter.listBytes(acquired) + FieldWriter.bytesBytes(batches);
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(consumerId);
        dst.putInt(partition);
        dst.putInt(attemptsMax);
        FieldWriter.list(dst, acquired);
        FieldWriter.bytes(dst, batches);
    }

    /** @throws MalformedMessageException when {@code src} does not hold exactly one */
    public static DeliverPush read(ByteBuffer src, short version) {
        FieldReader in = new FieldReader(src, version);
        return in.last(new DeliverPush(
                in.int32(), in.int32(), in.int32(), in.list(AcquiredRange.BYTES_MIN, AcquiredRange::read), in.bytes()));
    }
}
