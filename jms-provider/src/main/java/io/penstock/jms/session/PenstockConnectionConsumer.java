package io.penstock.jms.session;

import io.penstock.jms.client.ClientConsumer;
import io.penstock.jms.client.ConsumerRequest;
import io.penstock.jms.client.Delivery;
import io.penstock.jms.client.DeliveryBatch;
import io.penstock.jms.client.DeliverySink;
import io.penstock.jms.client.OffsetsByPartition;
import io.penstock.jms.client.Subscription;
import io.penstock.jms.client.Target;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Brings messages to the sessions of an application server's pool. A scout with credit for one message waits for the
 * first; when it has come it is given back, uncounted, and a session of the pool takes what is there by itself, so that it
 * acknowledges, commits and rolls back as any other.
 *
 * <pre>
 *   waiting --a message has come--> loading: a session from the pool takes messages and is started --> waiting
 * </pre>
 *
 * <p>Loading is done by a worker, one at a time; the sessions run on the server's threads. Closed by the application or
 * with its connection.
 */
final class PenstockConnectionConsumer implements ConnectionConsumer {
    private static final int SCOUT_BYTES = 1;
    private static final int LOAD_BYTES = 8 << 20;
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 1_000;

    /** Finds the subscription anew each time: null for a queue. */
    interface Source {
        Subscription subscription() throws JMSException;
    }

    private final PenstockConnection connection;
    private final PenstockSession own;
    private final Target target;
    private final String selector;
    private final Source source;
    private final ServerSessionPool pool;
    private final int messagesMax;
    /** The subscription is that of this consumer alone, so it must not be without a consumer in between. */
    private final boolean endsWithoutConsumer;

    private ClientConsumer keeper;
    private Scout scout;
    private boolean loading;
    /** Exchanges with the broker that are under way: close lets them end, so that nothing is attached behind it. */
    private int busy;

    private boolean closed;

    PenstockConnectionConsumer(
            PenstockConnection connection,
            PenstockSession own,
            Target target,
            String selector,
            Source source,
            boolean endsWithoutConsumer,
            ServerSessionPool pool,
            int messagesMax) {
        this.connection = connection;
        this.own = own;
        this.target = target;
        this.selector = selector;
        this.source = source;
        this.endsWithoutConsumer = endsWithoutConsumer;
        this.pool = pool;
        this.messagesMax = messagesMax;
    }

    /** What a scout has got, to be given back. Pushes come on the engine's thread. */
    private final class Scout implements DeliverySink {
        private final List<DeliveryBatch> pushed = new ArrayList<>();
        private ClientConsumer client;

        @Override
        public void delivered(DeliveryBatch batch) {
            synchronized (pushed) {
                pushed.add(batch);
            }
            wake();
        }

        @Override
        public void failed(JMSException cause) {
            connection.reportAsync(cause);
        }

        boolean hasSeen() {
            synchronized (pushed) {
                return !pushed.isEmpty();
            }
        }

        /** Nobody was handed anything: it goes back as it was. */
        void end() throws JMSException {
            Waiting.until(giveBack(), connection.client(), "looking for messages of " + target.name());
        }

        /** Its attachment came too late. */
        void abandon(ClientConsumer late) {
            client = late;
            giveBack();
        }

        private CompletableFuture<Void> giveBack() {
            OffsetsByPartition back = new OffsetsByPartition();
            synchronized (pushed) {
                for (DeliveryBatch batch : pushed) {
                    for (Delivery next = batch.next(); next != null; next = batch.next()) {
                        back.add(next.partition(), next.offset());
                    }
                }
            }
            return client.detach(back);
        }
    }

    /** Begins to wait for messages. */
    void open() throws JMSException {
        if (endsWithoutConsumer) {
            keeper = attach(request(0, 0), new Scout());
        }
        look();
        wake();
    }

    private ClientConsumer attach(ConsumerRequest request, Scout sink) throws JMSException {
        return own.attach(request, sink, sink::abandon, "creating a connection consumer of " + target.name());
    }

    private ConsumerRequest request(int messages, int bytes) throws JMSException {
        return new ConsumerRequest(target, source.subscription(), selector, false, false, messages, bytes);
    }

    private void look() throws JMSException {
        Scout next = new Scout();
        next.client = attach(request(1, SCOUT_BYTES), next);
        synchronized (this) {
            scout = next;
        }
    }

    /** False when it is closed; else {@link #exchanged} follows. */
    private synchronized boolean exchange() {
        if (closed) {
            return false;
        }
        busy++;
        return true;
    }

    private synchronized void exchanged() {
        busy--;
        notifyAll();
    }

    /** A message has come, or the connection was started. */
    void wake() {
        synchronized (this) {
            if (closed || loading || scout == null || !scout.hasSeen() || !connection.isStarted()) {
                return;
            }
            loading = true;
        }
        Workers.run(this::load);
    }

    private void load() {
        boolean good = false;
        try {
            ServerSession server = pool.getServerSession();
            if (exchange()) {
                try {
                    load(server);
                } finally {
                    exchanged();
                }
            }
            server.start(); // With nothing loaded it comes back to the pool.
            good = true;
        } catch (JMSException | RuntimeException e) {
            if (!isClosed()) {
                connection.reportAsync(Waiting.failure(e, "loading a server session"));
            }
        }
        if (good) {
            lookAgain();
        } else {
            connection.client().later(() -> Workers.run(this::lookAgain), PAUSE_AFTER_FAILURE_MILLIS);
        }
    }

    private void load(ServerSession server) throws JMSException {
        Scout done = takeScout();
        if (done != null) {
            done.end();
            PenstockSession session = session(server.getSession());
            session.load(request(messagesMax, LOAD_BYTES), target.name());
        }
    }

    private synchronized Scout takeScout() {
        Scout taken = scout;
        scout = null;
        return taken;
    }

    private void lookAgain() {
        synchronized (this) {
            loading = false;
        }
        if (!exchange()) {
            return;
        }
        boolean looking = false;
        try {
            Scout left = takeScout();
            if (left != null) {
                left.end(); // The pool gave no session.
            }
            look();
            looking = true;
        } catch (JMSException e) {
            synchronized (this) {
                if (closed || !connection.isAlive()) {
                    return;
                }
                loading = true;
            }
            connection.reportAsync(e);
            connection.client().later(() -> Workers.run(this::lookAgain), PAUSE_AFTER_FAILURE_MILLIS);
        } finally {
            exchanged();
        }
        if (looking) {
            wake();
        }
    }

    private PenstockSession session(Session session) throws JMSException {
        PenstockSession mine = SessionBehind.of(session);
        if (mine != null && mine.connection() == connection) {
            return mine;
        }
        throw new IllegalStateException("the server session's session is not one of this connection: " + session);
    }

    @Override
    public ServerSessionPool getServerSessionPool() throws JMSException {
        checkOpen();
        return pool;
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void checkOpen() throws IllegalStateException {
        if (closed) {
            throw new IllegalStateException("the connection consumer is closed");
        }
    }

    /** Each ends with an answer or the call's time-out. */
    private void awaitExchanges() {
        boolean interrupted = false;
        while (busy > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What sessions have been loaded with stays with them. */
    @Override
    public void close() throws JMSException {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            awaitExchanges();
        }
        connection.removed(this);
        Scout last = takeScout();
        if (last != null && connection.isAlive()) {
            last.end();
        }
        own.close();
    }
}
