package io.penstock.broker.request.jms;

import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.request.ClientConnection;
import io.penstock.protocol.message.OpenConnectionRequest;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.RelayOpenRequest;
import io.penstock.storage.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JMS connections of this broker: by socket, by token, by client id. A client id is in use by one connection at a
 * time (JMS-RULES 13). Any thread may call; what changes rarely is under the lock, a request finds its connection
 * without one.
 */
final class JmsConnections {
    private static final Logger LOG = LoggerFactory.getLogger(JmsConnections.class);

    /** Told when a connection is open or refused; on the thread that found out. */
    interface Opened {
        void opened(JmsConnection connection, boolean resumed);

        void refused(FrontException why);
    }

    private static final long SECOND_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Authenticator authenticator;
    private final ResumeTokens tokens;
    private final FrontLimits limits;
    private final Clock clock;
    private final JmsConnection.Releases releases;
    private final PeerChannel peers;
    private final ClientIdClaims claims;
    private final Map<String, JmsConnection> bySocket = new ConcurrentHashMap<>();
    private final Map<String, JmsConnection> byToken = new HashMap<>();
    private final Map<String, JmsConnection> byClientId = new HashMap<>();

    JmsConnections(
            Authenticator authenticator,
            ResumeTokens tokens,
            FrontLimits limits,
            Clock clock,
            JmsConnection.Releases releases,
            PeerChannel peers,
            ClientIdClaims claims) {
        this.peers = peers;
        this.claims = claims;
        this.authenticator = authenticator;
        this.tokens = tokens;
        this.limits = limits;
        this.clock = clock;
        this.releases = releases;
    }

    /** The open connection of a socket, or null. */
    JmsConnection of(ClientConnection socket) {
        return bySocket.get(socket.id());
    }

    void metadataChanged(CommitRoutes routes) {
        bySocket.values().forEach(connection -> connection.metadataChanged(routes));
        if (claims.mustRenew()) {
            List<JmsConnection> named;
            synchronized (this) {
                named = List.copyOf(byClientId.values());
            }
            named.forEach(connection -> claims.renew(connection, () -> {
                LOG.warn("{} is closed: its client id is in use by a connection of another broker", connection);
                ClientConnection socket = connection.socket();
                close(connection);
                if (socket != null) {
                    socket.close("the client id is in use by another connection");
                }
            }));
        }
    }

    int count() {
        synchronized (this) {
            return byToken.size();
        }
    }

    /**
     * Opens or resumes a connection. When the client id belongs to a connection that has just lost its socket, the
     * answer waits until that has come back or its grace is over: a process that was killed and started again is not
     * refused because of itself. A holder whose socket looks alive is looked at twice before the newcomer is refused: the
     * end of its socket may be on the way while the newcomer's request has already come.
     *
     * <p>With a token that this broker, or the one before its restart, has signed, a connection is opened under its old
     * number: the sessions of before are known from the ledgers. With any other resume token a new one is opened, and
     * the client sees by its new token that the old sessions are gone.
     *
     * @param number of a new connection; never given twice, for it goes into ledgers
     */
    void open(ClientConnection socket, OpenConnectionRequest request, long number, Opened opened) {
        open(socket, request, number, opened, false, false);
    }

