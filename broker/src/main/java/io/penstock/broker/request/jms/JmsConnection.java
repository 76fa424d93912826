package io.penstock.broker.request.jms;

import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.request.ClientConnection;
import io.penstock.protocol.message.PenstockError;
import io.penstock.storage.time.Owner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * One JMS connection: who it is, the socket that it has now, its sessions and consumers. It outlives its socket for a
 * grace, within which the client may come back with the token.
 *
 * <pre>
 *   LIVE --socket closed--> HELD --grace over------> CLOSED
 *    ^                       |                         ^
 *    +--------resumed--------+      lease over, CloseConnection (from LIVE)
 * </pre>
 *
 * <p>Made and closed by {@link JmsConnections}. Sessions and consumers belong to {@link #owner()}, the loop on which
 * the connection was opened; the rest may be read by any thread.
 */
final class JmsConnection {

    enum State {
        LIVE,
        HELD,
        CLOSED
    }

    /** Tells partitions that a session is over. */
    @FunctionalInterface
    interface Releases {
        void release(java.util.UUID topicId, int partition, io.penstock.broker.delivery.SessionKey session);
    }

    private final long number;
    private final String token;
    private final boolean restored;
    private final String clientId;
    private final String principal;
    private final Owner owner;
    private final FrontLimits limits;
    private final Releases releases;
    private final Map<Integer, JmsSession> sessions = new HashMap<>();
    private final Map<Integer, JmsConsumer> consumers = new HashMap<>();
    private final List<Runnable> whenClosed = new ArrayList<>();
    private final List<Runnable> whenEnded = new ArrayList<>(1);
    private final Relays relays;
    private SendLanes lanes;
    private volatile ClientConnection socket;
    private volatile boolean relayed;
    private volatile State state = State.LIVE;
    private volatile long lastSeenNanos;
    private volatile int heldTimes;
    private volatile int attempt;
    private final AtomicInteger inFlight = new AtomicInteger();

    /**
     * @param number its first producer id: names the connection in ledgers, never given twice
     * @param restored it was open before, and what its sessions did is known from the logs alone
     * @param attempt of the client that it was opened by
     */
    JmsConnection(
            long number,
            String token,
            boolean restored,
            String clientId,
            String principal,
            ClientConnection socket,
            int attempt,
            FrontLimits limits,
            Releases releases,
            PeerChannel peers) {
        this.relays = new Relays(this, peers);
        this.attempt = attempt;
        this.number = number;
        this.releases = releases;
        this.token = token;
        this.restored = restored;
        this.clientId = clientId;
        this.principal = principal;
        this.owner = socket.loop();
        this.socket = socket;
        this.relayed = socket instanceof RelayedSocket;
        this.limits = limits;
    }

    long number() {
        return number;
    }

    /** What its own messages carry as {@code penstock.sender}, and what noLocal leaves out (JMS-RULES 14). */
    String sender() {
        return clientId != null ? clientId : "~" + number;
    }

    Releases releases() {
        return releases;
    }

    String token() {
        return token;
    }

    /** True when it was open before this broker knew it. */
    boolean restored() {
        return restored;
    }

    /** Null for a connection without one. */
    String clientId() {
        return clientId;
    }

    String principal() {
        return principal;
    }

    Owner owner() {
        return owner;
    }

    State state() {
        return state;
    }

    /** Null while the connection is held, and when it is closed. */
    ClientConnection socket() {
        return socket;
    }

    void seen(long nowNanos) {
        lastSeenNanos = nowNanos;
    }

    void requestBegins() {
        inFlight.incrementAndGet();
    }

    void requestEnds() {
        inFlight.decrementAndGet();
    }

    int requestsInFlight() {
        return inFlight.get();
    }

    long lastSeenNanos() {
        return lastSeenNanos;
    }

    /** Registry only, under its lock. */
    void lose() {
        socket = null;
        state = State.HELD;
        heldTimes++;
    }

    /** Registry only, under its lock. */
    void bind(ClientConnection newSocket, int byAttempt) {
        relayed = newSocket instanceof RelayedSocket;
        socket = newSocket;
        state = State.LIVE;
        attempt = byAttempt;
    }

    /** The client's attempt that the socket is of; an earlier one is of a socket that the client has given up. */
    int attempt() {
        return attempt;
    }

    /** How often the connection has lost its socket: tells one grace from the next. */
    int heldTimes() {
        return heldTimes;
    }

    /** Registry only, under its lock; returns what waits for the end. */
    List<Runnable> markClosed() {
        state = State.CLOSED;
        socket = null;
        List<Runnable> waiting = List.copyOf(whenClosed);
        whenClosed.clear();
        return waiting;
    }

    /** Registry only, under its lock: runs when the connection is closed or resumed. */
    void whenDecided(Runnable waiting) {
        whenClosed.add(waiting);
    }

    /** Registry only, under its lock. */
    List<Runnable> takeWaiting() {
        List<Runnable> waiting = List.copyOf(whenClosed);
        whenClosed.clear();
        return waiting;
    }

    /** Its client is connected to another broker; also while the relay is gone, and what it asked for is still at work. */
    boolean isRelayed() {
        return relayed;
    }

    /** Owner only; null before the first use. */
    SendLanes lanesOrNull() {
        return lanes;
    }

    /** Owner only. */
    SendLanes lanes(Supplier<SendLanes> made) {
        if (lanes == null) {
            lanes = made.get();
        }
        return lanes;
    }

    /** To the brokers that lead what the connection uses and this one does not. Owner only. */
    Relays relays() {
        return relays;
    }

    /** The client gets messages over the relay. Owner only. */
    boolean takesFrom(Relay relay) {
        for (JmsConsumer consumer : consumers.values()) {
            if (consumer.remote() != null && consumer.remote().uses(relay)) {
                return true;
            }
        }
        return false;
    }

    /** The image has changed: a leader that stands still may not have said that it leads no more. Any thread. */
    void metadataChanged(CommitRoutes routes) {
        if (relays.inUse()) {
            owner.execute(() -> {
                for (JmsConsumer consumer : consumers.values()) {
                    if (consumer.remote() != null && consumer.remote().hasMoved(routes)) {
                        comeBack("another broker leads what the client takes from");
                        return;
                    }
                }
            });
        }
    }

    /** A leadership has moved: the client is to come back, say again what was not answered, and find the new leader. */
    void comeBack(String reason) {
        ClientConnection now = socket;
        if (now != null) {
            now.close(reason);
        }
    }

    /** Owner only: the session, made at its first use. */
    JmsSession session(int id) throws FrontException {
        JmsSession session = sessions.get(id);
        if (session != null) {
            return session;
        }
        if (state == State.CLOSED) {
            throw new FrontException(PenstockError.UNKNOWN_SESSION, "the connection is closed");
        }
        if (sessions.size() >= limits.sessionsMax()) {
            throw new FrontException(
                    PenstockError.LIMIT_EXCEEDED, "a connection has at most " + limits.sessionsMax() + " sessions");
        }
        JmsSession made = new JmsSession(this, id);
        sessions.put(id, made);
        return made;
    }

    /** Owner only: runs when the connection is over, after its sessions. */
    void whenEnded(Runnable task) {
        whenEnded.add(task);
    }

    /** Owner only: true when a consumer takes from the destination now. */
    boolean consumes(java.util.UUID topicId) {
        for (JmsConsumer consumer : consumers.values()) {
            if (consumer.active() && consumer.source().topicId().equals(topicId)) {
                return true;
            }
        }
        return false;
    }

    /** Owner only: null when there is none. */
    JmsSession sessionOrNull(int id) {
        return sessions.get(id);
    }

    /** Owner only. */
    JmsConsumer consumer(int id) {
        return consumers.get(id);
    }

    /** Owner only. */
    void add(JmsConsumer consumer) throws FrontException {
        if (consumers.size() >= limits.consumersMax()) {
            throw new FrontException(
                    PenstockError.LIMIT_EXCEEDED, "a connection has at most " + limits.consumersMax() + " consumers");
        }
        consumers.put(consumer.id(), consumer);
    }

    /** Owner only. */
    void forget(JmsConsumer consumer) {
        consumers.remove(consumer.id(), consumer);
    }

    /** Owner only. */
    JmsSession removeSession(int id) {
        return sessions.remove(id);
    }

    /** Sends a push; nothing while the connection is held. Any thread. */
    void push(ClientConnection.OutgoingFrame frame) {
        ClientConnection to = socket;
        if (to != null) {
            to.send(frame);
        }
    }

    /** The socket takes more again: wakes every consumer. On the loop. */
    void writableAgain() {
        owner.run(() -> consumers.values().forEach(JmsConsumer::wake));
    }

    /** Owner only: ends every session; what they held goes back. */
    void endSessions() {
        owner.requireCurrent();
        List<JmsSession> ending = List.copyOf(sessions.values());
        sessions.clear();
        ending.forEach(JmsSession::end);
        whenEnded.forEach(Runnable::run);
        whenEnded.clear();
        relays.end();
    }

    @Override
    public String toString() {
        return "JMS connection " + number + " of " + principal
                + (clientId == null ? "" : " with client id " + clientId);
    }
}
