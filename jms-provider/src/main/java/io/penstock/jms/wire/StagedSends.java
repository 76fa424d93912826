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
 * partition, or several where it grows long. The session's thread stages and begins a commit; its outcome comes on the
 * event loop, and may come when nobody waits for it any more and the next transaction has begun.
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

        void clear() {
            full.clear();
            records = 0;
            building = false;
            if (builder != null && builder.sizeBytes() > BATCH_BYTES / 4) {
                builder = null;
            }
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
        Share share = share(new Place(target.topicId(), partition));
        // May wait for the broker, so not under the monitor that the event loop needs.
        long producerId = share.producer.producerId();
        synchronized (this) {
            if (share.building && (message.isHead() || share.builder.sizeBytes() >= BATCH_BYTES)) {
                share.finishBatch();
            }
            if (share.builder == null) {
                share.builder = new RecordBatchBuilder(4096);
            }
            if (!share.building) {
                share.builder
                        .start(
                                Compression.NONE,
                                producerId,
                                ProducedPartition.EPOCH,
                                RecordBatch.sequenceAfter(share.producer.nextSequence(), share.records))
                        .plain();
            }
            int before = share.building ? share.builder.sizeBytes() : 0;
            write(target, share.builder, message);
            share.building = true;
            share.records++;
            bytes += share.builder.sizeBytes() - before;
            if (message.isHead()) {
                share.builder.head();
                share.finishBatch(); // The head of a large message travels alone.
            }
        }
    }

    private synchronized Share share(Place place) {
        return shares.computeIfAbsent(place, made -> new Share(new ProducedPartition(connection.producerIds())));
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

    synchronized boolean isEmpty() {
        return bytes == 0 && !tooLarge;
    }

    /** True when a send did not fit: there is nothing left but to roll back. */
    synchronized boolean isTooLarge() {
        return tooLarge;
    }

    /** Ends all batches, for one commit, and begins the next transaction. The commit's outcome must follow. */
    synchronized Commit beginCommit() {
        List<SendEntry> entries = new ArrayList<>();
        Map<Place, Share> sent = new LinkedHashMap<>();
        shares.forEach((place, share) -> {
            if (share.isEmpty()) {
                return;
            }
            share.finishBatch();
            sent.put(place, share);
            for (ByteBuffer batch : share.full) {
                entries.add(new SendEntry(place.topicId, place.partition, batch));
            }
        });
        shares.keySet().removeAll(sent.keySet());
        bytes = 0;
        return new Commit(entries, sent);
    }

    /** A commit on its way: its sends, until its outcome is known. */
    final class Commit {
        private final List<SendEntry> entries;
        private final Map<Place, Share> sent;

        private Commit(List<SendEntry> entries, Map<Place, Share> sent) {
            this.entries = entries;
            this.sent = sent;
        }

        List<SendEntry> entries() {
            return entries;
        }

        /** The sequence numbers are used up. */
        void committed() {
            finish(true);
        }

        /** Nothing was sent: the sequence numbers are free. */
        void rolledBack() {
            finish(false);
        }

        // With any other outcome it is not known whether they were sent: their producers are not used again.

        private void finish(boolean used) {
            synchronized (StagedSends.this) {
                sent.forEach((place, share) -> {
                    if (used) {
                        share.producer.used(share.records);
                    }
                    share.clear();
                    shares.putIfAbsent(place, share); // The next transaction may have begun with another producer.
                });
            }
        }
    }

    /** Nothing was sent: the sequence numbers are free. */
    synchronized void discard() {
        shares.values().forEach(Share::clear);
        bytes = 0;
        tooLarge = false;
    }
}
