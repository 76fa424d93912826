package io.penstock.jms.wire;

import io.penstock.jms.client.BranchXid;
import io.penstock.jms.client.ClientBranch;
import io.penstock.jms.client.OutgoingMessage;
import io.penstock.jms.client.Settlements;
import io.penstock.jms.client.Target;
import jakarta.jms.JMSException;
import java.util.concurrent.CompletableFuture;

/** A branch's sends. The threads of its resource and of its session, one at a time. */
final class WireBranch implements ClientBranch {
    private final WireSession session;
    private final StagedSends staged;
    private StagedSends.Commit prepared;
    private boolean over;

    WireBranch(WireSession session, StagedSends staged) {
        this.session = session;
        this.staged = staged;
    }

    @Override
    public void stage(Target target, OutgoingMessage message) throws JMSException {
        WireTarget to = (WireTarget) target;
        staged.add(to, session.partition(to, message), message);
    }

    @Override
    public boolean isEmpty() {
        return staged.isEmpty();
    }

    @Override
    public void discard() {
        staged.discard();
        over();
    }

    @Override
    public CompletableFuture<Void> prepare(BranchXid xid, Settlements accepted) {
        SessionCommits.Pending pending = session.beginCommit(staged, xid, accepted);
        prepared = pending.sends();
        over();
        return pending.outcome();
    }

    @Override
    public CompletableFuture<Void> commit(Settlements accepted) {
        SessionCommits.Pending pending = session.beginCommit(staged, null, accepted);
        over();
        return pending.outcome();
    }

    /** Nothing is staged any more: the next branch may have the producers. */
    private void over() {
        if (!over) {
            over = true;
            session.branchOver(staged);
        }
    }

    @Override
    public void ended(boolean committed) {
        if (prepared == null) {
            return;
        }
        if (committed) {
            prepared.committed();
        } else {
            prepared.rolledBack();
        }
        prepared = null;
    }
}
