package io.penstock.jms.wire;

import io.penstock.jms.client.Subscription;
import io.penstock.jms.client.Target;

/** A durable subscription as the broker has described it. */
record WireSubscription(String name, Target topic, String groupId, long incarnation) implements Subscription {}
