package io.penstock.jms.wire;

import io.penstock.jms.client.Subscription;
import io.penstock.jms.client.Target;

/**
 * A durable subscription as the broker has described it, or the name of a shared one that is not durable.
 *
 * @param groupId null for one that is not durable
 */
record WireSubscription(String name, Target topic, String groupId, long incarnation) implements Subscription {

    boolean durable() {
        return groupId != null;
    }
}
