package io.penstock.broker.transaction;

import io.penstock.broker.delivery.SessionKey;

/** Names a commit, or a branch's part in leaders' groups. */
record CommitKey(SessionKey session, long sequence) {}
