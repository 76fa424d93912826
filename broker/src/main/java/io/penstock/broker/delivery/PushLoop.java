package io.penstock.broker.delivery;

import io.penstock.protocol.selector.SelectorMatcher;
import io.penstock.storage.log.LogException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Pushes the records of one group to its consumers: in turn, by credit, redelivered ones first, each consumer what its
 * selector matches. Runs to completion within budgets of bytes and of work; then the owner serves others first.
 *
 * <p>Each selector has a cursor. What it has looked at and does not match is not looked at again: fresh records go to
 * the group's set of passed-over ones, and stay there for others. Owner thread only.
 */
final class PushLoop {

    /** Cursors up to which it is worth to ask each whether it has work, before consumers are asked in turn. */
    private static final int CURSORS_ASKED_MAX = 8;

    private static final int NOTHING_PUSHED = -1;

    private final SharePartition group;
    private final PartitionDelivery delivery;
    private final GroupState state;
    private final SelectorCursors cursors;
    /** The subscription's own selector; null for none. */
    private final SelectorMatcher filter;

    private final ConsumerRing ring = new ConsumerRing();
    private final List<ConsumerRing.Attached> idle = new ArrayList<>();
    private final MessageGroups groups;
    private final RecordTaking taking;
    private final PushOrder byOffset;
    private final OrderedPush ordered;
    /** What chooses: one of the two. */
    private PushOrder order;

    private boolean closed;
    private boolean pumping;
    private boolean pumpAgain;
    private boolean pumpQueued;
    private boolean retryQueued;
    private long passNumber;
    /** Made when the group first stands still. */
    private StandstillWatch watch;

    /** Why a pass ended. */
    private enum PassEnd {
        NOTHING_AVAILABLE,
        NOBODY_TAKES,
        BUDGET_SPENT
    }

    PushLoop(SharePartition group, PartitionDelivery delivery, SelectorMatcher filter) {
        this.group = group;
        this.delivery = delivery;
        this.state = group.state();
        this.filter = filter;
        this.cursors = new SelectorCursors(
                delivery.partition().topicName(), delivery.partition().index());
        this.groups = new MessageGroups(group, delivery, ring, cursors);
        this.taking = new RecordTaking(group, delivery);
        this.byOffset = new OffsetPush(group, delivery, taking);
        this.ordered = new OrderedPush(group, delivery, taking);
        this.order = byOffset;
    }

    void add(DeliveryConsumer consumer) {
        ring.add(consumer, cursors.attach(consumer.selector()));
    }

    boolean remove(DeliveryConsumer consumer) {
        ConsumerRing.Attached gone = ring.remove(consumer);
        if (gone != null) {
            cursors.detach(gone.cursor);
            groups.left(gone);
        }
        return gone != null;
    }

    boolean wake(DeliveryConsumer consumer) {
        ring.wake(consumer);
        return ring.find(consumer) != null;
    }

    /** False when it is not attached. */
    boolean drain(DeliveryConsumer consumer, int drainId) {
        ConsumerRing.Attached attached = ring.find(consumer);
        if (attached == null) {
            return false;
        }
        attached.drainId = drainId;
        ring.queue(attached);
        return true;
    }

    int consumers() {
        return ring.size();
    }

    /** True when there is nobody to push to, and nothing worth remembering. */
    boolean isIdle() {
        return ring.size() == 0 && filter == null && !cursors.select();
    }

    /** What was queued does nothing any more. */
    void close() {
        closed = true;
    }

    List<DeliveryConsumer> all() {
        return ring.consumers();
    }

    /** Pushes what is available to those who have credit. */
    void pump() {
        if (pumping) {
            pumpAgain = true;
            return;
        }
        if (closed || !group.working() || !delivery.partition().serving() || !delivery.surveyed()) {
            return;
        }
        pumping = true;
        try {
            PassEnd end;
            do {
                pumpAgain = false;
                end = ring.size() == 0 ? PassEnd.NOBODY_TAKES : pass();
                if (end == PassEnd.NOBODY_TAKES && filter != null) {
                    end = sortAhead();
                }
            } while (pumpAgain && end != PassEnd.BUDGET_SPENT);
            afterPass(end);
        } finally {
            pumping = false;
        }
    }

