package io.penstock.broker.transaction.kafka;

import io.penstock.protocol.record.Compression;
import io.penstock.protocol.record.InvalidBatchException;
import io.penstock.protocol.record.RecordBatch;
import io.penstock.protocol.record.RecordBatchBuilder;
import io.penstock.protocol.record.RecordCursor;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Records of {@code __transaction_state} in record batches. The format is our own.
 *
 * <pre>
 *   key    int16 version = 1 | transactional id, UTF-8 to the end
 *   value  int16 version = 1 | producer id int64 | epoch int16 | previous producer id int64 | next producer id int64
 *          | last epoch int16 | time-out int32 (milliseconds) | phase int8 | protocol version int8 | start int64
 *          | update int64 | partitions int32 | (topic id 2 * int64, partition int32, name length int16, name) ...
 * </pre>
 *
 * Numbers that do not apply are -1. A missing value says that the id is forgotten.
 */
final class TransactionRecordCodec {
    private static final short VERSION = 1;
    private static final int BUILDER_BYTES = 1024;
    private static final int PARTITION_BYTES_MIN = 22;

    private TransactionRecordCodec() {}

    static ByteBuffer encode(List<TransactionRecord> records, long timestampMillis) {
        RecordBatchBuilder builder = new RecordBatchBuilder(BUILDER_BYTES).start(Compression.NONE);
        for (TransactionRecord record : records) {
            builder.beginRecord(timestampMillis)
                    .key(key(record.id()))
                    .value(record.value() == null ? null : value(record.value()))
                    .endRecord();
        }
        return builder.build();
    }

    /**
     * Reads whole batches that the log has checked already.
     *
     * @return the offset after the last batch, or -1 when there is none
     * @throws IOException when a record is not one that this broker writes
     */
    static long decode(ByteBuffer batches, Consumer<TransactionRecord> records) throws IOException {
        RecordCursor cursor = new RecordCursor();
        long next = -1;
        try {
            for (int at = batches.position(); at < batches.limit(); ) {
                RecordBatch batch = RecordBatch.of(batches).wrap(batches, at);
                if (!batch.control()) {
                    cursor.open(batch, Integer.MAX_VALUE);
                    while (cursor.next()) {
                        records.accept(
                                read(cursor.record().key(), cursor.record().value()));
                    }
                }
                next = batch.nextOffset();
                at = batch.end();
            }
        } catch (InvalidBatchException e) {
            throw new IOException("a batch of the transactions' topic cannot be read", e);
        }
        return next;
    }

    private static byte[] key(String id) {
        byte[] utf8 = id.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Short.BYTES + utf8.length)
                .putShort(VERSION)
                .put(utf8)
                .array();
    }

    private static byte[] value(Transaction from) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeShort(VERSION);
            out.writeLong(from.producer().producerId());
            out.writeShort(from.producer().epoch());
            out.writeLong(from.previousProducerId());
            out.writeLong(from.next().producerId());
            out.writeShort(from.lastEpoch());
            out.writeInt(from.timeoutMillis());
            out.writeByte(from.phase().number());
            out.writeByte(from.version());
            out.writeLong(from.startMillis());
            out.writeLong(from.updateMillis());
            out.writeInt(from.partitions().size());
            for (TransactionPartition partition : from.partitions()) {
                out.writeLong(partition.topicId().getMostSignificantBits());
                out.writeLong(partition.topicId().getLeastSignificantBits());
                out.writeInt(partition.index());
                byte[] name = partition.topic().getBytes(StandardCharsets.UTF_8);
                out.writeShort(name.length);
                out.write(name);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static TransactionRecord read(ByteBuffer key, ByteBuffer value) throws IOException {
        try {
            if (key == null || key.getShort() != VERSION) {
                throw new IOException("a key in the transactions' topic is of an unknown version");
            }
            return new TransactionRecord(text(key, key.remaining()), value == null ? null : readValue(value));
        } catch (RuntimeException e) {
            throw new IOException("a record in the transactions' topic cannot be read", e);
        }
    }

    private static Transaction readValue(ByteBuffer in) throws IOException {
        short version = in.getShort();
        if (version != VERSION) {
            throw new IOException("unknown version " + version + " of a value in the transactions' topic");
        }
        ProducerIdentity producer = new ProducerIdentity(in.getLong(), in.getShort());
        long previous = in.getLong();
        long next = in.getLong();
        short lastEpoch = in.getShort();
        int timeoutMillis = in.getInt();
        TransactionPhase phase = TransactionPhase.of(in.get());
        int protocol = in.get();
        long startMillis = in.getLong();
        long updateMillis = in.getLong();
        int count = in.getInt();
        if (count < 0 || (long) count * PARTITION_BYTES_MIN > in.remaining()) {
            throw new IOException(count + " partitions in " + in.remaining() + " bytes");
        }
        Set<TransactionPartition> partitions = new LinkedHashSet<>();
        for (int i = 0; i < count; i++) {
            UUID topicId = new UUID(in.getLong(), in.getLong());
            int index = in.getInt();
            partitions.add(new TransactionPartition(topicId, text(in, in.getShort()), index));
        }
        return new Transaction(
                producer,
                previous,
                next < 0 ? ProducerIdentity.NONE : new ProducerIdentity(next, (short) 0),
                lastEpoch,
                timeoutMillis,
                phase,
                protocol,
                startMillis,
                updateMillis,
                Set.copyOf(partitions));
    }

    private static String text(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new IllegalArgumentException("length " + length + " with " + in.remaining() + " bytes left");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