    /** @param claimed the client id is this connection's in the cluster */
    private void open(
            ClientConnection socket,
            OpenConnectionRequest request,
            long number,
            Opened opened,
            boolean secondLook,
            boolean claimed) {
        String resumeToken = request.resumeToken();
        String principal;
        try {
            principal = authenticator.authenticate(socket, request.user());
        } catch (FrontException refused) {
            opened.refused(refused);
            return;
        }
        String id = request.clientId() == null || request.clientId().isEmpty() ? null : request.clientId();
        JmsConnection connection;
        boolean resumed = false;
        ClientConnection replaced = null;
        List<Runnable> waiting = List.of();
        long oldNumber = resumeToken == null
                ? number
                : tokens.number(resumeToken, principal, id).orElse(number);
        if (id != null && !claimed && claims.areNeeded() && !isDecidedHere(id, oldNumber, request)) {
            claims.claim(id, oldNumber, socket.loop(), refusal -> socket.loop().run(() -> {
                if (refusal == null) {
                    open(socket, request, number, releasing(id, oldNumber, opened), secondLook, true);
                } else {
                    opened.refused(refusal);
                }
            }));
            return;
        }
        synchronized (this) {
            if (bySocket.containsKey(socket.id())) {
                opened.refused(FrontException.invalid("this socket has an open JMS connection"));
                return;
            }
            connection = resumeToken == null ? null : byToken.get(resumeToken);
            if (connection != null && connection.principal().equals(principal)) {
                if (request.attempt() < connection.attempt()) {
                    opened.refused(overtaken());
                    return;
                }
                resumed = true;
                replaced = connection.socket();
                waiting = connection.takeWaiting();
                if (replaced != null) {
                    bySocket.remove(replaced.id());
                }
                connection.bind(socket, request.attempt());
                if (id != null && id.equals(connection.clientId())) {
                    byClientId.putIfAbsent(id, connection); // Up to now its client was another broker's.
                }
            } else {
                JmsConnection holder = id == null ? null : byClientId.get(id);
                if (holder != null && holder.state() == JmsConnection.State.HELD) {
                    holder.whenDecided(() -> open(socket, request, number, opened, true, false));
                    return;
                }
                if (holder != null && !secondLook) {
                    socket.loop().schedule(() -> open(socket, request, number, opened, true, false), SECOND_LOOK_NANOS);
                    return;
                }
                FrontException refusal = refusal(id, holder);
                if (refusal != null) {
                    opened.refused(refusal);
                    return;
                }
                // The ledgers know the connection by its old number, and what its sessions have said and held.
                OptionalLong before =
                        resumeToken == null ? OptionalLong.empty() : tokens.number(resumeToken, principal, id);
                String token = before.isPresent() ? resumeToken : tokens.issue(number, principal, id);
                connection = new JmsConnection(
                        before.orElse(number),
                        token,
                        before.isPresent(),
                        id,
                        principal,
                        socket,
                        request.attempt(),
                        limits,
                        releases,
                        peers);
                byToken.put(connection.token(), connection);
                if (id != null) {
                    byClientId.put(id, connection);
                }
            }
            connection.seen(clock.nanos());
            bySocket.put(socket.id(), connection);
        }
        begin(connection, socket, waiting, replaced, resumed, opened);
    }

    /**
     * Opens or resumes, here, the connection of a client that another broker has let in: that has seen to its rights and
     * its client id.
     */
    void openRelayed(ClientConnection socket, RelayOpenRequest request, Opened opened) {
        JmsConnection connection;
        boolean resumed;
        ClientConnection replaced = null;
        List<Runnable> waiting = List.of();
        synchronized (this) {
            connection = byToken.get(request.token());
            resumed = connection != null;
            if (resumed && connection.number() != request.number()) {
                opened.refused(FrontException.invalid("the token is of another connection"));
                return;
            }
            if (resumed && request.attempt() < connection.attempt()) {
                opened.refused(overtaken());
                return;
            }
            if (resumed) {
                replaced = connection.socket();
                waiting = connection.takeWaiting();
                if (replaced != null) {
                    bySocket.remove(replaced.id());
                }
                connection.bind(socket, request.attempt());
            } else {
                FrontException refusal = refusal(null, null);
                if (refusal != null) {
                    opened.refused(refusal);
                    return;
                }
                connection = new JmsConnection(
                        request.number(),
                        request.token(),
                        true,
                        request.clientId(),
                        request.principal(),
                        socket,
                        request.attempt(),
                        limits,
                        releases,
                        peers);
                byToken.put(connection.token(), connection);
            }
            connection.seen(clock.nanos());
            bySocket.put(socket.id(), connection);
        }
        begin(connection, socket, waiting, replaced, resumed, opened);
    }

    private void begin(
            JmsConnection connection,
            ClientConnection socket,
            List<Runnable> waiting,
            ClientConnection replaced,
            boolean resumed,
            Opened opened) {
        waiting.forEach(Runnable::run);
        LOG.debug("{} is open by {} of attempt {}", connection, socket.id(), connection.attempt());
        if (replaced != null) {
            replaced.close("the JMS connection was resumed by " + socket.id() + ", attempt " + connection.attempt());
        }
        JmsConnection open = connection;
        if (!resumed) {
            watchLease(open);
        }
        opened.opened(open, resumed);
        socket.onWritable(open::writableAgain);
        socket.onClose(() -> socketClosed(open, socket));
    }

