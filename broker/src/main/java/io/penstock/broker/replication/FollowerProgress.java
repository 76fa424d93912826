package io.penstock.broker.replication;

import io.penstock.protocol.message.ReplicaLogPosition;
import io.penstock.protocol.message.ReplicaLogRow.State;
import io.penstock.storage.log.PartitionLog.EpochEnd;

/** What a leader knows of one follower of one partition. Owned by the partition's owner. */
final class FollowerProgress {
    final int brokerId;
    /** Through which it fetches now; null while it does not. */
    LeaderSession session;

    /** In which life it told what is known of it; -1 before. */
    long brokerEpoch = -1;

    final OneLog records = new OneLog();
    final OneLog ledger = new OneLog();
    long caughtUpNanos;
    /** The present position was answered: nothing more before the next one. */
    boolean answered;
    /** Its session knows that there is something to fetch. */
    boolean newsTold;
    /** It gets nothing for a while. */
    boolean throttled;
    /** Its session knows of a mark that has moved. */
    boolean marksTold;

    /** One of its logs. */
    static final class OneLog {
        /** What it told last; null before. */
        ReplicaLogPosition position;
        /** Where it will go on; -1 while unknown. */
        long fetchOffset = -1;
        /** Everything below is the leader's and safe at the follower; -1 while unknown. */
        long acknowledged = -1;

        State state = State.FITS;
        EpochEnd diverging;
        long toldHighWatermark = -1;
        long toldStart = -1;
        /** The leader's end when this follower was looked at last, and when that was: reaching it is catching up. */
        long seenEnd = Long.MAX_VALUE;

        void at(ReplicaLogPosition told) {
            position = told;
            fetchOffset = told.offset();
            state = State.FITS;
            diverging = null;
        }
    }

    FollowerProgress(int brokerId, long nowNanos) {
        this.brokerId = brokerId;
        this.caughtUpNanos = nowNanos;
    }

    /** A session has ended: what it told stays true, but nobody is there to be told anything. */
    void detach(LeaderSession ended) {
        if (session == ended) {
            session = null;
        }
    }
}
