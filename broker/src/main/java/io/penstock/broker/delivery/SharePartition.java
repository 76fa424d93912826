package io.penstock.broker.delivery;

import io.penstock.broker.config.DestinationSettings;
import io.penstock.broker.partition.Partition;
import io.penstock.protocol.selector.Selector;
import io.penstock.protocol.selector.SelectorMatcher;
import io.penstock.protocol.selector.SelectorSyntaxException;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * One group on one partition: which records are available, acquired (by whom, how often), settling, settled or in
 * doubt. Owner thread only.
 *
 * <pre>
 *              acquire                 settle              durable
 *  available ----------> acquired ----------> settling ----------> settled
 *      ^                 |  |  ^                 | the ledger refused
 *      |     release     |  |  +-----------------+
 *      +-----------------+  | prepareSettle         commitSettle
 *      |                    +-------------> in doubt ----------> settling
 *      +---- rollbackSettle, when the session is over ----+
 * </pre>
 */
public final class SharePartition {

    /** A settlement that is not told apart from its repetition. */
    public static final long NO_SEQUENCE = -1;

    private static final OffsetRanges NOTHING = new OffsetRanges();

    private final PartitionDelivery delivery;
    private final GroupState state;
    private final GroupSettlement settlement;
    /** What a subscription's selector leaves out is settled unseen; null for none. */
    private final SelectorMatcher filter;
    /** Made with the first consumer: most groups of ten thousand queues have none. */
    private PushLoop pushes;

    private Redelivery redelivery;
    /** Made with the first undecided transaction. */
    private Parking parking;

    private final List<QueueBrowse> browses = new ArrayList<>(0);
    /** Sessions of before the restart hold records, which come first if they do not come back: nothing new goes yet. */
    private boolean awaiting;

    private long pushedTotal;
    private boolean ended;

    SharePartition(PartitionDelivery delivery, GroupState state) {
        this.delivery = delivery;
        this.state = state;
        this.settlement = new GroupSettlement(this, delivery);
        this.filter = filter(delivery, state.spec.selector());
        this.redelivery = new Redelivery(this, delivery);
        state.noteFailed();
        if (filter != null) {
            pushes = new PushLoop(this, delivery, filter);
        }
    }

    private static SelectorMatcher filter(PartitionDelivery delivery, String selector) {
        if (selector == null) {
            return null;
        }
        try {
            return new SelectorMatcher(
                    Selector.compile(selector),
                    delivery.partition().topicName(),
                    delivery.partition().index());
        } catch (SelectorSyntaxException e) {
            throw new IllegalArgumentException("selector of a group: " + e.getMessage(), e);
        }
    }

    public GroupSpec spec() {
        return state.spec;
    }

    GroupState state() {
        return state;
    }

    /** What the subscription selects; null for everything. */
    SelectorMatcher filter() {
        return filter;
    }

    // ---- consumers

    /** Adds a consumer and pushes to it what its credit allows. */
    public void attach(DeliveryConsumer consumer) {
        if (!canServe(consumer)) {
            return;
        }
        if (pushes == null) {
            pushes = new PushLoop(this, delivery, filter);
        }
        pushes.add(consumer);
        heardOf(consumer.session());
        pump();
    }

    private boolean canServe(DeliveryConsumer consumer) {
        if (ended || delivery.failure().isPresent()) {
            consumer.ended(
                    ended ? DeliveryConsumer.EndReason.GROUP_DELETED : DeliveryConsumer.EndReason.FAILED,
                    "group " + spec().groupId() + " on " + delivery + " is not served");
            return false;
        }
        return true;
    }

    /**
     * Takes a consumer away; no call of it follows. What it acquired stays with its session.
     *
     * @param neverHandedOut goes back to available, uncounted where not marked; ranges that the session does not hold
     *     are left alone
     */
    public void detach(DeliveryConsumer consumer, OffsetRanges neverHandedOut) {
        if (pushes != null && pushes.remove(consumer) && pushes.isIdle()) {
            pushes.close();
            pushes = null;
        }
        GroupSession session = state.session(consumer.session());
        // Only what is acquired goes into the ledger: there, what is in doubt is acquired too.
        OffsetRanges back = session == null || !working()
                ? NOTHING
                : neverHandedOut.without(state.notHeld(session, neverHandedOut));
        if (!back.isEmpty()) {
            changes().release(session, back);
            pump();
        }
    }

