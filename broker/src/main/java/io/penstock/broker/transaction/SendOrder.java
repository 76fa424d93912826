package io.penstock.broker.transaction;

import io.penstock.broker.delivery.SessionKey;
import io.penstock.storage.time.Owner;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Lets the batches of a session reach a partition one after the other, in the order of their commits: the next one's
 * sequence would hide one that has to be tried again. Owner of the home's log only.
 */
final class SendOrder {
    private final Map<Lane, ArrayDeque<Runnable>> lanes = new HashMap<>();

    private record Lane(SessionKey session, UUID topicId, int partition) {}

    /** Runs {@code step} when those before it are over; then {@link #over} must be called. */
    void enter(SessionKey session, CommitRecord.Send send, Runnable step) {
        Lane lane = new Lane(session, send.topicId(), send.partition());
        ArrayDeque<Runnable> waiting = lanes.get(lane);
        if (waiting == null) {
            lanes.put(lane, new ArrayDeque<>(1));
            step.run();
        } else {
            waiting.add(step);
        }
    }

    void over(SessionKey session, CommitRecord.Send send, Owner owner) {
        Lane lane = new Lane(session, send.topicId(), send.partition());
        Runnable next = lanes.get(lane).poll();
        if (next == null) {
            lanes.remove(lane);
        } else {
            owner.execute(next); // There may be thousands after a crash: not one inside the other.
        }
    }
}
