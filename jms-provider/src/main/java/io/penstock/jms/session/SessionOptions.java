package io.penstock.jms.session;

import io.penstock.jms.message.DeserializationPolicy;

/**
 * What a connection's sessions do where the specification leaves a choice.
 *
 * @param prefetch of each consumer
 * @param blockOnPersistentSend false: a plain send of a PERSISTENT message returns before it is confirmed
 * @param blockOnNonPersistentSend true: a plain send of a NON_PERSISTENT message waits for its confirmation
 * @param groupId JMSXGroupID of messages that have none, or null
 * @param autoGroup true: without groupId they are one group for each session
 * @param deserialization what ObjectMessages may hold
 */
public record SessionOptions(
        Prefetch prefetch,
        boolean blockOnPersistentSend,
        boolean blockOnNonPersistentSend,
        String groupId,
        boolean autoGroup,
        DeserializationPolicy deserialization) {}