    /** The consumer, or browser, has got credit, or its connection has become writable. */
    public void wake(DeliveryConsumer consumer) {
        if (pushes != null && pushes.wake(consumer)) {
            pushes.pump();
            return;
        }
        QueueBrowse browse = browseOf(consumer);
        if (browse != null) {
            browse.pump();
        }
    }

    /** Pushes what is available now, up to the credit, then calls {@link DeliveryConsumer#drained}. */
    public void drain(DeliveryConsumer consumer, int drainId) {
        if (pushes != null && pushes.drain(consumer, drainId)) {
            pushes.pump();
            return;
        }
        QueueBrowse browse = browseOf(consumer);
        if (browse != null) {
            browse.drain(drainId);
        }
    }

    int consumers() {
        return pushes == null ? 0 : pushes.consumers();
    }

    /** Pushes what is available to those who have credit; run to completion, within a budget. */
    void pump() {
        redelivery.sort();
        settleDecided();
        if (pushes != null) {
            pushes.pump();
        }
        delivery.returned(this);
    }

    private void settleDecided() {
        if (state.table.parkedRecords() == 0 || !working()) {
            return;
        }
        try {
            parking().settleDecided();
        } catch (IOException e) {
            if (pushes != null) {
                pushes.readFailed(e);
            } else {
                delivery.context().log().warn("{}: cannot tell what became of what is parked", this, e);
            }
        }
    }

    Redelivery redelivery() {
        return redelivery;
    }

    /** As {@link Delivery#attemptsMax}; where dead letters come to, they stay. */
    int attemptsInARow() {
        DestinationSettings settings = delivery.context().settings(partition().topicName());
        return settings.attemptsInARow(partition().topicName().equals(settings.deadLetterAddress()));
    }

    Parking parking() {
        if (parking == null) {
            parking = new Parking(delivery, state, changes());
        }
        return parking;
    }

    /** Whether one consumer at a time gets everything. */
    boolean exclusive() {
        return spec().kind() == GroupSpec.Kind.QUEUE
                && delivery.context().settings(partition().topicName()).exclusiveQueue();
    }

    LoggedChanges changes() {
        return new LoggedChanges(this, delivery);
    }

    /** Records at or above {@code offset}, passed over or given back, may be delivered that could not before. */
    void opened(long offset) {
        if (pushes != null) {
            pushes.opened(offset);
        }
    }

    /** Records were settled: room for others, if that was what lacked. */
    void roomMade() {
        if (pushes != null) {
            pushes.roomMade();
        }
    }

    /** What the group waits for although it has records and somebody who takes them; null when it does not. */
    String standstill() {
        return pushes == null || !working() ? null : pushes.standstill();
    }

    /** Messages pushed so far. */
    long pushedTotal() {
        return pushedTotal;
    }

    void pushed(int messages) {
        pushedTotal += messages;
    }

    String describe() {
        return "group " + spec().groupId() + " of " + delivery + ", " + statistics() + ",";
    }

    // ---- browsing

    /** Begins a look through what is there; ended by {@link #stopBrowsing}. */
    public void browse(DeliveryConsumer consumer) {
        if (!canServe(consumer)) {
            return;
        }
        QueueBrowse browse = new QueueBrowse(this, delivery, consumer);
        browses.add(browse);
        browse.pump();
    }

    public void stopBrowsing(DeliveryConsumer consumer) {
        QueueBrowse browse = browseOf(consumer);
        if (browse != null) {
            browse.end();
            browses.remove(browse);
        }
    }

    private QueueBrowse browseOf(DeliveryConsumer consumer) {
        for (QueueBrowse browse : browses) {
            if (browse.consumer == consumer) {
                return browse;
            }
        }
        return null;
    }

    // ---- settling

