package io.penstock.jms.wire;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The open consumers of a connection by their numbers, which pushes name. Any thread. */
final class ConsumerTable {
    private final Map<Integer, WireConsumer> open = new ConcurrentHashMap<>();

    void add(WireConsumer consumer) {
        open.put(consumer.id(), consumer);
    }

    void forget(WireConsumer consumer) {
        open.remove(consumer.id());
    }

    WireConsumer openOrNull(int consumerId) {
        return open.get(consumerId);
    }

    /** The consumer of an id, open or closed; null when it is not known. */
    WireConsumer anyOrNull(int consumerId, WireSession session) {
        WireConsumer found = open.get(consumerId);
        if (found != null) {
            return found;
        }
        for (WireConsumer closed : session.closed()) {
            if (closed.id() == consumerId) {
                return closed;
            }
        }
        return null;
    }

    Collection<WireConsumer> all() {
        return open.values();
    }

    /** True when no other session has consumers. */
    boolean areAllOf(int sessionId) {
        for (WireConsumer one : open.values()) {
            if (one.request().sessionId() != sessionId) {
                return false;
            }
        }
        return true;
    }

    /** The session is over. */
    void endAllOf(int sessionId) {
        for (WireConsumer one : open.values()) {
            if (one.request().sessionId() == sessionId) {
                forget(one);
                one.end();
            }
        }
    }
}
