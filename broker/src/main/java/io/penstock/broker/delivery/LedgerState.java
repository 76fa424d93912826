package io.penstock.broker.delivery;

import io.penstock.protocol.message.CommitTerm;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the ledger of a partition says: its groups, and the offsets of the last crash. A pure function of the entries;
 * used by replay, and read by snapshots.
 */
final class LedgerState {

    /** Snapshot's own version, inside its first chunk. */
    private static final int SNAPSHOT_VERSION = 4;

    /** Of groups without replays. */
    private static final int SNAPSHOT_WITHOUT_REPLAYS = 3;

    /** Of groups without commits in doubt. */
    private static final int SNAPSHOT_WITHOUT_DOUBTS = 2;

    /** Of groups without selectors, and of records that nothing was passed over. */
    private static final int SNAPSHOT_WITHOUT_SELECTORS = 1;

    final Map<Integer, GroupState> groups = new LinkedHashMap<>();
    int nextGroupNumber;
    /** NON_PERSISTENT records below are discarded. */
    long discardBelow;

    private EntryBuffer chunks;
    private int chunksRead;
    /** False until the groups are known: a log that was cut at a segment's edge may begin before its snapshot. */
    private boolean complete;

    LedgerState(boolean beginsAtZero) {
        this.complete = beginsAtZero;
    }

    /** Applies the value of one ledger record. */
    void apply(ByteBuffer value) throws LedgerCorruptException {
        EntryBuffer in = EntryBuffer.reading(value);
        int version = in.readByte();
        if (version != LedgerEntry.VERSION) {
            throw new LedgerCorruptException("ledger record of version " + version, null);
        }
        while (in.hasRemaining()) {
            applyEntry(in);
        }
    }

    private void applyEntry(EntryBuffer in) throws LedgerCorruptException {
        int type = in.readByte();
        switch (type) {
            case LedgerEntry.GROUP_CREATED, LedgerEntry.GROUP_SELECTING -> {
                int number = (int) in.readNumber();
                GroupSpec spec = LedgerEntry.readSpec(in, type == LedgerEntry.GROUP_SELECTING);
                groups.put(number, new GroupState(number, spec));
                nextGroupNumber = Math.max(nextGroupNumber, number + 1);
            }
            case LedgerEntry.GROUP_DELETED -> groups.remove((int) in.readNumber());
            case LedgerEntry.SNAPSHOT -> applyChunk(in);
            case LedgerEntry.TRUNCATED -> {
                long offset = in.readNumber();
                groups.values().forEach(group -> group.truncateTo(offset));
            }
            case LedgerEntry.DISCARD_BELOW -> discardBelow = in.readNumber();
            case LedgerEntry.PASSED, LedgerEntry.PASSED_OVER -> {
                GroupState group = group(in);
                OffsetRanges ranges = in.readRanges();
                if (group != null && type == LedgerEntry.PASSED) {
                    group.pass(ranges);
                } else if (group != null) {
                    group.passOver(ranges);
                }
            }
            case LedgerEntry.REPLAYED -> {
                GroupState group = group(in);
                long from = in.readNumber();
                OffsetRanges without = in.readRanges();
                if (group != null) {
                    group.replay(from, without);
                }
            }
            case LedgerEntry.SETTLED_ANY -> applySettledAny(in);
            case LedgerEntry.IN_DOUBT, LedgerEntry.DOUBT_OVER, LedgerEntry.DOUBT_RELEASED -> applyDoubt(type, in);
            case LedgerEntry.ACQUIRED,
                    LedgerEntry.MARKED,
                    LedgerEntry.RELEASED,
                    LedgerEntry.SETTLED,
                    LedgerEntry.SESSION_ENDED -> applyOfSession(type, in);
            default -> throw new LedgerCorruptException("ledger entry of type " + type, null);
        }
    }

    private GroupState group(EntryBuffer in) throws LedgerCorruptException {
        int number = (int) in.readNumber();
        GroupState group = groups.get(number);
        if (group == null && complete) {
            throw new LedgerCorruptException("ledger entry of unknown group " + number, null);
        }
        return group;
    }

    private void applyOfSession(int type, EntryBuffer in) throws LedgerCorruptException {
        GroupState group = group(in);
        SessionKey key = in.readSession();
        if (type == LedgerEntry.SETTLED) {
            applySettled(group, key, in);
            return;
        }
        OffsetRanges ranges = type == LedgerEntry.SESSION_ENDED ? null : in.readRanges();
        if (group == null) {
            return;
        }
        GroupSession session = type == LedgerEntry.ACQUIRED ? group.sessionOrNew(key) : group.session(key);
        switch (type) {
            case LedgerEntry.ACQUIRED -> {
                session.heardOf();
                for (int i = 0; i < ranges.size(); i++) {
                    group.acquire(session, ranges.first(i), ranges.last(i));
                }
            }
            case LedgerEntry.MARKED -> group.mark(session, ranges);
            case LedgerEntry.RELEASED -> group.release(session, ranges, FlightTable.ACQUIRED, false);
            default -> {
                if (session != null) {
                    group.endSession(session);
                }
            }
        }
    }

