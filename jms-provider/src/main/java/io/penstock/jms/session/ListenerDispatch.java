package io.penstock.jms.session;

import io.penstock.jms.client.Settlements.Outcome;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;

/**
 * Serves the listeners of a session, one message at a time, on a worker that comes when there is something to do, or on the
 * thread of an application server (rules 3, 4, 6, 22, 23).
 *
 * <p>State is guarded by the session's lock, which is never held while a listener runs.
 */
final class ListenerDispatch {
    /** How long a listener's thread may wait for the next message before it goes. */
    static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SessionCore session;
    private final PenstockConnection connection;
    private final AcknowledgeMode mode;
    private final Condition changed;
    private final SettlementOutbox outbox;
    private final HandOutBooks books;
    private final List<ConsumerCore> consumers;
    private boolean dispatching;
    /** The thread that is inside a listener, and whose. */
    private Thread listening;

    private ConsumerCore listeningTo;
    /** Since the message in the listener was taken; written with the lock. */
    private volatile boolean takenBack;

    private int lastServed;
    private volatile boolean markScheduled;

    /**
     * @param changed signalled when a listener has returned
     * @param consumers the session's, guarded by its lock
     */
    ListenerDispatch(
            SessionCore session,
            PenstockConnection connection,
            AcknowledgeMode mode,
            Condition changed,
            SettlementOutbox outbox,
            HandOutBooks books,
            List<ConsumerCore> consumers) {
        this.session = session;
        this.connection = connection;
        this.mode = mode;
        this.changed = changed;
        this.outbox = outbox;
        this.books = books;
        this.consumers = consumers;
    }

    /** Sees to it that listeners are served. The caller holds the lock. */
    void wake() {
        if (!dispatching && session.mayListen() && nextForListener() != null) {
            dispatching = true;
            Workers.run(this::dispatch);
        }
    }

    /** What was handed out has been taken back, the message in the listener too. The caller holds the lock. */
    void takenBack() {
        takenBack = true;
    }

    /** True on the thread that is inside a listener. The caller holds the lock. */
    boolean isInside() {
        return Thread.currentThread().equals(listening);
    }

    /**
     * Returns when no listener is running, unless it is the caller's. The caller holds the lock.
     *
     * @param only whose listener, null for any
     */
    void await(ConsumerCore only) {
        while (listening != null && !isInside() && (only == null || only.equals(listeningTo))) {
            changed.awaitUninterruptibly();
        }
    }

    private ConsumerCore nextForListener() {
        int size = consumers.size();
        for (int i = 1; i <= size; i++) {
            int index = (lastServed + i) % size;
            if (consumers.get(index).hasWorkForListener()) {
                lastServed = index;
                return consumers.get(index);
            }
        }
        return null;
    }

    /** On a worker: serves listeners until there is nothing to do. */
    private void dispatch() {
        boolean going = true;
        while (going) {
            try {
                going = dispatchOne() || !dispatchEnds();
            } catch (JMSException | RuntimeException e) {
                connection.reportAsync(Waiting.failure(e, "dispatching to a listener"));
            }
        }
    }

    private boolean dispatchOne() throws JMSException {
        ConsumerCore consumer = takeForListener();
        if (consumer == null) {
            return false;
        }
        serve(consumer);
        return true;
    }

    /** Hands all that a consumer was loaded with to its listener; on an application server's thread. */
    void runLoaded(ConsumerCore consumer, MessageListener listener) throws JMSException {
        session.lock.lock();
        try {
            consumer.listener = listener;
        } finally {
            session.lock.unlock();
        }
        while (takeLoaded(consumer)) {
            serve(consumer);
        }
        session.flushOrFail();
    }

    private boolean takeLoaded(ConsumerCore consumer) {
        session.lock.lock();
        try {
            while (session.mayStillListen() && (!session.isStarted() || listening != null)) {
                changed.awaitUninterruptibly();
            }
            return session.mayListen() && !consumer.closed && take(consumer);
        } finally {
            session.lock.unlock();
        }
    }

