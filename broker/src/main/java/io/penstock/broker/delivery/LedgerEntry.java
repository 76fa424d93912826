package io.penstock.broker.delivery;

import io.penstock.protocol.message.CommitTerm;

/**
 * The entries of a ledger. A ledger batch has one record; its value is a version byte and then entries, one after the
 * other, as they were made in one turn of the owner.
 *
 * <pre>
 * value    version byte = 1 | entry ...
 * entry    type byte | fields           numbers are LEB128, (8) is a big-endian int64
 *
 *  1 GROUP_CREATED    group | id string | incarnation (8) | kind byte | startOffset | excluded sender string or null
 *  2 GROUP_DELETED    group
 *  3 ACQUIRED         group | session | ranges
 *  4 MARKED           group | session | ranges
 *  5 RELEASED         group | session | ranges                      counted where marked
 *  6 SETTLED          group | session | sequence + 1 | accepted | released | releasedCounted | lost
 *  7 SESSION_ENDED    group | session                               all that it holds is released
 *  8 PASSED           group | ranges                                expired, discarded, filtered
 *  9 SNAPSHOT         chunk index | last byte (1: the last) | bytes  chunks of one snapshot follow each other directly
 * 10 TRUNCATED        offset       the records' log ended here at a start: what lies above is forgotten
 * 11 DISCARD_BELOW    offset       an unclean start: NON_PERSISTENT records below are not delivered any more
 * 12 SETTLED_ANY      group | session or none (byte 0/1) | sequence + 1 | ranges      decided commit, purge
 * 13 PASSED_OVER      group | ranges                  looked at, and wanted by nobody so far: they stay available
 * 14 GROUP_SELECTING  as GROUP_CREATED, and | selector string
 * 15 IN_DOUBT         group | session | sequence + 1 | term: epoch | life (8) | ranges    of a commit over several brokers
 * 16 DOUBT_OVER       group | session | sequence + 1    it is off: what was in doubt is the session's again
 * 17 REPLAYED         group | first offset | ranges      settled at or above it is available again, without these
 * 18 DOUBT_RELEASED   group | session | sequence + 1    a prepared branch is rolled back: available, counted
 *
 * group    number given by GROUP_CREATED, never used again in this ledger
 * session  connection (8) | session number
 * ranges   count | (first - last of the one before | last - first) ...
 * </pre>
 *
 * Types and the version only grow; an unknown one stops the partition.
 */
final class LedgerEntry {

    static final int VERSION = 1;

    static final int GROUP_CREATED = 1;
    static final int GROUP_DELETED = 2;
    static final int ACQUIRED = 3;
    static final int MARKED = 4;
    static final int RELEASED = 5;
    static final int SETTLED = 6;
    static final int SESSION_ENDED = 7;
    static final int PASSED = 8;
    static final int SNAPSHOT = 9;
    static final int TRUNCATED = 10;
    static final int DISCARD_BELOW = 11;
    static final int SETTLED_ANY = 12;
    static final int PASSED_OVER = 13;
    static final int GROUP_SELECTING = 14;
    static final int IN_DOUBT = 15;
    static final int DOUBT_OVER = 16;
    static final int REPLAYED = 17;
    static final int DOUBT_RELEASED = 18;

    private LedgerEntry() {}

    static void groupCreated(EntryBuffer out, int group, GroupSpec spec) {
        boolean selecting = spec.selector() != null;
        putSpec(out.putByte(selecting ? GROUP_SELECTING : GROUP_CREATED).putNumber(group), spec);
        if (selecting) {
            out.putString(spec.selector());
        }
    }

    /** Without the selector. */
    static void putSpec(EntryBuffer out, GroupSpec spec) {
        out.putString(spec.groupId())
                .putLong(spec.incarnation())
                .putByte(spec.kind().ordinal())
                .putNumber(spec.startOffset())
                .putString(spec.excludedSender());
    }

    /** @param selecting a selector, or null, follows */
    static GroupSpec readSpec(EntryBuffer in, boolean selecting) throws LedgerCorruptException {
        String id = in.readString();
        long incarnation = in.readLong();
        int kind = in.readByte();
        long start = in.readNumber();
        String excluded = in.readString();
        String selector = selecting ? in.readString() : null;
        if (id == null || kind < 0 || kind >= GroupSpec.Kind.values().length) {
            throw new LedgerCorruptException("group " + id + " of kind " + kind, null);
        }
        return new GroupSpec(id, incarnation, GroupSpec.Kind.values()[kind], start, excluded, selector);
    }

    static void groupDeleted(EntryBuffer out, int group) {
        out.putByte(GROUP_DELETED).putNumber(group);
    }

    /** Ranges follow by the caller. */
    static EntryBuffer held(EntryBuffer out, int type, int group, SessionKey session) {
        return out.putByte(type).putNumber(group).putSession(session);
    }

    static void settled(
            EntryBuffer out, int group, SessionKey session, long sequence, Settlements done, OffsetRanges lost) {
        out.putByte(SETTLED).putNumber(group).putSession(session).putNumber(sequence + 1);
        out.putRanges(done.accepted()).putRanges(done.released()).putRanges(done.releasedCounted());
        out.putRanges(lost);
    }

    static void settledAny(EntryBuffer out, int group, SessionKey session, long sequence, OffsetRanges ranges) {
        out.putByte(SETTLED_ANY).putNumber(group).putByte(session == null ? 0 : 1);
        if (session != null) {
            out.putSession(session);
        }
        out.putNumber(sequence + 1).putRanges(ranges);
    }

    static void inDoubt(
            EntryBuffer out, int group, SessionKey session, long sequence, CommitTerm term, OffsetRanges ranges) {
        putTerm(held(out, IN_DOUBT, group, session).putNumber(sequence + 1), term)
                .putRanges(ranges);
    }

    static EntryBuffer putTerm(EntryBuffer out, CommitTerm term) {
        return out.putNumber(term.epoch()).putLong(term.life());
    }

    static CommitTerm readTerm(EntryBuffer in) throws LedgerCorruptException {
        return new CommitTerm((int) in.readNumber(), in.readLong());
    }

    static void doubtOver(EntryBuffer out, int group, SessionKey session, long sequence) {
        held(out, DOUBT_OVER, group, session).putNumber(sequence + 1);
    }

    static void replayed(EntryBuffer out, int group, long from, OffsetRanges without) {
        out.putByte(REPLAYED).putNumber(group).putNumber(from).putRanges(without);
    }

    static void doubtReleased(EntryBuffer out, int group, SessionKey session, long sequence) {
        held(out, DOUBT_RELEASED, group, session).putNumber(sequence + 1);
    }

    static void passedOver(EntryBuffer out, int group, OffsetRanges ranges) {
        out.putByte(PASSED_OVER).putNumber(group).putRanges(ranges);
    }

    static void passed(EntryBuffer out, int group, OffsetRanges ranges) {
        out.putByte(PASSED).putNumber(group).putRanges(ranges);
    }
}
