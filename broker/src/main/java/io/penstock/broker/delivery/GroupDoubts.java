package io.penstock.broker.delivery;

import io.penstock.protocol.message.CommitTerm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A group's part in commits over several brokers: what such a commit accepts is in doubt, by the ledger, before the home
 * may decide, and stays so over restarts and changes of the leader until the home's word comes. Owner thread only.
 *
 * <pre>
 *  acquired --prepare, durable--> in doubt --decided: {@link SharePartition#reapplySettle}--> settled
 *      ^                             |
 *      +--------- undo --------------+      (available when the session is over)
 *  available <----------- release ---+      (of a prepared branch)
 * </pre>
 */
public final class GroupDoubts {
    private final SharePartition group;

    GroupDoubts(SharePartition group) {
        this.group = group;
    }

    /** A commit whose end is not known here. */
    public record Open(SessionKey session, long sequence, CommitTerm term) {}

    /**
     * Puts what the session holds in doubt. Idempotent: a later attempt at the same commit, of a later term,
     * takes the place of the earlier one.
     *
     * @param done null when that is durable, else why not: {@link AcquisitionLostException} when the session does not
     *     hold all of it, and nothing has changed then
     */
    public void prepare(
            SessionKey session, long sequence, CommitTerm term, OffsetRanges ranges, Consumer<IOException> done) {
        if (!group.working()) {
            done.accept(group.delivery().notWorking(false, group.spec()));
            return;
        }
        GroupState state = group.state();
        Doubts.Doubt present = state.doubts.find(session, sequence);
        if (present != null && present.ranges.equals(ranges)) {
            present.term = present.term.compareTo(term) < 0 ? term : present.term;
            group.delivery().awaitAll(done);
            return;
        }
        // A commit's coordinator says nothing of the session's life here: after a restart its grace goes on.
        GroupSession holder = state.session(session);
        OffsetRanges lost = state.notHeld(holder, ranges);
        if (!lost.isEmpty() || present != null) {
            done.accept(new AcquisitionLostException(group.spec().groupId(), session, ranges));
            return;
        }
        state.doubt(holder, sequence, term, ranges);
        if (!group.logged()) {
            done.accept(null);
            return;
        }
        EntryBuffer out = group.delivery().writer().entry();
        int from = out.position();
        LedgerEntry.inDoubt(out, state.number, session, sequence, term, ranges);
        group.delivery().writer().await(from, false, new LedgerWriter.Waiter() {
            @Override
            public void appended() {
                // Only durability counts.
            }

            @Override
            public void followUp() {
                // As above.
            }

            @Override
            public void durable() {
                done.accept(null);
            }

            @Override
            public void refused(IOException failure) {
                state.endDoubt(session, sequence, false);
                done.accept(failure);
                group.pump();
            }

            @Override
            public void lost(IOException failure) {
                done.accept(failure);
            }
        });
    }

    /** The commit is off: back to the session, or to available. An attempt of a later term is left alone. */
    public void undo(SessionKey session, long sequence, CommitTerm term) {
        Doubts.Doubt present = group.state().doubts.find(session, sequence);
        if (present == null || present.term.compareTo(term) > 0 || !group.working()) {
            return;
        }
        if (group.logged()) {
            LedgerEntry.doubtOver(group.delivery().writer().entry(), group.state().number, session, sequence);
        }
        group.state().endDoubt(session, sequence, false);
        keepForReturned(session, present.ranges);
        group.pump();
    }

    /** For replay a session that came back was over, and has released them with the end of the doubt. */
    private void keepForReturned(SessionKey key, OffsetRanges ranges) {
        GroupSession holder = group.state().session(key);
        if (!group.logged() || holder == null || !holder.returned) {
            return;
        }
        OffsetRanges again = ranges.without(group.state().notHeld(holder, ranges));
        if (!again.isEmpty()) {
            group.held(LedgerEntry.ACQUIRED, key).putRanges(again);
        }
    }

    /**
     * A prepared branch is rolled back: what it had in doubt is available to all, counted, for its session has no part in
     * it any more. Idempotent.
     *
     * @param done null when that is durable
     */
    public void release(SessionKey session, long sequence, Consumer<IOException> done) {
        if (!group.working()) {
            done.accept(group.delivery().notWorking(false, group.spec()));
            return;
        }
        boolean present = group.state().doubts.find(session, sequence) != null;
        if (present && group.logged()) {
            // Nobody waits for the entry itself, so it stays, in its place, whatever the disk says.
            LedgerEntry.doubtReleased(group.delivery().writer().entry(), group.state().number, session, sequence);
        }
        if (present) {
            group.state().releaseDoubt(session, sequence);
            group.pump();
        }
        if (group.logged()) {
            group.delivery().awaitAll(done);
        } else {
            done.accept(null);
        }
    }

    /** Null when nothing of the commit is in doubt here. */
    public Open find(SessionKey session, long sequence) {
        Doubts.Doubt present = group.state().doubts.find(session, sequence);
        return present == null ? null : new Open(session, sequence, present.term);
    }

    public List<Open> all() {
        List<Open> open = new ArrayList<>();
        for (Doubts.Doubt doubt : group.state().doubts.all()) {
            open.add(new Open(doubt.key.session(), doubt.key.sequence(), doubt.term));
        }
        return open;
    }
}
