package io.penstock.jms.session;

import io.penstock.jms.client.ClientSession;
import io.penstock.jms.client.Confirmation;
import io.penstock.jms.client.DeliveryBatch;
import io.penstock.jms.client.OffsetsByPartition;
import io.penstock.jms.client.SessionState;
import io.penstock.jms.client.Settlements;
import io.penstock.jms.client.Settlements.Outcome;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The receiving half of a session: hands messages out, in order, to one thread at a time, and keeps the books on what was
 * handed out (rules 1 to 6, 22 to 24). Application threads, the engine's thread and one worker meet here under one lock,
 * which is never held while an application's code runs or anything is written.
 *
 * <pre>
 *                 take              accept (AUTO, DUPS_OK after the hand-out; CLIENT, TRANSACTED by word)
 *   inbox -----------------> handed out -----------------------------------------> outbox -> broker
 *     ^                          |  mark, before the next hand-out
 *     +--------------------------+
 *          recover, rollback, RuntimeException: count + 1
 * </pre>
 */
final class SessionCore implements SessionState {
    /** How long a settlement may wait for company when the application is not asking for messages. */
    static final long LAZY_FLUSH_MILLIS = 20;

    final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final PenstockConnection connection;
    private final AcknowledgeMode mode;
    private volatile ClientSession client;
    private final SettlementOutbox outbox;
    private final List<ConsumerCore> consumers = new ArrayList<>();
    private final HandOutBooks books;
    private final ListenerDispatch listeners;
    private final Opening opening;
    private boolean started;
    private boolean closed;
    private JMSException failure;
    private int receivers;
    private volatile boolean branches;
    private final AtomicBoolean flushScheduled = new AtomicBoolean();

    SessionCore(PenstockConnection connection, AcknowledgeMode mode) {
        this.connection = connection;
        this.mode = mode;
        this.outbox = new SettlementOutbox();
        this.books = new HandOutBooks(lock, connection, mode, outbox, consumers);
        this.listeners = new ListenerDispatch(this, connection, mode, changed, outbox, books, consumers);
        this.opening = new Opening(this, connection);
    }

    /** Before anything else. */
    void opened(ClientSession session) {
        client = session;
        outbox.opened(session);
    }

    /** It is an XA session's: a listener may begin a branch that its message belongs to. */
    void mayHaveBranches() {
        branches = true;
    }

    boolean hasBranches() {
        return branches;
    }

    // ---- what the engine says

    void delivered(ConsumerCore consumer, DeliveryBatch batch) {
        lock.lock();
        try {
            if (closed) {
                return; // It goes back with the session.
            }
            consumer.inbox.add(batch);
            if (!consumer.closed) {
                wake();
            } else if (consumer.detached) {
                Workers.run(consumer::giveBackCrossed);
            }
        } finally {
            lock.unlock();
        }
    }

