package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.Delivery;
import io.penstock.broker.request.ClientConnection;
import java.nio.ByteBuffer;

/**
 * The push Deliver, written from the read buffer of the partition's owner without a copy in between.
 *
 * <pre>
 *   correlationId int32 = -1 | kind int16 = 1 | version int16 = 0
 *   | consumerId int32 | partition int32 | attemptsMax int32 | count int32 x (first int64, last int64, deliveryCount int32) | bytes
 * </pre>
 */
final class DeliverFrame implements ClientConnection.OutgoingFrame {
    private static final short KIND = 1;

    private final int consumerId;
    private final int partition;
    private final Delivery records;

    /** @param records must not change until the frame is written */
    DeliverFrame(int consumerId, int partition, Delivery records) {
        this.consumerId = consumerId;
        this.partition = partition;
        this.records = records;
    }

    @Override
    public int sizeBytes() {
        return 8 + 12 + 4 + 20 * records.ranges() + 4 + records.sizeBytes();
    }

    @Override
    public void writeTo(ByteBuffer dst) {
        dst.putInt(-1).putShort(KIND).putShort((short) 0);
        dst.putInt(consumerId).putInt(partition).putInt(records.attemptsMax());
        dst.putInt(records.ranges());
        for (int i = 0; i < records.ranges(); i++) {
            int count = records.deliveryCount(i);
            dst.putLong(records.first(i)).putLong(records.last(i)).putInt(records.replayed(i) ? -count : count);
        }
        dst.putInt(records.sizeBytes());
        records.writeTo(dst);
    }

    /** For a connection that lives on another thread than the partition. */
    ClientConnection.OutgoingFrame copy() {
        ByteBuffer bytes = ByteBuffer.allocate(sizeBytes());
        writeTo(bytes);
        return new BytesFrame(bytes.flip());
    }
}
