package io.penstock.broker.transaction;

import io.penstock.broker.delivery.OffsetRanges;
import io.penstock.broker.delivery.SessionKey;
import io.penstock.broker.transaction.CommitRecord.Send;
import io.penstock.broker.transaction.CommitRecord.Settle;
import io.penstock.protocol.message.BranchId;
import io.penstock.protocol.message.MalformedMessageException;
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
 *   type 2 DONE    below int64: every commit at a lower offset of this log has been carried out, durably
 *   type 3 PREPARED   branch | preparedMillis int64 | int16 length | principal UTF-8 | the fields of COMMIT
 *                  of the same branch later: takes the place of the earlier one
 *   type 4 DECIDED    branch | commit int8 | by hand int8
 *   type 5 OVER       branch | connection int64 | session int32 | sequence int64 | preparedMillis int64
 *                  | int16 length | principal UTF-8 | sends int32 | accepted int64 | committed int8
 *                  decided by hand and carried out, not forgotten; takes the place of the others
 *   type 6 FORGOTTEN  branch: carried out, and nothing of it is needed any more
 *   branch: {@link BranchId}
 * </pre>
 */
final class CommitCodec {
    private static final byte VERSION = 1;
    private static final byte COMMIT = 1;
    private static final byte DONE = 2;
    private static final byte PREPARED = 3;
    private static final byte DECIDED = 4;
    private static final byte OVER = 5;
    private static final byte FORGOTTEN = 6;

    /** Where decoded entries go. */
    interface Entries {
        void commit(CommitRecord record);

        void doneBelow(long offset);

        void prepared(BranchRecord record);

        void decided(BranchId branch, boolean commits, boolean byHand);

        /** @param over without its offset */
        void over(HeldBranch over);

        void forgotten(BranchId branch);
    }

    private CommitCodec() {}

    static ByteBuffer commit(CommitRecord record) {
        ByteBuffer entry = ByteBuffer.allocate(Math.addExact(2, workBytes(record)));
        entry.put(VERSION).put(COMMIT);
        putWork(entry, record);
        return entry.flip();
    }

    static ByteBuffer prepared(BranchRecord record) {
        byte[] principal = record.principal().getBytes(StandardCharsets.UTF_8);
        ByteBuffer entry = ByteBuffer.allocate(
                Math.addExact(12 + record.branch().sizeBytes() + principal.length, workBytes(record.work())));
        entry.put(VERSION).put(PREPARED);
        record.branch().writeTo(entry);
        entry.putLong(record.preparedMillis());
        entry.putShort((short) principal.length).put(principal);
        putWork(entry, record.work());
        return entry.flip();
    }

    static ByteBuffer decided(BranchId branch, boolean commits, boolean byHand) {
        ByteBuffer entry = ByteBuffer.allocate(4 + branch.sizeBytes());
        entry.put(VERSION).put(DECIDED);
        branch.writeTo(entry);
        return entry.put((byte) (commits ? 1 : 0)).put((byte) (byHand ? 1 : 0)).flip();
    }

    static ByteBuffer over(HeldBranch branch) {
        byte[] principal = branch.principal.getBytes(StandardCharsets.UTF_8);
        ByteBuffer entry = ByteBuffer.allocate(2 + branch.id.sizeBytes() + 20 + 8 + 2 + principal.length + 13);
        entry.put(VERSION).put(OVER);
        branch.id.writeTo(entry);
        entry.putLong(branch.session.connection()).putInt(branch.session.session());
        entry.putLong(branch.sequence).putLong(branch.preparedMillis);
        entry.putShort((short) principal.length).put(principal);
        entry.putInt(branch.sends).putLong(branch.accepted);
        return entry.put((byte) (branch.state.isCommit() ? 1 : 0)).flip();
    }

    static ByteBuffer forgotten(BranchId branch) {
        ByteBuffer entry = ByteBuffer.allocate(2 + branch.sizeBytes());
        entry.put(VERSION).put(FORGOTTEN);
        branch.writeTo(entry);
        return entry.flip();
    }

