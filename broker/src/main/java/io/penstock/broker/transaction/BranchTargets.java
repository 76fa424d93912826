package io.penstock.broker.transaction;

/** The port to the logs that a branch touches, whichever way it is decided. As {@link CommitTargets}. */
public interface BranchTargets extends CommitTargets {

    /**
     * Gives back, counted, what was kept in doubt for a branch that is rolled back, and calls back when that is durable.
     */
    void release(CommitRecord branch, CommitRecord.Settle settle, Done done);

    /** For carrying out a rollback: to settle is to give back. */
    static CommitTargets releasing(BranchTargets targets) {
        return new CommitTargets() {
            @Override
            public void send(CommitRecord commit, CommitRecord.Send send, Done done) {
                throw new IllegalStateException("a branch that is rolled back sends nothing");
            }

            @Override
            public void settle(CommitRecord commit, CommitRecord.Settle settle, Done done) {
                targets.release(commit, settle, done);
            }

            @Override
            public boolean isHere(java.util.UUID topicId, int partition) {
                return targets.isHere(topicId, partition);
            }
        };
    }
}