    /** A connection of this broker has it, or the client has come back since: what becomes of that is seen here. */
    private synchronized boolean isDecidedHere(String id, long number, OpenConnectionRequest request) {
        JmsConnection holder = byClientId.get(id);
        JmsConnection before = request.resumeToken() == null ? null : byToken.get(request.resumeToken());
        return holder != null && holder.number() != number || before != null && request.attempt() < before.attempt();
    }

    /** What was claimed for somebody who is not let in after all would be nobody's, and in use for as long as this broker lives. */
    private Opened releasing(String id, long number, Opened opened) {
        return new Opened() {
            @Override
            public void opened(JmsConnection connection, boolean resumed) {
                opened.opened(connection, resumed);
            }

            @Override
            public void refused(FrontException why) {
                boolean used;
                synchronized (JmsConnections.this) {
                    JmsConnection holder = byClientId.get(id);
                    used = holder != null && holder.number() == number;
                }
                if (!used) {
                    claims.release(id, number);
                }
                opened.refused(why);
            }
        };
    }

    /** A broker that stood still, or was cut off, speaks for a socket that its client has given up. */
    private static FrontException overtaken() {
        return FrontException.invalid("the client has come back by another socket since");
    }

    private FrontException refusal(String id, JmsConnection holder) {
        if (holder != null) {
            return ClientIdClaims.inUse(id);
        }
        if (byToken.size() >= limits.connectionsMax()) {
            return new FrontException(
                    PenstockError.LIMIT_EXCEEDED,
                    "the broker has " + limits.connectionsMax() + " JMS connections, its limit");
        }
        return null;
    }

    /** Ends a connection at once: CloseConnection, a lease that ran out, a grace that is over. */
    void close(JmsConnection connection) {
        List<Runnable> waiting;
        synchronized (this) {
            if (connection.state() == JmsConnection.State.CLOSED) {
                return;
            }
            ClientConnection socket = connection.socket();
            if (socket != null) {
                bySocket.remove(socket.id());
            }
            byToken.remove(connection.token());
            if (connection.clientId() != null && byClientId.remove(connection.clientId(), connection)) {
                claims.release(connection);
            }
            waiting = connection.markClosed();
        }
        connection.owner().run(connection::endSessions);
        waiting.forEach(Runnable::run);
    }

    private void socketClosed(JmsConnection connection, ClientConnection socket) {
        int held;
        synchronized (this) {
            bySocket.remove(socket.id(), connection);
            if (connection.socket() != socket) {
                return; // resumed with another socket, or closed
            }
            connection.lose();
            held = connection.heldTimes();
        }
        LOG.debug("{} lost its socket; held for {} ms", connection, limits.graceMillis());
        connection
                .owner()
                .schedule(
                        () -> {
                            if (connection.state() == JmsConnection.State.HELD && connection.heldTimes() == held) {
                                close(connection);
                            }
                        },
                        TimeUnit.MILLISECONDS.toNanos(limits.graceMillis()));
    }

    private void watchLease(JmsConnection connection) {
        long leaseNanos = TimeUnit.MILLISECONDS.toNanos(limits.leaseMillis());
        long leftNanos = leaseNanos - (clock.nanos() - connection.lastSeenNanos());
        connection
                .owner()
                .schedule(
                        () -> {
                            if (connection.state() == JmsConnection.State.CLOSED) {
                                return;
                            }
                            if (clock.nanos() - connection.lastSeenNanos() < leaseNanos) {
                                watchLease(connection);
                                return;
                            }
                            ClientConnection socket = connection.socket();
                            LOG.info(
                                    "{} sent nothing for {} ms: its sessions are released",
                                    connection,
                                    limits.leaseMillis());
                            close(connection);
                            if (socket != null) {
                                socket.close("the lease of the JMS connection ran out");
                            }
                        },
                        Math.max(leftNanos, TimeUnit.MILLISECONDS.toNanos(1)));
    }
}
