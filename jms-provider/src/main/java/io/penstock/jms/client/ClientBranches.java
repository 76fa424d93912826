package io.penstock.jms.client;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Branches that are prepared, by whatever client, as the broker keeps them. Any thread. */
public interface ClientBranches {

    /** What is to become of a prepared branch. */
    enum End {
        COMMIT,
        ROLL_BACK,
        FORGET
    }

    /** What has become of it. */
    enum Outcome {
        DONE,
        /** Nothing is known of it: never prepared, or ended and forgotten. */
        UNKNOWN,
        COMMITTED_BY_HAND,
        ROLLED_BACK_BY_HAND,
        /** It ends the other way, or is not to be forgotten yet; nothing was done. */
        REFUSED
    }

    /** Idempotent; a question that was lost with the connection is asked again. */
    CompletableFuture<Outcome> end(BranchXid xid, End end);

    /** Those that are prepared or were decided by hand. */
    CompletableFuture<List<BranchXid>> list();
}