    /**
     * The application has begun to get these records: they count as delivered. Logged with the turn, not waited for;
     * what the session does not hold is left alone.
     */
    public void mark(SessionKey key, OffsetRanges ranges) {
        GroupSession session = heardOf(key);
        OffsetRanges marked = session == null || !working() ? NOTHING : ranges.without(state.notHeld(session, ranges));
        if (!marked.isEmpty()) {
            if (logged()) {
                held(LedgerEntry.MARKED, key).putRanges(marked);
            }
            state.mark(session, marked);
        }
    }

    /**
     * Settles what the session holds; the rest is reported as lost.
     *
     * @param sequence of the session, growing; one that was seen before is answered with the outcome of the first
     *     time, one that the ledger refused may be repeated at any time. All that one request says about this group
     *     must come in one call. {@link #NO_SEQUENCE} is not told from its repetition.
     * @param callback called once; when only releases are asked for it does not wait for the disk
     */
    public void settle(SessionKey key, long sequence, Settlements settlements, SettleCallback callback) {
        settlement.settle(key, sequence, settlements, callback);
    }

    /**
     * A session has come back and says what it has of what was pushed to it: that counts as delivered and stays with it,
     * the rest was lost on the way and goes back, counted where it was marked.
     *
     * @return the part of {@code kept} that is not the session's any more
     */
    public OffsetRanges hold(SessionKey key, OffsetRanges kept) {
        GroupSession session = heardOf(key);
        if (session == null || !working()) {
            return kept;
        }
        OffsetRanges lost = state.notHeld(session, kept);
        OffsetRanges unmarked = state.acquired(session, true);
        unmarked = unmarked.without(unmarked.without(kept));
        if (!unmarked.isEmpty()) {
            mark(key, unmarked);
        }
        OffsetRanges back = state.acquired(session, false).without(kept);
        if (!back.isEmpty()) {
            changes().release(session, back);
            pump();
        }
        return lost;
    }

    /**
     * First step of a commit over several logs: puts what a session holds in doubt. Nothing is logged: after a crash
     * it is acquired again.
     *
     * @throws AcquisitionLostException when the session does not hold all of it; nothing has changed then
     */
    public PreparedSettlement prepareSettle(SessionKey key, OffsetRanges ranges) throws AcquisitionLostException {
        return settlement.prepareSettle(key, ranges);
    }

    /**
     * Second step, after the commit's decision is durable: accepts what was prepared. A full disk does not refuse it:
     * the entry is tried again until the ledger takes it.
     */
    public void commitSettle(PreparedSettlement prepared, long sequence, SettleCallback callback) {
        settlement.commitSettle(prepared, sequence, callback);
    }

    /** Second step when the commit is off: back to the session, or to available when that is over. */
    public void rollbackSettle(PreparedSettlement prepared) {
        settlement.rollbackSettle(prepared);
    }

    /** Back to the session, or to available when that is over. */
    void giveBack(GroupSession session, OffsetRanges ranges, int fromState) {
        settlement.giveBack(session, ranges, fromState);
    }

    /** True when the session has accepted these here under this sequence; who asks may be another broker, not the session. */
    public boolean hasSettled(SessionKey key, long sequence, OffsetRanges accepted) {
        return settlement.hasSettled(key, sequence, accepted);
    }

    /**
     * Recovery of a decided commit: accepts {@code ranges} whatever their state (they were in doubt when the commit was
     * decided). Idempotent. To be called after a restart before the session's grace is over.
     */
    public void reapplySettle(SessionKey key, long sequence, OffsetRanges ranges, SettleCallback callback) {
        settlement.reapplySettle(key, sequence, ranges, callback);
    }

    /** Its part in commits over several brokers. */
    public GroupDoubts doubts() {
        return new GroupDoubts(this);
    }

    /** Delivers what was settled once more. */
    public GroupReplay replay() {
        return new GroupReplay(this);
    }

    /** Accepts everything that is available now; what is acquired is left to its sessions. */
    public void purge(SettleCallback callback) {
        settlement.purge(callback);
    }

