package io.penstock.jms.session;

import io.penstock.jms.client.ClientConsumer;
import io.penstock.jms.client.ClientSession;
import io.penstock.jms.client.Confirmation;
import io.penstock.jms.client.OffsetsByPartition;
import io.penstock.jms.client.Settlements;
import io.penstock.jms.client.Settlements.Outcome;
import jakarta.jms.JMSException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Marks and settlements that are not yet on the socket. What must be there before the next message is handed out is
 * urgent; the rest travels with it, when enough has gathered, or a little later.
 *
 * <p>Any thread; the lock also keeps settlements in the order of their sequence numbers. It is never taken with the
 * session's lock to be had afterwards.
 */
final class SettlementOutbox {
    private static final Logger LOG = LoggerFactory.getLogger(SettlementOutbox.class);
    private static final int LAZY_MAX = 256;

    private volatile ClientSession client;
    private final ReentrantLock lock = new ReentrantLock();
    private Settlements waiting = new Settlements();
    private volatile boolean urgent;
    private volatile int count;

    void opened(ClientSession session) {
        client = session;
    }

    /** Nothing is settled while {@code task} runs; it gets what waits. */
    void whileNothingIsSettled(Pause task) throws JMSException {
        lock.lock();
        try {
            task.run(waiting);
        } finally {
            lock.unlock();
        }
    }

    /** Something to be done between settlements. */
    interface Pause {
        void run(Settlements waiting) throws JMSException;
    }

    void add(HandedOut message, Outcome outcome, boolean isUrgent) {
        lock.lock();
        try {
            ClientConsumer consumer = message.consumer.client();
            if (outcome == Outcome.MARKED) {
                // Of hand-outs that the broker has never heard of, each is a mark of its own.
                for (int missed = message.missedMarks(); missed > 0; missed--) {
                    waiting.add(consumer, message.delivery, message.presented - missed, outcome);
                }
            }
            waiting.add(consumer, message.delivery, message.presented, outcome);
            count = count + 1;
            urgent |= isUrgent;
        } finally {
            lock.unlock();
        }
    }

    /** Goes back after hand-outs that failed. Where they were not told one by one, each is told now. */
    void addFailed(HandedOut message) {
        lock.lock();
        try {
            ClientConsumer consumer = message.consumer.client();
            for (int untold = message.consumer.survivesClient ? 0 : message.repeats; untold > 0; untold--) {
                waiting.add(consumer, message.delivery, message.presented - untold, Outcome.MARKED);
            }
            waiting.add(consumer, message.delivery, message.presented, Outcome.RELEASED_COUNTED);
            count = count + 1;
            urgent = true;
        } finally {
            lock.unlock();
        }
    }

    /** Messages that were handed out, or about to be, and taken back. */
    void giveBack(List<HandedOut> messages) {
        for (HandedOut message : messages) {
            if (message.repeats == 0) {
                add(message, Outcome.RELEASED, true);
            } else {
                addFailed(message);
            }
        }
    }

    /** Messages that were never handed out go back at once, unless the connection is gone, and all with it. */
    void giveBack(ClientConsumer consumer, OffsetsByPartition messages) {
        if (messages.isEmpty()) {
            return;
        }
        Settlements back = new Settlements();
        messages.ranges().forEach((partition, ranges) -> {
            for (int i = 0; i < ranges.size(); i++) {
                for (long offset = ranges.first(i); offset <= ranges.last(i); offset++) {
                    back.add(consumer, partition, offset, 0, Outcome.RELEASED);
                }
            }
        });
        lock.lock();
        try {
            var unused = client.settle(back, Confirmation.SENT_SOON);
        } catch (JMSException e) {
            LOG.debug("What consumer {} never handed out goes back with its session", consumer.id(), e);
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Before the next message is handed out: writes what may not wait, and what is much. */
    void beforeNext() throws JMSException {
        if (urgent) {
            flush(Confirmation.ON_SOCKET);
        } else if (count >= LAZY_MAX) {
            flush(Confirmation.SENT_SOON);
        }
    }

    void flush(Confirmation confirmation) throws JMSException {
        if (count == 0) {
            return;
        }
        lock.lock();
        try {
            if (count > 0) {
                var unused = client.settle(take(), confirmation);
            }
        } finally {
            lock.unlock();
        }
    }

    /** For the engine's thread: does not wait for a thread that is writing, which takes everything along or comes back. */
    void flushSoon() throws JMSException {
        if (count > 0 && lock.tryLock()) {
            try {
                flush(Confirmation.SENT_SOON);
            } finally {
                lock.unlock();
            }
        }
    }

    /** Settles what waits together with {@code more}; the future completes when that is committed. */
    CompletableFuture<Void> commit(Iterable<HandedOut> more) throws JMSException {
        lock.lock();
        try {
            return client.settle(takeWith(more), Confirmation.COMMITTED);
        } finally {
            lock.unlock();
        }
    }

    /** What waits and the acceptance of {@code more}, for the caller to send. */
    Settlements takeWith(Iterable<HandedOut> more) {
        lock.lock();
        try {
            Settlements all = take();
            for (HandedOut message : more) {
                all.add(message.consumer.client(), message.delivery, message.presented, Outcome.ACCEPTED);
            }
            return all;
        } finally {
            lock.unlock();
        }
    }

    private Settlements take() {
        Settlements taken = waiting;
        waiting = new Settlements();
        count = 0;
        urgent = false;
        return taken;
    }
}