    private void afterPass(PassEnd end) {
        if (end == PassEnd.BUDGET_SPENT) {
            if (!pumpQueued) {
                pumpQueued = true;
                delivery.partition().owner().execute(() -> {
                    pumpQueued = false;
                    delivery.run(this::pump);
                });
            }
            return;
        }
        if (standstill() != null) {
            if (watch == null) {
                watch = new StandstillWatch(group, delivery);
            }
            watch.standing(group.pushedTotal());
        }
        for (ConsumerRing.Attached attached : ring.draining()) {
            boolean outOfCredit = attached.consumer.creditMessages() <= 0 || attached.consumer.creditBytes() <= 0;
            boolean nothing = end == PassEnd.NOTHING_AVAILABLE || attached.idleInPass == passNumber;
            if (outOfCredit || nothing && !group.awaiting()) {
                int drainId = attached.drainId;
                attached.drainId = 0;
                attached.consumer.drained(drainId);
            }
        }
    }

    /** What the group waits for although it has records and somebody who takes them; null when it does not. */
    String standstill() {
        for (SelectorCursor cursor : cursors.all()) {
            if (isBehind(cursor) && ring.readyCount(1, cursor) > 0) {
                if (delivery.stalled()) {
                    return "its ledger takes nothing";
                }
                if (group.awaiting()) {
                    return "sessions of before the restart may come back to what they hold";
                }
                if (!hasWork(cursor)) {
                    return state.table.unsettledRecords() + " records are not settled, the limit: consumers do not"
                            + " acknowledge, or the disk does not force";
                }
                return "records at " + state.nextOffset() + " cannot be read";
            }
        }
        return null;
    }

    private PassEnd pass() {
        passNumber++;
        try {
            return serve();
        } finally {
            // In front, in their order: they got nothing in their turn.
            for (int i = idle.size() - 1; i >= 0; i--) {
                ring.queueFirst(idle.get(i));
            }
            idle.clear();
        }
    }

    private PassEnd serve() {
        long bytes = delivery.config().passBytes();
        long work = delivery.config().passWork();
        int turnsLeft = 0;
        int share = 0;
        noteReturned();
        order = ordered.refresh(cursors) ? ordered : byOffset;
        try {
            groups.refresh(acquirer());
        } catch (IOException e) {
            readFailed(e);
            return PassEnd.NOTHING_AVAILABLE;
        }
        while (bytes > 0 && work > 0) {
            if (ring.size() == 0 || !group.working() || delivery.stalled() || !anythingAvailable()) {
                return PassEnd.NOTHING_AVAILABLE;
            }
            ConsumerRing.Attached attached = ring.next();
            if (attached == null) {
                return PassEnd.NOBODY_TAKES;
            }
            if (!hasWork(attached.cursor)) {
                idle(attached);
                continue;
            }
            if (cursors.size() > 1) {
                share = share(takers(attached.cursor));
            } else if (turnsLeft == 0) {
                turnsLeft = takers(attached.cursor);
                share = share(turnsLeft);
            }
            turnsLeft--;
            try {
                int pushed = push(attached, share, work);
                work = acquirer().workLeft();
                if (pushed == NOTHING_PUSHED) {
                    nothingRead();
                    idle(attached);
                } else {
                    bytes -= pushed;
                }
            } catch (IOException e) {
                ring.queueFirst(attached);
                readFailed(e);
                return PassEnd.NOTHING_AVAILABLE;
            }
        }
        return PassEnd.BUDGET_SPENT;
    }

    private void idle(ConsumerRing.Attached attached) {
        attached.idleInPass = passNumber;
        idle.add(attached);
    }

    private Acquirer acquirer() {
        return delivery.context().acquirer();
    }

    private void noteReturned() {
        long from = state.takeReturnedFrom();
        if (from != Long.MAX_VALUE) {
            cursors.returned(from);
        }
    }

    private boolean anythingAvailable() {
        if (cursors.size() > CURSORS_ASKED_MAX) {
            return true;
        }
        for (SelectorCursor cursor : cursors.all()) {
            if (cursor.consumers > 0 && hasWork(cursor)) {
                return true;
            }
        }
        return false;
    }

