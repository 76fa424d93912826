package io.penstock.broker.transaction;

import io.penstock.broker.delivery.SessionKey;
import io.penstock.protocol.message.BranchDescription;
import io.penstock.protocol.message.BranchId;
import io.penstock.protocol.message.EndBranchResponse.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * What a home knows of a branch, without its contents, which stay in the log. Owner of the home's log only.
 *
 * <pre>
 *   PREPARED --DECIDED written--> COMMITTING ----parts done----> COMMITTED ----+--> forgotten, a while later
 *       \                    \--> ROLLING_BACK --parts done----> ROLLED_BACK --+    by hand: when its manager says so
 *        DECIDING meanwhile
 * </pre>
 */
final class HeldBranch {

    /** How it stands. */
    enum State {
        PREPARED,
        DECIDING,
        COMMITTING,
        ROLLING_BACK,
        COMMITTED,
        ROLLED_BACK;

        boolean isCommit() {
            return this == COMMITTING || this == COMMITTED;
        }

        boolean isOver() {
            return this == COMMITTED || this == ROLLED_BACK;
        }
    }

    final BranchId id;
    final SessionKey session;
    final long sequence;
    final String principal;
    final long preparedMillis;
    final int sends;
    final long accepted;
    /** Of its contents, or, once it is over and was decided by hand, of what remains of it. */
    long offset;

    State state = State.PREPARED;
    /** An operator has decided. */
    boolean byHand;
    /** What is asked of it and waits for a step to be over. */
    private List<Consumer<IOException>> waiting = new ArrayList<>(1);

    HeldBranch(BranchRecord record, long offset) {
        this(
                record.branch(),
                record.work().session(),
                record.work().sequence(),
                record.principal(),
                record.preparedMillis(),
                record.work().sends().size(),
                record.work().settles().stream()
                        .mapToLong(settle -> settle.accepted().count())
                        .sum(),
                offset);
    }

    HeldBranch(
            BranchId id,
            SessionKey session,
            long sequence,
            String principal,
            long preparedMillis,
            int sends,
            long accepted,
            long offset) {
        this.id = id;
        this.session = session;
        this.sequence = sequence;
        this.principal = principal;
        this.preparedMillis = preparedMillis;
        this.sends = sends;
        this.accepted = accepted;
        this.offset = offset;
    }

    boolean isOf(CommitRecord work) {
        return session.equals(work.session()) && sequence == work.sequence();
    }

    boolean isWaiting() {
        return state == State.DECIDING || state == State.COMMITTING || state == State.ROLLING_BACK;
    }

    /** @param then with null when the step is over, else with why that is not known */
    void whenSettled(Consumer<IOException> then) {
        waiting.add(then);
    }

    /** The step is over. */
    void moveTo(State next) {
        state = next;
        tell(null);
    }

    void tell(IOException failure) {
        List<Consumer<IOException>> told = waiting;
        waiting = new ArrayList<>(1);
        told.forEach(each -> each.accept(failure));
    }

    void decided(boolean commits, boolean isByHand) {
        byHand = isByHand;
        state = commits ? State.COMMITTING : State.ROLLING_BACK;
    }

    /** Of one that an operator has decided. */
    Outcome outcomeByHand() {
        return state.isCommit() ? Outcome.COMMITTED_BY_HAND : Outcome.ROLLED_BACK_BY_HAND;
    }

    /** Prepared, or decided by hand and not forgotten. */
    boolean isListed() {
        return state == State.PREPARED || state == State.DECIDING || byHand;
    }

    BranchDescription description() {
        BranchDescription.State shown = !byHand
                ? BranchDescription.State.PREPARED
                : state.isCommit()
                        ? BranchDescription.State.COMMITTED_BY_HAND
                        : BranchDescription.State.ROLLED_BACK_BY_HAND;
        return new BranchDescription(id, shown, principal, preparedMillis, sends, accepted);
    }
}
