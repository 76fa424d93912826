package io.penstock.broker.transaction;

import java.io.IOException;
import java.util.UUID;

/**
 * The port to the logs that a decided commit touches. Any thread may call; callbacks come on any thread. Both methods
 * are idempotent: what has been done before counts as done now. A target that does not exist any more (its topic was
 * deleted, its subscription ended) counts as done too.
 */
public interface CommitTargets {

    /** Appends the batch, and calls back when it is committed. */
    void send(CommitRecord commit, CommitRecord.Send send, Done done);

    /** Accepts what the commit settles, and calls back when that is durable. */
    void settle(CommitRecord commit, CommitRecord.Settle settle, Done done);

    /** Whether this broker leads the partition now. */
    default boolean isHere(UUID topicId, int partition) {
        return true;
    }

    /** Told how one part went. */
    @FunctionalInterface
    interface Done {
        /**
         * @param baseOffset of the batch; -1 for settlements and for targets that are gone
         * @param failure null on success, else why the part is not done: it is tried again
         */
        void done(long baseOffset, IOException failure);
    }
}
