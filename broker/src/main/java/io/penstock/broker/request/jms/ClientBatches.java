package io.penstock.broker.request.jms;

import io.penstock.broker.partition.Partition;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.record.RecordBatch;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What the front looks at in the batches of JMS clients, in place. Offsets in a batch of magic 2:
 *
 * <pre>
 *   0 baseOffset int64 | 8 length int32 | 12 leaderEpoch int32 | 16 magic int8 | 17 crc int32 | 21 attributes int16
 *   | 23 lastOffsetDelta int32 | 27 baseTimestamp int64 | 35 maxTimestamp int64 | 43 producerId int64
 *   | 51 producerEpoch int16 | 53 baseSequence int32 | 57 count int32 | 61 records
 * </pre>
 */
final class ClientBatches {
    private static final int HEADER_BYTES = 61;
    private static final int TRANSACTIONAL_OR_CONTROL = 0x30;
    /** See {@link RecordBatch#inOrder}. */
    private static final int IN_ORDER = 0x2000;

    private ClientBatches() {}

    /** A batch of a Kafka transaction, or a control batch, is not for a JMS client to send. */
    static void checkPlain(ByteBuffer batch) throws FrontException {
        if (batch.remaining() < HEADER_BYTES) {
            throw refused("a record batch of " + batch.remaining() + " bytes");
        }
        if ((attributes(batch) & TRANSACTIONAL_OR_CONTROL) != 0) {
            throw refused("transactional and control batches are not taken from JMS clients");
        }
    }

    /** Whether its writer vouches that nothing expires, and that offsets alone order it. */
    static boolean inOrder(ByteBuffer batch) {
        return (attributes(batch) & IN_ORDER) != 0;
    }

    /** All that an append would check and that cannot be told after a commit was decided: exactly one sound batch. */
    static void checkWhole(ByteBuffer batch, int maxBytes) throws FrontException {
        checkPlain(batch);
        int at = batch.position();
        if (batch.get(at + 16) != 2) {
            throw refused("record batch of magic " + batch.get(at + 16));
        }
        if (batch.getInt(at + 8) != batch.remaining() - 12) {
            throw refused("a commit has one record batch in each send");
        }
        if (batch.remaining() > maxBytes) {
            throw new FrontException(
                    PenstockError.MESSAGE_TOO_LARGE,
                    "a batch of " + batch.remaining() + " bytes, the destination takes " + maxBytes);
        }
        int count = batch.getInt(at + 57);
        if (count <= 0 || batch.getInt(at + 23) != count - 1) {
            throw refused("a record batch of " + count + " records that ends at offset " + batch.getInt(at + 23));
        }
        if (producerId(batch) < 0 || baseSequence(batch) < 0) {
            throw refused("a commit needs batches with a producer id and a sequence");
        }
        if (checksum(batch) != batch.getInt(at + 17)) {
            throw refused("a record batch whose checksum does not fit");
        }
    }

    /** Of a large message, whose body is in pieces. */
    static boolean isHead(ByteBuffer batch) {
        return RecordBatch.of(batch.slice()).head();
    }

    static long producerId(ByteBuffer batch) {
        return batch.getLong(batch.position() + 43);
    }

    static short producerEpoch(ByteBuffer batch) {
        return batch.getShort(batch.position() + 51);
    }

    static int baseSequence(ByteBuffer batch) {
        return batch.getInt(batch.position() + 53);
    }

    /** Sequences wrap behind the largest int32. */
    static int lastSequence(ByteBuffer batch) {
        return (int) ((baseSequence(batch) + (long) batch.getInt(batch.position() + 23)) & Integer.MAX_VALUE);
    }

    static int nextSequence(int sequence) {
        return sequence == Integer.MAX_VALUE ? 0 : sequence + 1;
    }

    /** True when {@code sequence} is {@code last} or lies before it, on the circle of sequences. */
    static boolean notAfter(int sequence, int last) {
        return ((last - sequence) & Integer.MAX_VALUE) < (1 << 30);
    }

    /** True when the partition has the batch already. */
    static boolean isStored(Partition partition, ByteBuffer batch) {
        return partition
                .log()
                .producer(producerId(batch))
                .filter(entry -> entry.producerEpoch() == producerEpoch(batch)
                        && notAfter(lastSequence(batch), entry.lastSequence()))
                .isPresent();
    }

    /** Makes a batch one of a producer. */
    static void stamp(ByteBuffer batch, long producerId, int baseSequence) {
        int at = batch.position();
        batch.putLong(at + 43, producerId).putShort(at + 51, (short) 0).putInt(at + 53, baseSequence);
        batch.putInt(at + 17, checksum(batch));
    }

    /** A copy of the batch without producer id and sequence. */
    static ByteBuffer withoutProducer(ByteBuffer batch) {
        ByteBuffer copy = ByteBuffer.allocate(batch.remaining());
        copy.put(batch.duplicate()).flip();
        copy.putLong(43, -1).putShort(51, (short) -1).putInt(53, -1);
        return copy.putInt(17, checksum(copy));
    }

    private static int checksum(ByteBuffer batch) {
        CRC32C crc = new CRC32C();
        ByteBuffer checked = batch.duplicate();
        checked.position(batch.position() + 21);
        crc.update(checked);
        return (int) crc.getValue();
    }

    private static short attributes(ByteBuffer batch) {
        return batch.getShort(batch.position() + 21);
    }

    private static FrontException refused(String message) {
        return new FrontException(PenstockError.INVALID_RECORD, message);
    }
}
