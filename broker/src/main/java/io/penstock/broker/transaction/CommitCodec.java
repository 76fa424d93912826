package io.penstock.broker.transaction;

import io.penstock.broker.delivery.OffsetRanges;
import io.penstock.broker.delivery.SessionKey;
import io.penstock.broker.transaction.CommitRecord.Send;
import io.penstock.broker.transaction.CommitRecord.Settle;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Entries of the log of decisions, values of its records.
 *
 * <pre>
 *   version int8 = 1 | type int8 | fields
 *   type 1 COMMIT  connection int64 | session int32 | sequence int64
 *                  | int32 count x send   (topicId 2 x int64 | partition int32 | int32 length | batch)
 *                  | int32 count x settle (topicId 2 x int64 | partition int32 | incarnation int64
 *                                          | int16 length | groupId UTF-8 | int32 count x (first int64, last int64))
 *   type 2 DONE    below int64: every decision at a lower offset of this log has been carried out, durably
 * </pre>
 */
final class CommitCodec {
    private static final byte VERSION = 1;
    private static final byte COMMIT = 1;
    private static final byte DONE = 2;

    /** Where decoded entries go. */
    interface Entries {
        void commit(CommitRecord record);

        void doneBelow(long offset);
    }

    private CommitCodec() {}

    static ByteBuffer commit(CommitRecord record) {
        int size = 2 + 20 + 8;
        byte[][] groupIds = new byte[record.settles().size()][];
        for (Send send : record.sends()) {
            size = Math.addExact(size, 24 + send.batch().remaining());
        }
        for (int i = 0; i < groupIds.length; i++) {
            Settle settle = record.settles().get(i);
            groupIds[i] = settle.groupId().getBytes(StandardCharsets.UTF_8);
            size = Math.addExact(
                    size, 34 + groupIds[i].length + 16 * settle.accepted().size());
        }
        ByteBuffer entry = ByteBuffer.allocate(size);
        entry.put(VERSION).put(COMMIT);
        entry.putLong(record.session().connection()).putInt(record.session().session());
        entry.putLong(record.sequence());
        entry.putInt(record.sends().size());
        for (Send send : record.sends()) {
            putTarget(entry, send.topicId(), send.partition());
            entry.putInt(send.batch().remaining()).put(send.batch().duplicate());
        }
        entry.putInt(groupIds.length);
        for (int i = 0; i < groupIds.length; i++) {
            Settle settle = record.settles().get(i);
            putTarget(entry, settle.topicId(), settle.partition());
            entry.putLong(settle.incarnation());
            entry.putShort((short) groupIds[i].length).put(groupIds[i]);
            OffsetRanges ranges = settle.accepted();
            entry.putInt(ranges.size());
            for (int r = 0; r < ranges.size(); r++) {
                entry.putLong(ranges.first(r)).putLong(ranges.last(r));
            }
        }
        return entry.flip();
    }

    static ByteBuffer doneBelow(long offset) {
        return ByteBuffer.allocate(10).put(VERSION).put(DONE).putLong(offset).flip();
    }

    /**
     * The batches of a decoded commit are copies.
     *
     * @throws IllegalStateException for an entry that no known version wrote: the log is damaged or too new
     */
    static void decode(ByteBuffer value, Entries into) {
        ByteBuffer entry = value.duplicate();
        try {
            byte version = entry.get();
            byte type = entry.get();
            if (version != VERSION) {
                throw new IllegalStateException("entry of version " + version + " in the log of commits");
            }
            switch (type) {
                case COMMIT -> into.commit(readCommit(entry));
                case DONE -> into.doneBelow(entry.getLong());
                default -> throw new IllegalStateException("entry of type " + type + " in the log of commits");
            }
        } catch (BufferUnderflowException | NegativeArraySizeException e) {
            throw new IllegalStateException("entry of " + value.remaining() + " bytes in the log of commits", e);
        }
    }

    private static CommitRecord readCommit(ByteBuffer entry) {
        SessionKey session = new SessionKey(entry.getLong(), entry.getInt());
        long sequence = entry.getLong();
        List<Send> sends = new ArrayList<>();
        for (int left = entry.getInt(); left > 0; left--) {
            UUID topicId = new UUID(entry.getLong(), entry.getLong());
            int partition = entry.getInt();
            byte[] batch = new byte[entry.getInt()];
            entry.get(batch);
            sends.add(new Send(topicId, partition, ByteBuffer.wrap(batch)));
        }
        List<Settle> settles = new ArrayList<>();
        for (int left = entry.getInt(); left > 0; left--) {
            UUID topicId = new UUID(entry.getLong(), entry.getLong());
            int partition = entry.getInt();
            long incarnation = entry.getLong();
            byte[] groupId = new byte[entry.getShort() & 0xffff];
            entry.get(groupId);
            OffsetRanges ranges = new OffsetRanges();
            for (int r = entry.getInt(); r > 0; r--) {
                ranges.add(entry.getLong(), entry.getLong());
            }
            settles.add(
                    new Settle(topicId, partition, new String(groupId, StandardCharsets.UTF_8), incarnation, ranges));
        }
        return new CommitRecord(session, sequence, sends, settles);
    }

    private static void putTarget(ByteBuffer entry, UUID topicId, int partition) {
        entry.putLong(topicId.getMostSignificantBits()).putLong(topicId.getLeastSignificantBits());
        entry.putInt(partition);
    }
}
