package io.penstock.broker.group;

import java.util.Objects;
import java.util.UUID;

/**
 * A durable subscription as the catalogue knows it.
 *
 * @param groupId its group on every partition of the topic: {@code clientID/name} or {@code name}, escaped
 * @param incarnation tells subscriptions apart that had one identity one after the other; grows over all of them
 * @param partitions of the topic when the subscription was made: on these it starts at the high watermark of that
 *     time, on those added later at zero
 * @param clientId null for a shared one of connections without a client id
 * @param selector what it takes, null for everything; others are settled unseen
 * @param shared it may have several consumers at once
 * @param ending true from the decision to delete until every partition has deleted its group
 */
public record DurableSubscription(
        String groupId,
        long incarnation,
        String clientId,
        String name,
        UUID topicId,
        String topicName,
        boolean noLocal,
        int partitions,
        boolean ending,
        String selector,
        boolean shared) {

    /** An unshared one that takes every message. */
    DurableSubscription(
            String groupId,
            long incarnation,
            String clientId,
            String name,
            UUID topicId,
            String topicName,
            boolean noLocal,
            int partitions,
            boolean ending) {
        this(groupId, incarnation, clientId, name, topicId, topicName, noLocal, partitions, ending, null, false);
    }

    DurableSubscription asEnding() {
        return new DurableSubscription(
                groupId, incarnation, clientId, name, topicId, topicName, noLocal, partitions, true, selector, shared);
    }

    /** True when a request for these means this very subscription (JMS-RULES 9). */
    public boolean matches(UUID topic, boolean withNoLocal, String withSelector) {
        return topicId.equals(topic) && noLocal == withNoLocal && Objects.equals(selector, withSelector) && !ending;
    }
}
