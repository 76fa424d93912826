package io.penstock.jms.wire;

import io.penstock.jms.client.BrokerAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The brokers of a connection in the order in which they are tried: as in the URL, but those that were silent come last
 * until they have answered. A broker that stands still takes connections and never answers, or does so when the client has long
 * gone to another one: attempts are numbered, so that brokers know which came last. Any thread.
 */
final class BrokerOrder {
    private final List<BrokerAddress> brokers;
    private final Set<BrokerAddress> silent = new HashSet<>();
    private int attempts;

    BrokerOrder(List<BrokerAddress> brokers) {
        this.brokers = brokers;
    }

    synchronized List<BrokerAddress> now() {
        List<BrokerAddress> order = new ArrayList<>(brokers);
        order.removeIf(silent::contains);
        for (BrokerAddress each : brokers) {
            if (silent.contains(each)) {
                order.add(each);
            }
        }
        return order;
    }

    synchronized int nextAttempt() {
        return attempts++;
    }

    synchronized void silent(BrokerAddress broker) {
        silent.add(broker);
    }

    synchronized void answered(BrokerAddress broker) {
        silent.remove(broker);
    }
}