    private static void applySettled(GroupState group, SessionKey key, EntryBuffer in) throws LedgerCorruptException {
        long sequence = in.readNumber() - 1;
        OffsetRanges accepted = in.readRanges();
        OffsetRanges released = in.readRanges();
        OffsetRanges releasedCounted = in.readRanges();
        OffsetRanges lost = in.readRanges();
        if (group == null) {
            return;
        }
        GroupSession session = group.sessionOrNew(key);
        group.settledTotal += group.settleAny(accepted);
        group.release(session, released, FlightTable.ACQUIRED, false);
        group.release(session, releasedCounted, FlightTable.ACQUIRED, true);
        session.settled(sequence, lost);
    }

    private void applySettledAny(EntryBuffer in) throws LedgerCorruptException {
        GroupState group = group(in);
        SessionKey key = in.readByte() == 0 ? null : in.readSession();
        long sequence = in.readNumber() - 1;
        OffsetRanges ranges = in.readRanges();
        if (group == null) {
            return;
        }
        group.settledTotal += group.settleAny(ranges);
        GroupSession session = key == null ? null : group.session(key);
        if (session != null) {
            session.settled(sequence, new OffsetRanges());
            group.endDoubt(key, sequence, true);
        }
    }

    private void applyDoubt(int type, EntryBuffer in) throws LedgerCorruptException {
        GroupState group = group(in);
        SessionKey key = in.readSession();
        long sequence = in.readNumber() - 1;
        if (type != LedgerEntry.IN_DOUBT) {
            if (group != null && type == LedgerEntry.DOUBT_OVER) {
                group.endDoubt(key, sequence, false);
            } else if (group != null) {
                group.releaseDoubt(key, sequence);
            }
            return;
        }
        CommitTerm term = LedgerEntry.readTerm(in);
        OffsetRanges ranges = in.readRanges();
        if (group != null) {
            group.doubt(group.sessionOrNew(key), sequence, term, ranges);
        }
    }

    private void applyChunk(EntryBuffer in) throws LedgerCorruptException {
        int index = (int) in.readNumber();
        boolean last = in.readByte() == 1;
        ByteBuffer bytes = in.readBytes();
        if (index == 0) {
            chunks = new EntryBuffer(Math.max(64, bytes.remaining()));
            chunksRead = 0;
        }
        if (chunks == null || index != chunksRead) {
            // The rest of a snapshot whose beginning is gone, or that a crash cut off: of no use.
            chunks = null;
            return;
        }
        chunks.putRaw(bytes);
        chunksRead++;
        if (last) {
            restore(EntryBuffer.reading(chunks.written()));
            chunks = null;
            complete = true;
        }
    }

    private void restore(EntryBuffer in) throws LedgerCorruptException {
        int version = in.readByte();
        if (version < SNAPSHOT_WITHOUT_SELECTORS || version > SNAPSHOT_VERSION) {
            throw new LedgerCorruptException("snapshot of version " + version, null);
        }
        groups.clear();
        nextGroupNumber = (int) in.readNumber();
        discardBelow = in.readNumber();
        int count = in.readSize(4);
        for (int i = 0; i < count; i++) {
            GroupState group = restoreGroup(in, version != SNAPSHOT_WITHOUT_SELECTORS);
            if (version > SNAPSHOT_WITHOUT_DOUBTS) {
                restoreDoubts(in, group);
            }
            if (version > SNAPSHOT_WITHOUT_REPLAYS) {
                group.replayed = OffsetSet.read(in, group.nextOffset());
            }
        }
    }

    private GroupState restoreGroup(EntryBuffer in, boolean selecting) throws LedgerCorruptException {
        int number = (int) in.readNumber();
        GroupState group = new GroupState(number, LedgerEntry.readSpec(in, selecting));
        groups.put(number, group);
        group.skipTo(in.readNumber());
        long next = group.nextOffset();
        if (selecting) {
            group.passedOver = OffsetSet.read(in, next);
        }
        group.settledTotal = in.readNumber();
        group.expiredTotal = in.readNumber();
        GroupSession[] sessions = new GroupSession[in.readSize(10)];
        for (int i = 0; i < sessions.length; i++) {
            sessions[i] = group.sessionOrNew(in.readSession());
            long last = in.readNumber() - 1;
            int losses = in.readSize(2);
            for (int j = 0; j < losses; j++) {
                long sequence = in.readNumber();
                sessions[i].settled(sequence, in.readRanges());
            }
            sessions[i].settled(last, new OffsetRanges());
        }
        int runs = in.readSize(4);
        long offset = 0;
        for (int i = 0; i < runs; i++) {
            long first = offset + in.readNumber();
            long last = first + in.readNumber();
            int meta = (int) in.readNumber();
            int holder = (int) in.readNumber();
            if (first < offset || last < first || last >= next || holder > sessions.length) {
                throw new LedgerCorruptException("run [" + first + ", " + last + "] of a snapshot", null);
            }
            group.restoreRun(first, last, meta, holder == 0 ? null : sessions[holder - 1]);
            offset = last + 1;
        }
        return group;
    }