    void consumerFailed(ConsumerCore consumer, JMSException cause) {
        boolean told;
        lock.lock();
        try {
            consumer.failure = cause;
            told = consumer.listener == null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (!told) {
            connection.reportAsync(cause);
        }
    }

    void connectionFailed(JMSException cause) {
        books.connectionFailed();
        lock.lock();
        try {
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    // ---- interruptions

    @Override
    public void interrupted() throws JMSException {
        books.interrupted();
    }

    @Override
    public void restore(Restoring engine) throws JMSException {
        books.restore(engine);
    }

    // ---- starting and stopping

    void start() {
        lock.lock();
        try {
            started = true;
            changed.signalAll();
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Returns when no listener is running, unless it is the caller's. */
    void stop() {
        lock.lock();
        try {
            started = false;
            listeners.await(null);
        } finally {
            lock.unlock();
        }
    }

    boolean insideListener() {
        lock.lock();
        try {
            return listeners.isInside();
        } finally {
            lock.unlock();
        }
    }

    /** Ends all receives and waits for a running listener. False if it was closed before. */
    boolean close() {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            closed = true;
            changed.signalAll();
            listeners.await(null);
            books.close();
            for (ConsumerCore consumer : consumers) {
                consumer.closed = true;
                consumer.inbox.clearAgain();
                consumer.inbox.clearPushed();
            }
            consumers.clear();
            return true;
        } finally {
            lock.unlock();
        }
    }

    void flush(Confirmation confirmation) throws JMSException {
        outbox.flush(confirmation);
    }
    /** What has not been said yet of what was handed out; for the end of the session. */
    Settlements lastWords() {
        return outbox.takeWith(List.of());
    }

    // ---- consumers

    void add(ConsumerCore consumer) {
        lock.lock();
        try {
            consumers.add(consumer);
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Rule 24: a session is asynchronous or synchronous. */
    void checkNoListener() throws IllegalStateException {
        lock.lock();
        try {
            for (ConsumerCore consumer : consumers) {
                if (consumer.listener != null) {
                    throw new IllegalStateException(
                            "the session has a MessageListener, and so its messages cannot be received by calls");
                }
            }
        } finally {
            lock.unlock();
        }
    }

    void listen(ConsumerCore consumer, MessageListener listener) {
        lock.lock();
        try {
            consumer.listener = listener;
            wake();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed(ConsumerCore consumer) {
        lock.lock();
        try {
            return consumer.closed;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a consumer out; returns what it has never handed out, or null if it was closed before. */
    OffsetsByPartition close(ConsumerCore consumer) throws JMSException {
        OffsetsByPartition fresh;
        List<HandedOut> repeated;
        client.readArrived();
        lock.lock();
        try {
            if (consumer.closed) {
                return null;
            }
            consumer.closed = true;
            changed.signalAll();
            listeners.await(consumer);
            consumers.remove(consumer);
            repeated = consumer.inbox.clearAgain();
            fresh = consumer.inbox.clearPushed();
        } finally {
            lock.unlock();
        }
        outbox.giveBack(repeated);
        outbox.flush(Confirmation.SENT_SOON);
        return fresh;
    }

    SettlementOutbox outbox() {
        return outbox;
    }

    /** What the session has handed out. */
    HandOutBooks books() {
        return books;
    }

    // ---- receiving

    /**
     * The next message, or null when time is up or the consumer is closed.
     *
     * @param timeoutNanos negative: for ever; 0: only what is here
     */
    Message receive(ConsumerCore consumer, long timeoutNanos) throws JMSException {
        HandedOut next = receiveUncounted(consumer, timeoutNanos);
        if (next == null) {
            return null;
        }
        return handedOut(next);
    }

    /** As {@link #receive}, but the message counts as handed out only when {@link #handedOut} says so. */
    HandedOut receiveUncounted(ConsumerCore consumer, long timeoutNanos) throws JMSException {
        outbox.beforeNext();
        long deadline = connection.clock().nanos() + timeoutNanos;
        while (true) {
            consumer.replenish();
            if (timeoutNanos != 0 && !hasNews(consumer)) {
                client.readUntil(
                        () -> hasNews(consumer), timeoutNanos < 0 ? ListenerDispatch.LINGER_NANOS : timeoutNanos);
            }
            HandedOut next = await(
                    consumer,
                    timeoutNanos < 0
                            ? Long.MAX_VALUE
                            : deadline - connection.clock().nanos());
            if (next == null) {
                return null;
            }
            if (open(next)) {
                return next;
            }
        }
    }

    private boolean hasNews(ConsumerCore consumer) {
        lock.lock();
        try {
            return consumer.closed
                    || closed
                    || failure != null
                    || consumer.failure != null
                    || !consumer.inbox.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private HandedOut await(ConsumerCore consumer, long nanos) throws JMSException {
        long left = nanos;
        lock.lock();
        receivers++;
        try {
            while (true) {
                if (consumer.closed || closed) {
                    return null;
                }
                if (failure != null || consumer.failure != null) {
                    throw JmsExceptions.again(failure != null ? failure : consumer.failure);
                }
                HandedOut next = started ? consumer.take() : null;
                books.inHand(next);
                if (next != null || left <= 0) {
                    return next;
                }
                left = left == Long.MAX_VALUE ? awaitLong() : changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            JMSException interrupted = new JMSException("the receiving thread was interrupted");
            interrupted.setLinkedException(e);
            throw interrupted;
        } finally {
            receivers--;
            lock.unlock();
        }
    }

    private long awaitLong() throws InterruptedException {
        changed.await();
        return Long.MAX_VALUE;
    }

    /** Makes the message; false if it has expired, and then it is settled. */
    boolean open(HandedOut next) throws JMSException {
        return opening.open(next);
    }

    /** Writes down that the application has the message, and returns it. */
    Message handedOut(HandedOut next) throws JMSException {
        Message message = next.opened;
        next.opened = null;
        next.presented = next.deliveryCount();
        if (books.keepsUnacknowledged()) {
            keep(next);
        } else {
            accept(next, mode == AcknowledgeMode.AUTO && next.consumer.survivesClient);
            if (!next.delivery.persistent()) {
                outbox.beforeNext(); // At most once: settled before it is handed out.
            }
        }
        scheduleFlush();
        return message;
    }

    void keep(HandedOut next) {
        if (books.keep(next) && next.consumer.survivesClient) {
            outbox.add(next, Outcome.MARKED, true);
        }
    }

    /** Puts a message back as if it had not been taken (rule 5). */
    void untake(HandedOut message) {
        message.opened = null;
        lock.lock();
        try {
            books.inHand(null);
            message.consumer.inbox.back(message);
            wake();
        } finally {
            lock.unlock();
        }
    }

    void scheduleFlush() {
        if (!outbox.isEmpty() && flushScheduled.compareAndSet(false, true)) {
            connection.client().later(this::flushLazily, LAZY_FLUSH_MILLIS);
        }
    }

    private void flushLazily() {
        flushScheduled.set(false);
        try {
            outbox.flushSoon();
        } catch (JMSException e) {
            connectionFailed(e);
        }
    }

    void flushOrFail() {
        try {
            outbox.flush(Confirmation.SENT_SOON);
        } catch (JMSException e) {
            connectionFailed(e);
        }
    }

    // ---- acknowledging

    /** Rule 1: everything that the session has handed out. */
    void acknowledge() throws JMSException {
        List<HandedOut> all;
        lock.lock();
        try {
            checkOpen();
            int lost = mode == AcknowledgeMode.CLIENT ? books.takeLoss() : 0;
            if (lost > 0) {
                throw new JMSException(
                        lost + " of the messages were taken away from the session while the connection was interrupted "
                                + "and will be delivered again; nothing was acknowledged",
                        "ACQUISITION_LOST");
            }
            all = mode == AcknowledgeMode.CLIENT ? books.unacknowledged() : List.of();
        } finally {
            lock.unlock();
        }
        if (all.isEmpty()) {
            return;
        }
        Waiting.until(outbox.commit(all), connection.client(), "acknowledging");
        books.forget(all);
    }

    /** Rule 2: everything unacknowledged comes again, in order, counted once more. */
    void takeBack() throws JMSException {
        takeBack(books.own());
    }

    /** As {@link #takeBack()}, of a branch. */
    void takeBack(Unacknowledged of) throws JMSException {
        List<HandedOut> orphans;
        lock.lock();
        try {
            orphans = books.takeBack(of);
            if (of == books.own()) {
                listeners.takenBack();
            }
            wake();
        } finally {
            lock.unlock();
        }
        outbox.giveBack(orphans);
        outbox.beforeNext();
    }

    private void checkOpen() throws JMSException {
        if (closed) {
            throw new IllegalStateException("the session is closed");
        }
        if (failure != null) {
            throw JmsExceptions.again(failure);
        }
    }

    void accept(HandedOut message, boolean urgent) {
        if (!message.settled && !message.lost) {
            message.settled = true;
            outbox.add(message, Outcome.ACCEPTED, urgent);
        }
        books.handled(message);
    }

    // ---- listeners

    /** Wakes who waits, and sees to it that listeners are served. Holds the lock. */
    private void wake() {
        if (receivers > 0) {
            changed.signalAll();
        }
        listeners.wake();
    }

    /** Hands all that a consumer was loaded with to its listener; on an application server's thread. */
    void runLoaded(ConsumerCore consumer, MessageListener listener) throws JMSException {
        listeners.runLoaded(consumer, listener);
    }

    /** The caller holds the lock. */
    boolean mayListen() {
        return started && mayStillListen();
    }

    /** Though perhaps not now. The caller holds the lock. */
    boolean mayStillListen() {
        return !closed && failure == null;
    }

    /** The caller holds the lock. */
    boolean isStarted() {
        return started;
    }

    /** The caller holds the lock. */
    boolean isClosed() {
        return closed;
    }

    void readUntil(BooleanSupplier done, long timeoutNanos) {
        client.readUntil(done, timeoutNanos);
    }

    static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