    /** Whether there are records that have not been looked at for consumers of this cursor, and that they may have. */
    private boolean hasWork(SelectorCursor cursor) {
        return !cursor.barred && order.hasReturned(cursor)
                || (!group.awaiting() && isBehind(cursor) && taking.room() > 0);
    }

    private boolean isBehind(SelectorCursor cursor) {
        return !cursor.barred && (order.hasReturned(cursor) || taking.fresh() > 0 || order.hasWaiting(cursor));
    }

    /** Records were settled: room for others, if that was what lacked. */
    void roomMade() {
        if (taking.wasLimited() || groups.isWaiting()) {
            pump();
        }
    }

    /** Gives one consumer its share; bytes pushed, or {@link #NOTHING_PUSHED} when there was nothing after all. */
    private int push(ConsumerRing.Attached attached, int share, long work) throws IOException {
        DeliveryConsumer consumer = attached.consumer;
        SelectorCursor cursor = attached.cursor;
        Acquirer acquirer = acquirer();
        long before = progress(cursor);
        acquirer.begin(
                Math.min(share, consumer.creditMessages()),
                consumer.creditBytes(),
                delivery.rules(group.spec(), filter),
                cursor.matcher,
                work);
        acquirer.tellApart(state.replayed);
        acquirer.askFor(groups.claimFor(attached));
        GroupSession session = state.sessionOrNew(consumer.session());
        order.take(acquirer, session, cursor);
        if (!acquirer.anything()) {
            group.forgetIfIdle(session);
            if (progress(cursor) == before) {
                return NOTHING_PUSHED;
            }
            // All that was looked at is for others, or was settled unseen: go on, but let others look too.
            ring.queue(attached);
            return 0;
        }
        Delivery pushed = acquirer.delivery();
        int bytes = pushed.sizeBytes();
        delivery.pushed(pushed.messages(), bytes);
        group.pushed(pushed.messages());
        ring.queue(attached);
        pushed.attemptsMax(group.attemptsInARow());
        consumer.deliver(pushed);
        return bytes;
    }

    /** Grows with each step that a push can make. */
    private long progress(SelectorCursor cursor) {
        return state.nextOffset() + state.expiredTotal + cursor.progress(state.nextOffset());
    }

    private long available() {
        return state.table.availableRecords()
                + Math.max(0, Math.min(order.waiting() + Math.max(0, taking.fresh()), taking.room()));
    }

    /** Consumers that will take part in a round, the one whose turn it is included. */
    private int takers(SelectorCursor cursor) {
        return 1 + (ring.size() == 1 ? 0 : ring.readyCount((int) Math.min(available() - 1, Integer.MAX_VALUE), cursor));
    }

    /** A fair part of what is there, so that the first in turn does not take what others could work on. */
    private int share(int takers) {
        return (int) Math.max(1, Math.min((available() + takers - 1) / takers, Integer.MAX_VALUE));
    }

    private PassEnd sortAhead() {
        try {
            return taking.sortAhead(acquirer(), filter) ? PassEnd.NOBODY_TAKES : PassEnd.BUDGET_SPENT;
        } catch (IOException e) {
            readFailed(e);
            return PassEnd.NOTHING_AVAILABLE;
        }
    }

    /** Records at or above {@code offset}, passed over or given back, may be delivered that could not before. */
    void opened(long offset) {
        cursors.opened(offset);
    }

    void readFailed(IOException failure) {
        if (failure instanceof LogException refusal && refusal.reason() == LogException.Reason.OFFLINE) {
            delivery.broken(failure);
            return;
        }
        delivery.context()
                .log()
                .warn("cannot read {} for group {}", delivery, group.spec().groupId(), failure);
        retryLater();
    }

    /** Of what is committed something must be found: nobody else would look again. */
    private void nothingRead() {
        if (delivery.working() && !retryQueued) {
            delivery.context()
                    .log()
                    .warn(
                            "{} has nothing to read at {}, although records of group {} are available: {}",
                            delivery,
                            state.nextOffset(),
                            group.spec().groupId(),
                            group.statistics());
            retryLater();
        }
    }

    private void retryLater() {
        if (!retryQueued) {
            retryQueued = true;
            delivery.partition()
                    .owner()
                    .schedule(
                            () -> {
                                retryQueued = false;
                                delivery.run(group::pump);
                            },
                            delivery.config().retryMillis() * 1_000_000L);
        }
    }
}