    /** Of what was taken just now. */
    private void serve(ConsumerCore consumer) throws JMSException {
        HandedOut next = books.inListener();
        try {
            outbox.beforeNext();
            if (!consumer.isOneByOne()) {
                consumer.replenish();
            }
            if (session.open(next)) {
                call(consumer, next);
            }
        } finally {
            if (consumer.isOneByOne()) {
                consumer.replenish();
            }
            session.lock.lock();
            try {
                listening = null;
                listeningTo = null;
                books.inListener(null);
                changed.signalAll();
            } finally {
                session.lock.unlock();
            }
        }
    }

    private ConsumerCore takeForListener() {
        session.lock.lock();
        try {
            ConsumerCore consumer = session.mayListen() ? nextForListener() : null;
            return consumer != null && take(consumer) ? consumer : null;
        } finally {
            session.lock.unlock();
        }
    }

    /** Holds the lock. */
    private boolean take(ConsumerCore consumer) {
        HandedOut next = consumer.take();
        books.inListener(next);
        if (next == null) {
            return false;
        }
        next.kept = false; // Whatever its last attempt belonged to.
        next.marked = false;
        listening = Thread.currentThread();
        listeningTo = consumer;
        takenBack = false;
        return true;
    }

    /** Nothing is there: waits a little for more, where waiting is reading. Then no thread is dispatching. */
    private boolean dispatchEnds() {
        session.flushOrFail();
        session.readUntil(this::hasNewsForListener, LINGER_NANOS);
        session.lock.lock();
        try {
            dispatching = session.mayListen() && nextForListener() != null;
            return !dispatching;
        } finally {
            session.lock.unlock();
        }
    }

    private boolean hasNewsForListener() {
        session.lock.lock();
        try {
            return !session.mayStillListen() || consumers.stream().anyMatch(ConsumerCore::hasWorkForListener);
        } finally {
            session.lock.unlock();
        }
    }

    private void call(ConsumerCore consumer, HandedOut next) throws JMSException {
        Message message = next.opened;
        next.opened = null;
        next.presented = next.deliveryCount();
        if (books.keepsUnacknowledged()) {
            session.keep(next);
            connection.runListener(consumer.listener, message); // Rule 4: on with the next message in any case.
            return;
        }
        if (!next.delivery.persistent() && !session.hasBranches()) {
            session.accept(next, consumer.survivesClient); // At most once: settled before it is handed out.
            outbox.beforeNext();
        }
        if (consumer.survivesClient && !next.settled) {
            scheduleMark();
        }
        boolean good = connection.runListener(consumer.listener, message);
        if (next.kept) {
            return; // The listener has begun a branch, to which it belongs.
        }
        if (good && !takenBack) {
            session.accept(next, mode == AcknowledgeMode.AUTO && consumer.survivesClient);
        } else {
            repeat(next);
        }
    }

    /**
     * An attempt counts also when the process dies in it (rule 3, invariant 19), so the broker is told of a hand-out that
     * is not settled soon.
     */
    private void scheduleMark() {
        if (markScheduled) {
            return; // It marks whatever is in the listener then.
        }
        session.lock.lock();
        try {
            if (markScheduled) {
                return;
            }
            markScheduled = true;
        } finally {
            session.lock.unlock();
        }
        // On a worker, for the engine's thread must not wait for one that is writing.
        connection.client().later(() -> Workers.run(this::markRunning), SessionCore.LAZY_FLUSH_MILLIS);
    }

    private void markRunning() {
        HandedOut running;
        session.lock.lock();
        try {
            markScheduled = false;
            running = books.inListener();
            if (running == null || session.isClosed() || running.marked || running.settled) {
                return;
            }
            running.marked = true;
        } finally {
            session.lock.unlock();
        }
        // If the message is settled meanwhile, the broker leaves the mark alone.
        outbox.add(running, Outcome.MARKED, false);
        session.flushOrFail();
    }

    private void repeat(HandedOut next) {
        boolean gone;
        boolean told;
        session.lock.lock();
        try {
            next.repeats++;
            told = next.marked;
            next.marked = false;
            gone = next.consumer.closed || next.mustGoBack();
            if (!gone) {
                next.consumer.inbox.back(next);
            }
        } finally {
            session.lock.unlock();
        }
        if (next.settled) {
            return;
        }
        if (next.consumer.survivesClient && !told) {
            outbox.add(next, Outcome.MARKED, true);
        }
        if (gone) {
            outbox.addFailed(next);
        }
    }
}