    // ---- sessions and the end

    void sessionEnded(SessionKey key) {
        if (pushes != null) {
            for (DeliveryConsumer consumer : pushes.all()) {
                if (consumer.session().equals(key)) {
                    pushes.remove(consumer);
                }
            }
        }
        for (QueueBrowse browse : List.copyOf(browses)) {
            if (browse.consumer.session().equals(key)) {
                stopBrowsing(browse.consumer);
            }
        }
        GroupSession session = state.session(key);
        if (session != null && working()) {
            if (logged()) {
                held(LedgerEntry.SESSION_ENDED, key);
            }
            state.endSession(session);
            lookForAwaited();
            pump();
        }
    }

    /** After the restart, when sessions may come back. */
    void awaitSessions() {
        awaiting = state.awaitedHold();
    }

    boolean awaiting() {
        return awaiting;
    }

    private void lookForAwaited() {
        if (awaiting && !state.awaitedHold()) {
            awaiting = false;
            delivery.partition().owner().execute(() -> delivery.run(this::pump));
        }
    }

    /** The session lives: what it holds from before a restart stays with it. Null when it is not known here. */
    GroupSession heardOf(SessionKey key) {
        GroupSession session = state.session(key);
        if (session != null) {
            session.heardOf();
            lookForAwaited();
        }
        return session;
    }

    /** The grace is over: sessions of before the restart that nobody has heard of. */
    void endAwaited() {
        for (GroupSession session : state.sessions()) {
            if (session.awaited) {
                sessionEnded(session.key);
            }
        }
        lookForAwaited();
    }

    /** True while a session holds records here (unsubscribe is refused then, rule 15). */
    public boolean anythingHeld() {
        return state.table.heldRecords() > 0;
    }

    public GroupStatistics statistics() {
        long fresh = Math.max(0, delivery.partition().highWatermark() - state.nextOffset());
        return new GroupStatistics(
                spec().groupId(),
                state.availableRecords() + state.table.delayedRecords() + fresh,
                state.table.heldRecords(),
                state.settledTotal,
                state.expiredTotal,
                consumers());
    }

    /** Consumers are told and nothing is pushed any more. */
    void end(DeliveryConsumer.EndReason reason, String message) {
        ended = true;
        redelivery.close();
        List<DeliveryConsumer> told = new ArrayList<>(pushes == null ? List.of() : pushes.all());
        if (pushes != null) {
            pushes.close();
        }
        pushes = filter == null ? null : new PushLoop(this, delivery, filter);
        browses.forEach(browse -> {
            browse.end();
            told.add(browse.consumer);
        });
        browses.clear();
        for (DeliveryConsumer consumer : told) {
            try {
                consumer.ended(reason, message);
            } catch (RuntimeException | VirtualMachineError | AssertionError e) {
                // The others must hear of it all the same.
                delivery.context().log().error("{}: a consumer could not be told of its end", this, e);
            }
        }
    }

    /** A deletion that the ledger refused. */
    void revive() {
        ended = false;
        redelivery = new Redelivery(this, delivery);
        redelivery.open();
    }

    DeliveryFailedException notWorking() {
        return delivery.notWorking(ended, spec());
    }

    boolean working() {
        return !ended && delivery.working();
    }

    PartitionDelivery delivery() {
        return delivery;
    }

    void forgetIfIdle(GroupSession session) {
        if (session.heldRecords == 0 && session.lastSequence == NO_SEQUENCE) {
            state.forget(session);
        }
    }

    boolean logged() {
        return spec().kind().logged();
    }

    EntryBuffer held(int type, SessionKey session) {
        return LedgerEntry.held(delivery.writer().entry(), type, state.number, session);
    }

    @Override
    public String toString() {
        return spec().groupId() + " on " + delivery + " " + state.table;
    }

    public UUID topicId() {
        return partition().topicId();
    }

    public int partitionIndex() {
        return partition().index();
    }

    public Owner owner() {
        return partition().owner();
    }

    /** For error messages and owners of several groups. */
    Partition partition() {
        return delivery.partition();
    }
}
