package io.penstock.jms.session;

import io.penstock.jms.client.ClientConsumer;
import io.penstock.jms.client.DeliveryBatch;
import io.penstock.jms.client.DeliverySink;
import io.penstock.jms.client.OffsetsByPartition;
import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;

/**
 * A consumer's state: what it holds, what credit it owes. Fields are guarded by the session's lock, except the attached
 * consumer, which is set once before the consumer is published.
 */
final class ConsumerCore implements DeliverySink {
    private final SessionCore session;
    private final Prefetch prefetch;
    /** Settlements must be on the socket before the next message is handed out; not where nothing outlives the client. */
    final boolean survivesClient;

    final Inbox inbox = new Inbox(this);
    private volatile ClientConsumer client;
    MessageListener listener;
    /** Loaded once, for Session.run, which hands its messages out. */
    boolean loaded;

    boolean closed;
    /** The broker has answered its Detach, or nobody has waited for that. */
    boolean detached;

    JMSException failure;
    private int takenSinceCredit;

    ConsumerCore(SessionCore session, Prefetch prefetch, boolean survivesClient) {
        this.session = session;
        this.prefetch = prefetch;
        this.survivesClient = survivesClient;
    }

    void attached(ClientConsumer attached) {
        client = attached;
    }

    ClientConsumer client() {
        return client;
    }

    int id() {
        return client.id();
    }

    @Override
    public void delivered(DeliveryBatch batch) {
        session.delivered(this, batch);
    }

    @Override
    public void failed(JMSException cause) {
        session.consumerFailed(this, cause);
    }

    /** True with a prefetch of 1: the next message is asked for when this one is done with, and may go elsewhere. */
    boolean isOneByOne() {
        return prefetch.messages() == 1;
    }

    boolean hasWorkForListener() {
        return listener != null && !loaded && !closed && !inbox.isEmpty();
    }

    /** Takes the next message out of the inbox, or null. Holds the session's lock. */
    HandedOut take() {
        HandedOut next = inbox.next();
        if (next != null && next.repeats == 0) {
            takenSinceCredit++;
        }
        return next;
    }

    /** What was pushed is forgotten, and comes again with new credit. Holds the session's lock. */
    void restart() {
        inbox.clearPushed();
        inbox.bytesCredited();
        takenSinceCredit = 0;
    }

    /** What crossed the Detach goes back now; what is later still, pushed by way of another broker, when it comes. */
    void detached() {
        session.lock.lock();
        try {
            detached = true;
        } finally {
            session.lock.unlock();
        }
        giveBackCrossed();
    }

    /** Never on the engine's thread, which must not wait for one that writes. */
    void giveBackCrossed() {
        OffsetsByPartition crossed;
        session.lock.lock();
        try {
            crossed = inbox.clearPushed();
        } finally {
            session.lock.unlock();
        }
        session.outbox().giveBack(client, crossed);
    }

    /**
     * Gives credit for what was taken, when it is enough to be worth a frame. Called before the next message is wanted and
     * not after the last one, so that with a prefetch of 1 nothing is held that is not asked for.
     */
    void replenish() {
        if (loaded) {
            return;
        }
        int messages;
        long bytes;
        session.lock.lock();
        try {
            bytes = inbox.bytesEmptied();
            messages = takenSinceCredit;
            if (closed || (messages < prefetch.messagesWorthCredit() && bytes < prefetch.bytesWorthCredit())) {
                return;
            }
            takenSinceCredit = 0;
            inbox.bytesCredited();
        } finally {
            session.lock.unlock();
        }
        client.credit(messages, (int) Math.min(Integer.MAX_VALUE, bytes));
    }
}
