package io.penstock.jms.session;

import io.penstock.jms.client.HandOutMemory;
import io.penstock.jms.client.SessionState.Lost;
import io.penstock.jms.client.SessionState.Restoring;
import io.penstock.jms.client.Settlements;
import io.penstock.jms.client.Settlements.Outcome;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a session has handed out, or is about to, and has not settled: what its broker is told after an interruption, and
 * what outlives a connection that does not come back (rules 1 to 3, 6).
 *
 * <p>Guarded by the session's lock, which methods take unless they say that their caller holds it.
 */
final class HandOutBooks {
    private final ReentrantLock lock;
    private final PenstockConnection connection;
    private final AcknowledgeMode mode;
    private final SettlementOutbox outbox;
    private final List<ConsumerCore> consumers;
    /** What belongs to no branch. */
    private final Unacknowledged own = new Unacknowledged();
    /** Of an XA session: what branches have that are neither prepared nor over. */
    private final Set<Unacknowledged> ofBranches = new LinkedHashSet<>();

    private volatile Unacknowledged current = own;
    private final Settlements heldAtClose = new Settlements();
    /** Taken by a receive and not yet in the books. */
    private volatile HandedOut inHand;

    private HandedOut inListener;

    /** @param consumers the session's, guarded by its lock */
    HandOutBooks(
            ReentrantLock lock,
            PenstockConnection connection,
            AcknowledgeMode mode,
            SettlementOutbox outbox,
            List<ConsumerCore> consumers) {
        this.lock = lock;
        this.connection = connection;
        this.mode = mode;
        this.outbox = outbox;
        this.consumers = consumers;
    }

    // ---- what is being handed out

    /** A receive has taken it, or nothing. The caller holds the lock. */
    void inHand(HandedOut taken) {
        inHand = taken;
    }

    /** A listener is about to get it, or has returned. The caller holds the lock. */
    void inListener(HandedOut taken) {
        inListener = taken;
    }

    HandedOut inListener() {
        return inListener;
    }

    /** It is settled, or on the way to it. */
    void handled(HandedOut message) {
        if (inHand != message) {
            return; // Of a listener's messages none is in hand, and what is in hand is its receiver's to change.
        }
        lock.lock();
        try {
            inHand = inHand == message ? null : inHand;
        } finally {
            lock.unlock();
        }
    }

    /** Whether what is handed out now is acknowledged later, by the application's word or a transaction's end. */
    boolean keepsUnacknowledged() {
        return mode.keepsUnacknowledged() || current != own;
    }

    /** False if the broker has taken it away meanwhile. */
    boolean keep(HandedOut message) {
        lock.lock();
        try {
            inHand = null;
            return !message.lost && current.messages.add(message);
        } finally {
            lock.unlock();
        }
    }

    /** Everything that a commit accepts. */
    List<HandedOut> unacknowledged() {
        return unacknowledged(own);
    }

    List<HandedOut> unacknowledged(Unacknowledged of) {
        lock.lock();
        try {
            return List.copyOf(of.messages);
        } finally {
            lock.unlock();
        }
    }

    /** True when nothing was handed out for it, and nothing taken away. */
    boolean isEmpty(Unacknowledged of) {
        lock.lock();
        try {
            return of.messages.isEmpty() && of.lost == 0;
        } finally {
            lock.unlock();
        }
    }

    // ---- branches

    Unacknowledged own() {
        return own;
    }

    /**
     * What is handed out from now on belongs to a branch; null for to none.
     *
     * @param listening the caller is inside a listener, and what that has been handed belongs to the branch too
     */
    void enter(Unacknowledged branch, boolean listening) {
        HandedOut mine;
        boolean untold;
        lock.lock();
        try {
            current = branch == null ? own : branch;
            if (branch == null) {
                return;
            }
            ofBranches.add(branch);
            mine = listening ? inListener : null;
            if (mine == null || mine.settled || mine.lost || mine.kept) {
                return;
            }
            mine.kept = true;
            branch.messages.add(mine);
            untold = mine.consumer.survivesClient && !mine.marked;
            mine.marked = true;
        } finally {
            lock.unlock();
        }
        if (untold) {
            outbox.add(mine, Outcome.MARKED, true);
        }
    }

