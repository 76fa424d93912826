package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.SessionKey;
import io.penstock.protocol.message.PenstockError;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * A session of a JMS connection: its consumers, closed ones too, and the outcomes of its commits. Belongs to the
 * connection's owner; ended by CloseSession or with the connection.
 */
final class JmsSession {
    /** Closed consumers whose messages may still be settled; the oldest is forgotten beyond it. */
    private static final int CLOSED_CONSUMERS_MAX = 1_000;

    private static final int OUTCOMES_MAX = 16;

    /** A partition where the session may hold something. */
    record Place(UUID topicId, int partition) {}

    private final JmsConnection connection;
    private final int id;
    private final SessionKey key;
    private final Map<Integer, JmsConsumer> consumers = new HashMap<>();
    private final Deque<JmsConsumer> closed = new ArrayDeque<>();
    private final Set<Place> places = new LinkedHashSet<>();
    private final LinkedHashMap<Long, CommitOutcome> outcomes = new LinkedHashMap<>();
    private CommitOutcome lastOutcome;
    /** Where it has sent pieces of large messages, and what gives them up. */
    private final Map<Place, Runnable> piecePlaces = new HashMap<>();

    private boolean ended;

    JmsSession(JmsConnection connection, int id) {
        this.connection = connection;
        this.id = id;
        this.key = new SessionKey(connection.number(), id);
    }

    JmsConnection connection() {
        return connection;
    }

    int id() {
        return id;
    }

    SessionKey key() {
        return key;
    }

    boolean isEnded() {
        return ended;
    }

    /** Open or closed, null when the session never had it. */
    JmsConsumer consumer(int consumerId) {
        return consumers.get(consumerId);
    }

    /** The consumer, for settlements: open or closed. */
    JmsConsumer known(int consumerId) throws FrontException {
        JmsConsumer consumer = consumers.get(consumerId);
        if (consumer == null) {
            throw new FrontException(
                    PenstockError.UNKNOWN_CONSUMER, "session " + id + " has no consumer " + consumerId);
        }
        return consumer;
    }

    void add(JmsConsumer consumer) throws FrontException {
        connection.add(consumer);
        consumers.put(consumer.id(), consumer);
    }

    /** An attach that failed. */
    void remove(JmsConsumer consumer) {
        consumers.remove(consumer.id(), consumer);
        connection.forget(consumer);
    }

    /** The session may hold messages there from now on. */
    void uses(UUID topicId, int partition) {
        places.add(new Place(topicId, partition));
    }

    /** @param drop gives up the pieces that have no head when the session ends */
    void sendsPieces(UUID topicId, int partition, Runnable drop) {
        piecePlaces.put(new Place(topicId, partition), drop);
    }

    /** The consumer was detached; its id stays valid for settlements. */
    void closed(JmsConsumer consumer) {
        closed.add(consumer);
        if (closed.size() > CLOSED_CONSUMERS_MAX) {
            remove(closed.poll());
        }
    }

    /** The outcome of an earlier commit with this sequence, or null. */
    CommitOutcome outcome(long sequence) {
        return outcomes.get(sequence);
    }

    /** Of the commit that came last, or null. */
    CommitOutcome lastOutcome() {
        return lastOutcome;
    }

    CommitOutcome newOutcome(long sequence) {
        CommitOutcome outcome = new CommitOutcome();
        lastOutcome = outcome;
        outcomes.put(sequence, outcome);
        if (outcomes.size() > OUTCOMES_MAX) {
            outcomes.remove(outcomes.keySet().iterator().next());
        }
        return outcome;
    }

    /** Everything that the session holds goes back; on the connection's owner. */
    void end() {
        ended = true;
        for (JmsConsumer consumer : List.copyOf(consumers.values())) {
            consumer.detach(Map.of());
            connection.forget(consumer);
        }
        consumers.clear();
        closed.clear();
        for (Place place : places) {
            connection.releases().release(place.topicId(), place.partition(), key);
        }
        places.clear();
        piecePlaces.values().forEach(Runnable::run);
        piecePlaces.clear();
    }
}
