package io.penstock.jms.wire;

import io.penstock.jms.client.OutgoingMessage;
import io.penstock.protocol.message.SendEntry;
import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import jakarta.jms.JMSException;
import jakarta.jms.ResourceAllocationException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The sends of a transaction, encoded as they come, so that a message may be changed and sent again. A batch for each
 * partition, or several where it grows long. The session's thread.
 */
final class StagedSends {
    private static final int BATCH_BYTES = 512 * 1024;

    private record Place(UUID topicId, int partition) {}

    /** One partition's share. */
    private static final class Share {
        final ProducedPartition producer;
        final List<ByteBuffer> full = new ArrayList<>();
        RecordBatchBuilder builder;
        boolean building;
        int records;

        Share(ProducedPartition producer) {
            this.producer = producer;
        }

        boolean isEmpty() {
            return full.isEmpty() && !building;
        }

        void finishBatch() {
            if (building) {
                ByteBuffer built = builder.build();
                full.add(ByteBuffer.allocate(built.remaining()).put(built).flip());
                building = false;
            }
        }
    }

    private final WireConnection connection;
    private final int bytesMax;
    private final Map<Place, Share> shares = new LinkedHashMap<>();
    private long bytes;
    private boolean tooLarge;

    StagedSends(WireConnection connection, int bytesMax) {
        this.connection = connection;
        this.bytesMax = bytesMax;
    }

    void add(WireTarget target, int partition, OutgoingMessage message) throws JMSException {
        Share share = shares.computeIfAbsent(
                new Place(target.topicId(), partition),
                place -> new Share(new ProducedPartition(connection.producerIds())));
        if (share.building && share.builder.sizeBytes() >= BATCH_BYTES) {
            share.finishBatch();
        }
        if (share.builder == null) {
            share.builder = new RecordBatchBuilder(4096);
        }
        if (!share.building) {
            share.builder.start(
                    Compression.NONE,
                    share.producer.producerId(),
                    ProducedPartition.EPOCH,
                    RecordBatch.sequenceAfter(share.producer.nextSequence(), share.records));
        }
        int before = share.building ? share.builder.sizeBytes() : 0;
        write(target, share.builder, message);
        share.building = true;
        share.records++;
        bytes += share.builder.sizeBytes() - before;
    }

    private void write(WireTarget target, RecordBatchBuilder builder, OutgoingMessage message) throws JMSException {
        int before = builder.sizeBytes();
        try {
            connection.encode(message, target, builder);
        } catch (JMSException | RuntimeException e) {
            builder.abandonRecord();
            throw e;
        }
        if (bytes + builder.sizeBytes() - before > bytesMax) {
            tooLarge = true; // The record is in the batch already, so the batch must not be sent.
            throw new ResourceAllocationException(
                    "the transaction would send more than " + bytesMax + " bytes and can only be rolled back; commit "
                            + "more often, or raise jms.transactionBytes",
                    "LIMIT_EXCEEDED");
        }
    }

    boolean isEmpty() {
        return bytes == 0 && !tooLarge;
    }

    /** True when a send did not fit: there is nothing left but to roll back. */
    boolean isTooLarge() {
        return tooLarge;
    }

    /** Ends all batches, for one commit; {@link #committed} or {@link #discard} must follow. */
    List<SendEntry> entries() {
        List<SendEntry> entries = new ArrayList<>();
        shares.forEach((place, share) -> {
            share.finishBatch();
            for (ByteBuffer batch : share.full) {
                entries.add(new SendEntry(place.topicId, place.partition, batch));
            }
        });
        return entries;
    }

    /** The sequence numbers are used up. */
    void committed() {
        for (Share share : shares.values()) {
            share.producer.used(share.records);
        }
        clear();
    }

    /** Nothing was sent: the sequence numbers are free. */
    void discard() {
        clear();
    }

    /** It is not known whether they were sent, so nobody may use their sequence numbers again. */
    void abandon() {
        for (Share share : shares.values()) {
            if (!share.isEmpty()) {
                share.producer.restart();
            }
        }
        clear();
    }

    private void clear() {
        for (Share share : shares.values()) {
            share.full.clear();
            share.records = 0;
            share.building = false;
            if (share.builder != null && share.builder.sizeBytes() > BATCH_BYTES / 4) {
                share.builder = null;
            }
        }
        bytes = 0;
        tooLarge = false;
    }
}