    /** It is prepared, or over. */
    void over(Unacknowledged branch) {
        lock.lock();
        try {
            ofBranches.remove(branch);
        } finally {
            lock.unlock();
        }
    }

    /** What waits to be told and the acceptance of these, for a commit. */
    Settlements settlementsWith(List<HandedOut> accepted) {
        return outbox.takeWith(accepted);
    }

    /** A commit of unknown outcome: the broker gives back what it has not settled. */
    void abandon(Unacknowledged of, List<HandedOut> inDoubt) {
        Settlements handedOut = new Settlements();
        inDoubt.forEach(message -> addMark(handedOut, message));
        HandOutMemory.PROCESS.remember(handedOut, connection.clock());
        forget(of, inDoubt);
    }

    void forget(List<HandedOut> settled) {
        forget(own, settled);
    }

    void forget(Unacknowledged of, List<HandedOut> settled) {
        lock.lock();
        try {
            of.remove(settled);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Rule 2: everything unacknowledged comes again, in order, counted once more. The caller holds the lock.
     *
     * @return what must go back to the broker, for its consumer is closed, or it has had its attempts
     */
    List<HandedOut> takeBack(Unacknowledged of) {
        List<HandedOut> orphans = new ArrayList<>();
        for (int i = of.messages.size() - 1; i >= 0; i--) {
            HandedOut message = of.messages.get(i);
            message.repeats++;
            if (message.consumer.closed || message.mustGoBack()) {
                orphans.add(0, message);
            } else {
                message.consumer.inbox.back(message);
            }
        }
        of.clear();
        return orphans;
    }

    // ---- interruptions

    /** As {@link io.penstock.jms.client.SessionState#interrupted}. */
    void interrupted() throws JMSException {
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

    /** As {@link io.penstock.jms.client.SessionState#restore}. */
    void restore(Restoring engine) throws JMSException {
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
            for (Unacknowledged each : all()) {
                int before = each.messages.size();
                each.messages.removeIf(message -> isLost(message, lost, dropped));
                each.lost += before - each.messages.size();
            }
            for (ConsumerCore consumer : consumers) {
                consumer.inbox.dropAgain(message -> isLost(message, lost, dropped));
            }
            for (HandedOut message : new HandedOut[] {inListener, inHand}) {
                if (message != null && isLost(message, lost, dropped)) {
                    message.lost = true;
                    current.lost += keepsUnacknowledged() ? 1 : 0;
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
        return takeLoss(own);
    }

    int takeLoss(Unacknowledged of) {
        lock.lock();
        try {
            int taken = of.lost;
            of.lost = 0;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    // ---- the end of the connection, or of the session

    /** What the application has had, and the broker may not have heard of, is not forgotten with the connection. */
    void connectionFailed() {
        Settlements handedOut = outbox.takeWith(List.of());
        lock.lock();
        try {
            addHeld(handedOut);
        } finally {
            lock.unlock();
        }
        HandOutMemory.PROCESS.remember(handedOut, connection.clock());
    }

    /** Nothing is handed out any more. The caller holds the lock. */
    void close() {
        addHeld(heldAtClose);
        all().forEach(Unacknowledged::clear);
    }

    /** The broker has not confirmed the session's end. */
    void closedUnconfirmed() {
        HandOutMemory.PROCESS.remember(heldAtClose, connection.clock());
    }

    /** Everything that was handed out and not acknowledged. Holds the lock. */
    private void addHeld(Settlements handedOut) {
        all().forEach(each -> each.messages.forEach(message -> addMark(handedOut, message)));
        if (inListener != null) {
            addMark(handedOut, inListener);
        }
        for (ConsumerCore consumer : consumers) {
            consumer.inbox.again().forEach(message -> addMark(handedOut, message));
        }
    }

    private List<Unacknowledged> all() {
        if (ofBranches.isEmpty()) {
            return List.of(own);
        }
        List<Unacknowledged> all = new ArrayList<>(ofBranches);
        all.add(0, own);
        return all;
    }

    private static void addMark(Settlements handedOut, HandedOut message) {
        handedOut.add(message.consumer.client(), message.delivery, message.presented, Outcome.MARKED);
    }
}