    private static void restoreDoubts(EntryBuffer in, GroupState group) throws LedgerCorruptException {
        int count = in.readSize(4);
        for (int i = 0; i < count; i++) {
            GroupSession session = group.sessionOrNew(in.readSession());
            boolean ended = in.readByte() == 1;
            long sequence = in.readNumber() - 1;
            CommitTerm term = LedgerEntry.readTerm(in);
            group.doubt(session, sequence, term, in.readRanges());
            session.ended = ended;
        }
        for (GroupSession session : group.sessions()) {
            if (session.ended) {
                group.endSession(session); // What it held beside, for commits of the broker that died.
            }
        }
    }

    private static void writeDoubts(EntryBuffer out, GroupState group) {
        List<Doubts.Doubt> doubts = group.doubts.all();
        out.putNumber(doubts.size());
        for (Doubts.Doubt doubt : doubts) {
            GroupSession session = group.sessionOrNew(doubt.key.session());
            out.putSession(session.key).putByte(session.ended ? 1 : 0);
            out.putNumber(doubt.key.sequence() + 1);
            LedgerEntry.putTerm(out, doubt.term).putRanges(doubt.ranges);
        }
    }

    /**
     * Writes what replay of everything up to now would give: what is settling counts as settled, what is in doubt as
     * acquired.
     */
    static void writeSnapshot(
            EntryBuffer out, int nextGroupNumber, long discardBelow, Iterable<GroupState> states, int count) {
        out.putByte(SNAPSHOT_VERSION)
                .putNumber(nextGroupNumber)
                .putNumber(discardBelow)
                .putNumber(count);
        for (GroupState state : states) {
            writeGroup(out, state);
        }
    }

    private static void writeGroup(EntryBuffer out, GroupState group) {
        LedgerEntry.putSpec(out.putNumber(group.number), group.spec);
        out.putString(group.spec.selector());
        FlightTable table = group.table;
        long settling = 0;
        int runs = 0;
        for (int i = 0; i < table.size(); i++) {
            if (FlightTable.state(table.metaAt(i)) == FlightTable.SETTLING) {
                settling += table.last(i) - table.first(i) + 1;
            } else {
                runs++;
            }
        }
        out.putNumber(group.nextOffset());
        group.passedOver.writeTo(out);
        out.putNumber(group.settledTotal + settling).putNumber(group.expiredTotal);
        Map<GroupSession, Integer> indexes = writeSessions(out, group);
        out.putNumber(runs);
        long offset = 0;
        for (int i = 0; i < table.size(); i++) {
            if (FlightTable.state(table.metaAt(i)) != FlightTable.SETTLING) {
                out.putNumber(table.first(i) - offset).putNumber(table.last(i) - table.first(i));
                writeState(out, table.metaAt(i), table.holder(i), indexes);
                offset = table.last(i) + 1;
            }
        }
        writeDoubts(out, group);
        group.replayed.remove(0, group.startOffset() - 1);
        group.replayed.writeTo(out);
    }

    private static Map<GroupSession, Integer> writeSessions(EntryBuffer out, GroupState group) {
        List<GroupSession> sessions = group.sessions();
        // The entry of its end is in the ledger: replay knows an ended session no more.
        sessions.removeIf(session -> session.ended && !group.doubts.any(session.key));
        sessions.sort(Comparator.comparing((GroupSession session) -> session.key.connection())
                .thenComparing(session -> session.key.session()));
        Map<GroupSession, Integer> indexes = new IdentityHashMap<>();
        out.putNumber(sessions.size());
        for (GroupSession session : sessions) {
            indexes.put(session, indexes.size() + 1);
            out.putSession(session.key).putNumber(session.lastSequence + 1).putNumber(session.lossCount());
            for (int i = 0; i < session.lossCount(); i++) {
                out.putNumber(session.lossSequence(i)).putRanges(session.loss(i));
            }
        }
        return indexes;
    }

    private static void writeState(EntryBuffer out, int meta, GroupSession holder, Map<GroupSession, Integer> indexes) {
        boolean marked = FlightTable.marked(meta);
        int count = FlightTable.count(meta);
        if (holder == null) {
            out.putNumber(FlightTable.meta(FlightTable.AVAILABLE, false, count)).putNumber(0);
        } else if (!indexes.containsKey(holder)) {
            // In doubt, and its session is over: without a decision it is available.
            int counted = count + (marked ? 1 : 0);
            out.putNumber(FlightTable.meta(FlightTable.AVAILABLE, false, counted))
                    .putNumber(0);
        } else {
            out.putNumber(FlightTable.meta(FlightTable.ACQUIRED, marked, count)).putNumber(indexes.get(holder));
        }
    }
}
