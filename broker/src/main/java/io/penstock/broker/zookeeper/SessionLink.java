package io.penstock.broker.zookeeper;

import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.WatchedEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store's session with ZooKeeper: begins another when one expires, sets the watch after each connection, and knows
 * until when this broker may take itself for alive. On the store's thread; closed by the store.
 */
final class SessionLink implements ZooKeeperSession.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(SessionLink.class);
    private static final long RECONNECT_MILLIS = 200;
    /** So often in a session's time-out it is renewed. */
    private static final int RENEWALS = 6;

    private final ZooKeeperMetadataStore store;
    private final ZooKeeperSession.Sessions sessions;
    private final Owner thread;
    private final Clock clock;
    private final ZooKeeperMetadataStore.Settings settings;
    private final CompletableFuture<ZooKeeperSession> first = new CompletableFuture<>();
    private ZooKeeperSession session;
    private boolean connected;
    private boolean followed;
    private boolean closed;
    private volatile Lease lease;

    /** @param endNanos until then the session cannot have expired, by our clock */
    private record Lease(long endNanos) {}

    SessionLink(
            ZooKeeperMetadataStore store,
            ZooKeeperSession.Sessions sessions,
            Owner thread,
            Clock clock,
            ZooKeeperMetadataStore.Settings settings) {
        this.store = store;
        this.sessions = sessions;
        this.thread = thread;
        this.clock = clock;
        this.settings = settings;
    }

    /** Done with the first connection. */
    CompletableFuture<ZooKeeperSession> first() {
        return first;
    }

    /** Null before the first. */
    ZooKeeperSession session() {
        return session;
    }

    boolean connected() {
        return connected;
    }

    void connect() {
        try {
            session = sessions.open(thread, this);
        } catch (IOException | RuntimeException e) {
            // A name that does not resolve now may do so later.
            LOG.warn("no session with ZooKeeper at {}: {}", settings.connect(), e.getMessage());
            store.after(RECONNECT_MILLIS, this::connect);
        }
    }

    /** From here on the tree is watched and the session kept alive. */
    void follow() {
        followed = true;
        renewLease();
        if (connected) {
            watch(session);
        }
    }

    /** Any thread. */
    boolean aliveAt(long nanos) {
        Lease known = lease;
        return known != null && nanos - known.endNanos < 0;
    }

    /**
     * The session lives for its time-out after the server heard of us, and so after we sent what it has answered. A
     * tenth is taken off: clocks drift, and a server of an ensemble may die before it has told what it heard.
     */
    private void renewLease() {
        if (closed) {
            return;
        }
        int timeoutMillis = session == null ? 0 : session.timeoutMillis();
        if (connected) {
            ZooKeeperSession renewed = session;
            long sentNanos = clock.nanos();
            ClusterLoader.read(renewed, List.of(ZNodes.CONTROLLER_EPOCH)).whenComplete((found, failure) -> {
                if (failure == null && renewed == session && !found.isEmpty()) {
                    lease = new Lease(sentNanos + TimeUnit.MILLISECONDS.toNanos(timeoutMillis - timeoutMillis / 10));
                }
            });
        }
        store.after(
                Math.max(20, (timeoutMillis == 0 ? settings.sessionTimeoutMillis() : timeoutMillis) / RENEWALS),
                this::renewLease);
    }

    /** Gives the session that is to be closed, null when there is none. */
    ZooKeeperSession end() {
        closed = true;
        connected = false;
        return session;
    }

    @Override
    public void connected(ZooKeeperSession from) {
        if (from != session || closed) {
            return;
        }
        connected = true;
        first.complete(from);
        if (followed) {
            watch(from);
        }
    }

    private void watch(ZooKeeperSession from) {
        // A watch tells nothing of what happened while the connection was gone.
        from.watchAll().whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.debug("the watch was not set: {}", failure.getMessage());
            } else if (from == session) {
                store.rereadAll();
            }
        });
    }

    @Override
    public void disconnected(ZooKeeperSession from) {
        if (from == session) {
            connected = false;
            LOG.warn("the connection to ZooKeeper at {} is lost; trying again", settings.connect());
        }
    }

    @Override
    public void expired(ZooKeeperSession from) {
        if (from == session && !closed) {
            LOG.warn("session 0x{} with ZooKeeper has expired; beginning another", Long.toHexString(from.id()));
            connected = false;
            from.close();
            store.sessionEnded();
            connect();
        }
    }

    @Override
    public boolean known(WatchedEvent event) {
        return store.known(event);
    }

    @Override
    public void changed(WatchedEvent event) {
        store.changed(event);
    }
}