    private static int workBytes(CommitRecord record) {
        int size = 20 + 8;
        for (Send send : record.sends()) {
            size = Math.addExact(size, 24 + send.batch().remaining());
        }
        for (Settle settle : record.settles()) {
            size = Math.addExact(
                    size,
                    34
                            + settle.groupId().getBytes(StandardCharsets.UTF_8).length
                            + 16 * settle.accepted().size());
        }
        return size;
    }

    private static void putWork(ByteBuffer entry, CommitRecord record) {
        entry.putLong(record.session().connection()).putInt(record.session().session());
        entry.putLong(record.sequence());
        entry.putInt(record.sends().size());
        for (Send send : record.sends()) {
            putTarget(entry, send.topicId(), send.partition());
            entry.putInt(send.batch().remaining()).put(send.batch().duplicate());
        }
        entry.putInt(record.settles().size());
        for (Settle settle : record.settles()) {
            byte[] groupId = settle.groupId().getBytes(StandardCharsets.UTF_8);
            putTarget(entry, settle.topicId(), settle.partition());
            entry.putLong(settle.incarnation());
            entry.putShort((short) groupId.length).put(groupId);
            OffsetRanges ranges = settle.accepted();
            entry.putInt(ranges.size());
            for (int r = 0; r < ranges.size(); r++) {
                entry.putLong(ranges.first(r)).putLong(ranges.last(r));
            }
        }
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
                case PREPARED -> into.prepared(readBranch(entry));
                case DECIDED -> into.decided(BranchId.readFrom(entry), entry.get() == 1, entry.get() == 1);
                case OVER -> into.over(readOver(entry));
                case FORGOTTEN -> into.forgotten(BranchId.readFrom(entry));
                default -> throw new IllegalStateException("entry of type " + type + " in the log of commits");
            }
        } catch (BufferUnderflowException | NegativeArraySizeException | MalformedMessageException e) {
            throw new IllegalStateException("entry of " + value.remaining() + " bytes in the log of commits", e);
        }
    }

    /** Of a {@link #prepared} entry; the batches are copies. */
    static BranchRecord readPrepared(ByteBuffer value) {
        ByteBuffer entry = value.duplicate();
        if (entry.remaining() < 2 || entry.get() != VERSION || entry.get() != PREPARED) {
            throw new IllegalStateException("no prepared branch where one was written in the log of commits");
        }
        return readBranch(entry);
    }

    private static BranchRecord readBranch(ByteBuffer entry) {
        BranchId branch = BranchId.readFrom(entry);
        long preparedMillis = entry.getLong();
        return new BranchRecord(branch, readString(entry), preparedMillis, readCommit(entry));
    }

    private static HeldBranch readOver(ByteBuffer entry) {
        BranchId branch = BranchId.readFrom(entry);
        SessionKey session = new SessionKey(entry.getLong(), entry.getInt());
        long sequence = entry.getLong();
        long preparedMillis = entry.getLong();
        String principal = readString(entry);
        HeldBranch over = new HeldBranch(
                branch, session, sequence, principal, preparedMillis, entry.getInt(), entry.getLong(), -1);
        over.byHand = true;
        over.state = entry.get() == 1 ? HeldBranch.State.COMMITTED : HeldBranch.State.ROLLED_BACK;
        return over;
    }

    private static String readString(ByteBuffer entry) {
        byte[] utf8 = new byte[entry.getShort() & 0xffff];
        entry.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
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
            String groupId = readString(entry);
            OffsetRanges ranges = new OffsetRanges();
            for (int r = entry.getInt(); r > 0; r--) {
                ranges.add(entry.getLong(), entry.getLong());
            }
            settles.add(new Settle(topicId, partition, groupId, incarnation, ranges));
        }
        return new CommitRecord(session, sequence, sends, settles);
    }

    private static void putTarget(ByteBuffer entry, UUID topicId, int partition) {
        entry.putLong(topicId.getMostSignificantBits()).putLong(topicId.getLeastSignificantBits());
        entry.putInt(partition);
    }
}
