package io.penstock.jms.wire;

import io.penstock.jms.client.BranchXid;
import io.penstock.jms.client.HandOutMemory;
import io.penstock.jms.client.Settlements;
import io.penstock.jms.transport.Transport;
import io.penstock.protocol.message.CommitRequest;
import io.penstock.protocol.message.CommitResponse;
import io.penstock.protocol.message.Mark;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PrepareBranchRequest;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.Settlement;
import jakarta.jms.JMSException;
import jakarta.jms.TransactionRolledBackException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A session's commit, or first phase of a branch, on its way: from the request until its outcome is known, over interruptions.
 * One at a time. The session's thread begins, the event loop ends.
 */
final class SessionCommits {
    private final WireSession session;
    private final AtomicReference<Pending> underWay = new AtomicReference<>();

    SessionCommits(WireSession session) {
        this.session = session;
    }

    /**
     * One whose outcome is not known yet.
     *
     * @param branch to be prepared; null for a commit
     */
    record Pending(
            long sequence,
            BranchXid branch,
            StagedSends.Commit sends,
            Settlements settlements,
            CompletableFuture<Void> outcome) {}

    /** @param branch to be prepared; null for a commit */
    Pending begin(StagedSends staged, BranchXid branch, Settlements settlements) {
        boolean fits = !staged.isTooLarge();
        if (!fits) {
            staged.discard();
        }
        Pending begun = new Pending(
                session.nextSequence(), branch, staged.beginCommit(), settlements, new CompletableFuture<>());
        if (!fits) {
            begun.outcome.completeExceptionally(new TransactionRolledBackException(
                    "the transaction was rolled back: a send did not fit into it", "LIMIT_EXCEEDED"));
            return begun;
        }
        synchronized (session.order()) {
            underWay.set(begun);
            send(begun, session.transport(), false);
        }
        return begun;
    }

    /** Null when none is under way. */
    Pending underWay() {
        return underWay.get();
    }

    /** It was sent before, and the broker is asked what became of it. */
    void sendAgain(Pending pending, Transport to) {
        send(pending, to, true);
    }

    private void send(Pending pending, Transport to, boolean again) {
        List<Mark> marks = again ? List.of() : SettlementCodec.marks(pending.settlements);
        List<Settlement> settlements = SettlementCodec.settlements(pending.settlements);
        PenstockApi api = pending.branch == null ? PenstockApi.COMMIT : PenstockApi.PREPARE_BRANCH;
        PrivateMessage request = pending.branch == null
                ? new CommitRequest(session.id(), pending.sequence, pending.sends.entries(), marks, settlements)
                : new PrepareBranchRequest(
                        session.id(),
                        pending.sequence,
                        WireBranches.id(pending.branch),
                        pending.sends.entries(),
                        marks,
                        settlements);
        to.request(api.key(), (short) 0, Calls.body(request))
                .whenComplete((body, failure) -> answered(pending, body, failure, again));
    }

    private void answered(Pending pending, ByteBuffer body, Throwable failure, boolean again) {
        if (failure != null
                && WireConnection.isLoss(failure)
                && session.connection().outage().willEnd()) {
            return; // It will be asked for.
        }
        finish(pending, () -> {
            if (failure != null) {
                throw ErrorTable.ofCommit(failure, again);
            }
            if (pending.branch == null) {
                CommitResponse.read(body, (short) 0);
            }
        });
    }

    /** How it ended. */
    private interface End {
        void check() throws JMSException;
    }

    private void finish(Pending pending, End end) {
        if (!underWay.compareAndSet(pending, null)) {
            return; // Answered already.
        }
        try {
            end.check();
            if (pending.branch == null) {
                pending.sends.committed();
            }
            HandOutMemory.PROCESS.confirmed(List.of(pending.settlements));
            pending.outcome.complete(null);
        } catch (TransactionRolledBackException e) {
            pending.sends.rolledBack();
            pending.outcome.completeExceptionally(e);
        } catch (JMSException e) {
            pending.outcome.completeExceptionally(e);
        } catch (RuntimeException e) {
            pending.outcome.completeExceptionally(ErrorTable.translate(e, "committing"));
        }
    }

    /** What is under way, if anything is, will not be answered. */
    void fail(Pending pending, JMSException problem) {
        if (pending != null) {
            finish(pending, () -> {
                throw problem;
            });
        }
    }
}
