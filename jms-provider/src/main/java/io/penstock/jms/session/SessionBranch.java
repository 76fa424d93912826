package io.penstock.jms.session;

import io.penstock.jms.client.BranchXid;
import io.penstock.jms.client.ClientBranch;
import io.penstock.jms.client.Confirmation;
import io.penstock.jms.client.Settlements;
import io.penstock.jms.client.Settlements.Outcome;
import io.penstock.jms.xa.XaWork;
import jakarta.jms.JMSException;
import jakarta.jms.TransactionRolledBackException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What an XA session sends and was handed in one branch. The threads of its XAResource, one at a time. */
final class SessionBranch implements XaWork {
    private final PenstockConnection connection;
    private final SessionCore core;
    private final ClientBranch sends;
    private final Unacknowledged received = new Unacknowledged();

    SessionBranch(PenstockConnection connection, SessionCore core, ClientBranch sends) {
        this.connection = connection;
        this.core = core;
        this.sends = sends;
    }

    ClientBranch sends() {
        return sends;
    }

    Unacknowledged received() {
        return received;
    }

    @Override
    public boolean isEmpty() {
        // What was taken away makes a rollback of it, not nothing.
        return sends.isEmpty() && core.books().isEmpty(received);
    }

    @Override
    public void prepare(BranchXid xid) throws JMSException {
        finish(accepted -> sends.prepare(xid, accepted), "preparing branch " + xid);
    }

    @Override
    public void commit() throws JMSException {
        finish(sends::commit, "committing a branch");
    }

    /** Takes settlements to where they are kept. */
    private interface Phase {
        CompletableFuture<Void> begin(Settlements accepted);
    }

    private void finish(Phase phase, String what) throws JMSException {
        if (core.books().takeLoss(received) > 0) {
            rollback();
            throw new TransactionRolledBackException(
                    "the branch was rolled back: messages that it had received were taken away from it while the "
                            + "connection was interrupted",
                    "ACQUISITION_LOST");
        }
        core.flush(
                Confirmation
                        .SENT_SOON); // Marks, and what the session has settled outside of the branch, are no part of
        // it.
        List<HandedOut> messages = core.books().unacknowledged(received);
        Settlements accepted = new Settlements();
        for (HandedOut message : messages) {
            accepted.add(message.consumer.client(), message.delivery, message.presented, Outcome.ACCEPTED);
        }
        CompletableFuture<Void> done = phase.begin(accepted);
        try {
            Waiting.until(done, connection.client(), what);
            core.books().forget(received, messages);
        } catch (TransactionRolledBackException e) {
            core.takeBack(received);
            throw e;
        } catch (JMSException e) {
            // Unknown, and all or nothing: the broker knows, and gives back what it does not keep.
            core.books().abandon(received, messages);
            throw e;
        } finally {
            core.books().over(received);
        }
    }

    @Override
    public void rollback() throws JMSException {
        sends.discard();
        core.takeBack(received);
        core.books().over(received);
    }

    @Override
    public void ended(boolean committed) {
        sends.ended(committed);
    }
}
