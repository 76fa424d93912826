package io.penstock.broker.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What must hold of one queue's partition, told of all that is pushed, handed out and settled. */
final class QueueModel {
    private final SimulatedCluster cluster;
    private final Place place;
    private final Map<Long, Message> messages = new HashMap<>();
    long redeliveries;

    private static final class Message {
        int deliveries;
        /** Who was told that it is settled. */
        String settledBy;
        /** Somebody asked to settle it and got no answer. */
        boolean maybeSettled;
    }

    QueueModel(SimulatedCluster cluster, Place place) {
        this.cluster = cluster;
        this.place = place;
    }

    private Message message(long offset) {
        return messages.computeIfAbsent(offset, made -> new Message());
    }

    /** The broker that leads by the authority's word sends it; what another sends, which does not know yet, is not told here. */
    void pushed(long offset, int count) {
        Message message = message(offset);
        if (message.settledBy != null) {
            throw cluster.wrong("20: " + place + " offset " + offset + " is pushed, and " + message.settledBy
                    + " was told that it is settled");
        }
        if (count < 1 || count > message.deliveries + 1) {
            throw cluster.wrong("19: " + place + " offset " + offset + " has count " + count + " after "
                    + message.deliveries + " deliveries");
        }
        if (message.deliveries++ > 0) {
            redeliveries++;
        }
    }

    /** From a broker that leads no more: it counts as a delivery, for the count may be known to others. */
    void pushedByOld(long offset) {
        message(offset).deliveries++;
    }

    void settling(Iterable<Long> offsets) {
        offsets.forEach(offset -> message(offset).maybeSettled = true);
    }

    /** A session was told that it has settled these. */
    void settled(Iterable<Long> offsets, String session) {
        for (long offset : offsets) {
            Message message = message(offset);
            if (message.settledBy != null && !message.settledBy.equals(session)) {
                throw cluster.wrong("18: " + place + " offset " + offset + " is settled by " + session + " and was by "
                        + message.settledBy);
            }
            message.settledBy = session;
        }
    }

    boolean isSettled(long offset) {
        Message message = messages.get(offset);
        return message != null && message.settledBy != null;
    }

    /** Of these, what nobody has settled, and nobody may have. */
    List<Long> unsettled(Iterable<Long> offsets) {
        List<Long> left = new ArrayList<>();
        for (long offset : offsets) {
            Message message = messages.get(offset);
            if (message == null || message.settledBy == null && !message.maybeSettled) {
                left.add(offset);
            }
        }
        return left;
    }

    long confirmed() {
        return messages.values().stream()
                .filter(message -> message.settledBy != null)
                .count();
    }
}
