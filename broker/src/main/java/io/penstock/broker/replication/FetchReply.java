package io.penstock.broker.replication;

import io.penstock.protocol.message.PenstockError;

/** Takes the answer to a follower's request; one of the two is called, once. */
public interface FetchReply {

    /** Writes and releases it. */
    void answer(FetchAnswer answer);

    void fail(PenstockError error, String message);
}
