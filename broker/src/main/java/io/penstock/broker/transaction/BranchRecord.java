package io.penstock.broker.transaction;

import io.penstock.protocol.message.BranchId;

/**
 * A prepared branch of a distributed transaction, whole: enough to commit it or to roll it back whatever has crashed.
 *
 * @param principal whose it is
 * @param preparedMillis when, in milliseconds since 1970
 * @param work what it sends and accepts; its session and sequence name what leaders keep in doubt for it
 */
public record BranchRecord(BranchId branch, String principal, long preparedMillis, CommitRecord work) {}
