package io.penstock.jms.session;

import io.penstock.jms.client.ClientSession;
import io.penstock.jms.client.Confirmation;
import io.penstock.jms.client.DeliveryBatch;
import io.penstock.jms.client.HandOutMemory;
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
    private static final long LAZY_FLUSH_MILLIS = 20;
    /** How long a listener's thread may wait for the next message before it goes. */
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final PenstockConnection connection;
    private final AcknowledgeMode mode;
    private volatile ClientSession client;
    private final SettlementOutbox outbox;
    private final List<ConsumerCore> consumers = new ArrayList<>();
    private final List<HandedOut> unacknowledged = new ArrayList<>();
    private final Settlements heldAtClose = new Settlements();
    private boolean started;
    private boolean closed;
    private JMSException failure;
    private int receivers;
    private boolean dispatching;
    /** The thread that is inside a listener, and whose. */
    private Thread listening;

    private ConsumerCore listeningTo;
    private HandedOut inListener;
    /** Taken by a receive and not yet in the books. */
    private HandedOut inHand;

    private int lostMessages;
    private boolean takenBack;
    private int lastServed;
    private final AtomicBoolean flushScheduled = new AtomicBoolean();
    private boolean markScheduled;

    SessionCore(PenstockConnection connection, AcknowledgeMode mode) {
        this.connection = connection;
        this.mode = mode;
        this.outbox = new SettlementOutbox();
    }

    /** Before anything else. */
    void opened(ClientSession session) {
        client = session;
        outbox.opened(session);
    }

    // ---- what the engine says

    void delivered(ConsumerCore consumer, DeliveryBatch batch) {
        lock.lock();
        try {
            // A consumer that was closed has given back by its Detach; what crosses it goes back with the session.
            if (!consumer.closed && !closed) {
                consumer.inbox.add(batch);
                wake();
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
        rememberHandedOut();
        lock.lock();
        try {
            failure = cause;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What the application has had, and the broker may not have heard of, is not forgotten with the connection. */
    private void rememberHandedOut() {
        Settlements handedOut = outbox.takeWith(List.of());
        lock.lock();
        try {
            addHeld(handedOut);
        } finally {
            lock.unlock();
        }
        HandOutMemory.PROCESS.remember(handedOut, connection.clock());
    }

    /** The broker has not confirmed the session's end. */
    void closedUnconfirmed() {
        HandOutMemory.PROCESS.remember(heldAtClose, connection.clock());
    }

    /** Everything that was handed out and not acknowledged. Holds the lock. */
    private void addHeld(Settlements handedOut) {
        unacknowledged.forEach(message -> addMark(handedOut, message));
        if (inListener != null) {
            addMark(handedOut, inListener);
        }
        for (ConsumerCore consumer : consumers) {
            consumer.inbox.again().forEach(message -> addMark(handedOut, message));
        }
    }

    private static void addMark(Settlements handedOut, HandedOut message) {
        handedOut.add(message.consumer.client(), message.delivery, message.presented, Outcome.MARKED);
    }

    // ---- interruptions

    @Override
    public void interrupted() throws JMSException {
        outbox.whileNothingIsSettled(waiting -> {
            Settlements handedOut = new Settlements();
            lock.lock();
            try {
                consumers.stream().filter(consumer -> consumer.survivesClient).forEach(ConsumerCore::restart);
                addHeld(handedOut);
                for (HandedOut message : new HandedOut[] {inListener, inHand}) {
                    if (message != null && message.presented == 0) { // It will be handed out in a moment.
                        handedOut.add(
                                message.consumer.client(), message.delivery, message.deliveryCount(), Outcome.MARKED);
                    }
                }
            } finally {
                lock.unlock();
            }
            handedOut.addAll(waiting);
            HandOutMemory.PROCESS.remember(handedOut, connection.clock());
        });
    }

    @Override
    public void restore(Restoring engine) throws JMSException {
        outbox.whileNothingIsSettled(waiting -> {
            Settlements held = new Settlements();
            lock.lock();
            try {
                consumers.forEach(ConsumerCore::restart);
                addHeld(held);
                if (inHand != null) {
                    addMark(held, inHand);
                }
            } finally {
                lock.unlock();
            }
            held.addAll(waiting);
            Lost lost = engine.held(held);
            waiting.dropMarks(); // The broker has heard of all that is held.
            if (lost != Lost.NOTHING) {
                drop(lost);
            }
        });
    }

    /** The broker gives these to whoever comes: a transaction with them cannot be committed. */
    private void drop(Lost lost) {
        Settlements dropped = new Settlements();
        lock.lock();
        try {
            int before = unacknowledged.size();
            unacknowledged.removeIf(message -> isLost(message, lost, dropped));
            lostMessages += before - unacknowledged.size();
            for (ConsumerCore consumer : consumers) {
                consumer.inbox.dropAgain(message -> isLost(message, lost, dropped));
            }
            for (HandedOut message : new HandedOut[] {inListener, inHand}) {
                if (message != null && isLost(message, lost, dropped)) {
                    message.lost = true;
                    lostMessages += mode.keepsUnacknowledged() ? 1 : 0;
                }
            }
        } finally {
            lock.unlock();
        }
        HandOutMemory.PROCESS.remember(dropped, connection.clock());
    }

    private static boolean isLost(HandedOut message, Lost lost, Settlements dropped) {
        if (!lost.contains(message.consumer.client(), message.delivery.partition(), message.delivery.offset())) {
            return false;
        }
        addMark(dropped, message);
        return true;
    }

    /** How many messages the broker has taken away since the last call. */
    int takeLoss() {
        lock.lock();
        try {
            int taken = lostMessages;
            lostMessages = 0;
            return taken;
        } finally {
            lock.unlock();
        }
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
            awaitListener(null);
        } finally {
            lock.unlock();
        }
    }

    boolean insideListener() {
        lock.lock();
        try {
            return Thread.currentThread().equals(listening);
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
            awaitListener(null);
            addHeld(heldAtClose);
            for (ConsumerCore consumer : consumers) {
                consumer.closed = true;
                consumer.inbox.clearAgain();
                consumer.inbox.clearPushed();
            }
            consumers.clear();
            unacknowledged.clear();
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

    private void awaitListener(ConsumerCore only) {
        while (listening != null
                && !listening.equals(Thread.currentThread())
                && (only == null || only.equals(listeningTo))) {
            changed.awaitUninterruptibly();
        }
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
            awaitListener(consumer);
            consumers.remove(consumer);
            repeated = consumer.inbox.clearAgain();
            fresh = consumer.inbox.clearPushed();
        } finally {
            lock.unlock();
        }
        giveBack(repeated);
        outbox.flush(Confirmation.SENT_SOON);
        return fresh;
    }

    private void giveBack(List<HandedOut> messages) {
        for (HandedOut message : messages) {
            outbox.add(message, message.repeats == 0 ? Outcome.RELEASED : Outcome.RELEASED_COUNTED, true);
        }
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
                client.readUntil(() -> hasNews(consumer), timeoutNanos < 0 ? LINGER_NANOS : timeoutNanos);
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
                inHand = next;
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
    private boolean open(HandedOut next) throws JMSException {
        if (next.lost) {
            return false;
        }
        long expiration = next.delivery.expiration();
        if (expiration != 0 && expiration <= connection.clock().wallMillis()) {
            accept(next, false);
            scheduleFlush();
            return false;
        }
        HandOutMemory.Found before = next.repeats > 0 ? null : handedOutBefore(next);
        if (before != null) {
            if (before.accepted() && !next.delivery.persistent()) {
                accept(next, false); // At most once.
                scheduleFlush();
                return false;
            }
            next.handedOutBefore(before.count());
        }
        next.opened = next.delivery.message(next.deliveryCount(), this::acknowledge);
        return true;
    }

    private HandOutMemory.Found handedOutBefore(HandedOut next) {
        return HandOutMemory.PROCESS.isEmpty()
                ? null
                : HandOutMemory.PROCESS.find(
                        next.consumer.client(), next.delivery.partition(), next.delivery.offset(), connection.clock());
    }

    /** Writes down that the application has the message, and returns it. */
    Message handedOut(HandedOut next) throws JMSException {
        Message message = next.opened;
        next.opened = null;
        next.presented = next.deliveryCount();
        if (mode.keepsUnacknowledged()) {
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

    private void keep(HandedOut next) {
        lock.lock();
        try {
            inHand = null;
            if (next.lost) {
                return;
            }
            unacknowledged.add(next);
        } finally {
            lock.unlock();
        }
        if (next.consumer.survivesClient) {
            outbox.add(next, Outcome.MARKED, true);
        }
    }

    /** Puts a message back as if it had not been taken (rule 5). */
    void untake(HandedOut message) {
        message.opened = null;
        lock.lock();
        try {
            inHand = null;
            message.consumer.inbox.back(message);
            wake();
        } finally {
            lock.unlock();
        }
    }

    private void scheduleFlush() {
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

    private void flushOrFail() {
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
            if (mode == AcknowledgeMode.CLIENT && lostMessages > 0) {
                int lost = lostMessages;
                lostMessages = 0;
                throw new JMSException(
                        lost + " of the messages were taken away from the session while the connection was interrupted "
                                + "and will be delivered again; nothing was acknowledged",
                        "ACQUISITION_LOST");
            }
            if (mode != AcknowledgeMode.CLIENT || unacknowledged.isEmpty()) {
                return;
            }
            all = List.copyOf(unacknowledged);
        } finally {
            lock.unlock();
        }
        Waiting.until(outbox.commit(all), connection.client(), "acknowledging");
        forget(all);
    }

    /** Everything that a commit accepts. */
    List<HandedOut> unacknowledged() {
        lock.lock();
        try {
            return List.copyOf(unacknowledged);
        } finally {
            lock.unlock();
        }
    }

    Settlements settlementsWith(List<HandedOut> accepted) {
        return outbox.takeWith(accepted);
    }

    /** A commit of unknown outcome: the broker gives back what it has not settled. */
    void abandon(List<HandedOut> inDoubt) {
        Settlements handedOut = new Settlements();
        inDoubt.forEach(message -> addMark(handedOut, message));
        HandOutMemory.PROCESS.remember(handedOut, connection.clock());
        forget(inDoubt);
    }

    void forget(List<HandedOut> settled) {
        lock.lock();
        try {
            if (settled.size() == unacknowledged.size()) {
                unacknowledged.clear();
            } else {
                unacknowledged.removeAll(settled);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Rule 2: everything unacknowledged comes again, in order, counted once more. */
    void takeBack() throws JMSException {
        List<HandedOut> orphans = new ArrayList<>();
        lock.lock();
        try {
            for (int i = unacknowledged.size() - 1; i >= 0; i--) {
                HandedOut message = unacknowledged.get(i);
                message.repeats++;
                if (message.consumer.closed) {
                    orphans.add(0, message);
                } else {
                    message.consumer.inbox.back(message);
                }
            }
            unacknowledged.clear();
            takenBack = true;
            lostMessages = 0;
            wake();
        } finally {
            lock.unlock();
        }
        giveBack(orphans);
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

    // ---- listeners

    /** Wakes who waits, and sees to it that listeners are served. Holds the lock. */
    private void wake() {
        if (receivers > 0) {
            changed.signalAll();
        }
        if (!dispatching && mayListen() && nextForListener() != null) {
            dispatching = true;
            Workers.run(this::dispatch);
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
        lock.lock();
        try {
            consumer.listener = listener;
        } finally {
            lock.unlock();
        }
        while (takeLoaded(consumer)) {
            serve(consumer);
        }
        flushOrFail();
    }

    private boolean takeLoaded(ConsumerCore consumer) {
        lock.lock();
        try {
            while (!closed && failure == null && (!started || listening != null)) {
                changed.awaitUninterruptibly();
            }
            inListener = mayListen() && !consumer.closed ? consumer.take() : null;
            if (inListener == null) {
                return false;
            }
            listening = Thread.currentThread();
            listeningTo = consumer;
            takenBack = false;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Of what was taken just now. */
    private void serve(ConsumerCore consumer) throws JMSException {
        HandedOut next = inListener;
        try {
            outbox.beforeNext();
            if (!consumer.isOneByOne()) {
                consumer.replenish();
            }
            if (open(next)) {
                call(consumer, next);
            }
        } finally {
            if (consumer.isOneByOne()) {
                consumer.replenish();
            }
            lock.lock();
            try {
                listening = null;
                listeningTo = null;
                inListener = null;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private ConsumerCore takeForListener() {
        lock.lock();
        try {
            ConsumerCore consumer = mayListen() ? nextForListener() : null;
            inListener = consumer == null ? null : consumer.take();
            if (inListener != null) {
                listening = Thread.currentThread();
                listeningTo = consumer;
                takenBack = false;
                return consumer;
            }
        } finally {
            lock.unlock();
        }
        return null;
    }

    /** Nothing is there: waits a little for more, where waiting is reading. Then no thread is dispatching. */
    private boolean dispatchEnds() {
        flushOrFail();
        client.readUntil(this::hasNewsForListener, LINGER_NANOS);
        lock.lock();
        try {
            dispatching = mayListen() && nextForListener() != null;
            return !dispatching;
        } finally {
            lock.unlock();
        }
    }

    private boolean hasNewsForListener() {
        lock.lock();
        try {
            return closed || failure != null || consumers.stream().anyMatch(ConsumerCore::hasWorkForListener);
        } finally {
            lock.unlock();
        }
    }

    private boolean mayListen() {
        return started && !closed && failure == null;
    }

    private void call(ConsumerCore consumer, HandedOut next) throws JMSException {
        Message message = next.opened;
        next.opened = null;
        next.presented = next.deliveryCount();
        if (mode.keepsUnacknowledged()) {
            keep(next);
            connection.runListener(consumer.listener, message); // Rule 4: on with the next message in any case.
            return;
        }
        if (!next.delivery.persistent()) {
            accept(next, consumer.survivesClient); // At most once: settled before it is handed out.
            outbox.beforeNext();
        }
        if (consumer.survivesClient && !next.settled) {
            scheduleMark();
        }
        boolean good = connection.runListener(consumer.listener, message);
        if (good && !wasTakenBack()) {
            accept(next, mode == AcknowledgeMode.AUTO && consumer.survivesClient);
        } else {
            repeat(next);
        }
    }

    /**
     * An attempt counts also when the process dies in it (rule 3, invariant 19), so the broker is told of a hand-out that
     * is not settled soon.
     */
    private void scheduleMark() {
        lock.lock();
        try {
            if (markScheduled) {
                return;
            }
            markScheduled = true;
        } finally {
            lock.unlock();
        }
        // On a worker, for the engine's thread must not wait for one that is writing.
        connection.client().later(() -> Workers.run(this::markRunning), LAZY_FLUSH_MILLIS);
    }

    private void markRunning() {
        HandedOut running;
        lock.lock();
        try {
            markScheduled = false;
            running = inListener;
            if (running == null || closed || running.marked || running.settled) {
                return;
            }
            running.marked = true;
        } finally {
            lock.unlock();
        }
        // If the message is settled meanwhile, the broker leaves the mark alone.
        outbox.add(running, Outcome.MARKED, false);
        flushOrFail();
    }

    private void accept(HandedOut message, boolean urgent) {
        if (!message.settled && !message.lost) {
            message.settled = true;
            outbox.add(message, Outcome.ACCEPTED, urgent);
        }
        handled(message);
    }

    /** It is in the books now. */
    private void handled(HandedOut message) {
        lock.lock();
        try {
            inHand = inHand == message ? null : inHand;
        } finally {
            lock.unlock();
        }
    }

    private boolean wasTakenBack() {
        lock.lock();
        try {
            return takenBack;
        } finally {
            lock.unlock();
        }
    }

    private void repeat(HandedOut next) {
        boolean gone;
        boolean told;
        lock.lock();
        try {
            next.repeats++;
            told = next.marked;
            next.marked = false;
            gone = next.consumer.closed;
            if (!gone) {
                next.consumer.inbox.back(next);
            }
        } finally {
            lock.unlock();
        }
        if (!next.settled && (gone || (next.consumer.survivesClient && !told))) {
            outbox.add(next, gone ? Outcome.RELEASED_COUNTED : Outcome.MARKED, true);
        }
    }

    static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
