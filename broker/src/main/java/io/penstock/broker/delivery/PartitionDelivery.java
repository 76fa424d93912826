package io.penstock.broker.delivery;

import io.penstock.broker.partition.Partition;
import io.penstock.protocol.selector.SelectorMatcher;
import io.penstock.storage.log.PartitionLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * All groups of one partition, and the ledger that tells their story. Opened when the first consumer or subscription
 * asks for the partition, closed when the partition moves or the broker stops. Owner thread only.
 *
 * <p>Each time the high watermark moves, records are pushed to consumers in the same pass. Ledger entries that come
 * together in one turn of the owner go into one append.
 */
public final class PartitionDelivery {

    /** Weight of what was read last in the running average of a record's size: one eighth. */
    private static final int AVERAGE_SHIFT = 3;

    private final Partition partition;
    private final DeliveryContext context;
    private final LedgerWriter writer;
    private final LedgerSnapshots snapshots;
    private final SettledReclaim reclaim;
    private final OrderSurvey survey;
    private final Map<String, SharePartition> groups = new LinkedHashMap<>(2);
    private Partition.Registration registration;
    private Partition.Registration ending;
    private boolean pumpQueued;
    private RecordGate.Rules rules;
    private long discardBelow;
    private int nextGroupNumber;
    private int averageRecordBytes = 1024;
    private DeliveryFailedException failure;
    private boolean closed;

    private PartitionDelivery(
            Partition partition,
            PartitionLog ledger,
            LedgerState replayed,
            DeliveryContext context,
            SettledRetention retention) {
        this.partition = partition;
        this.context = context;
        this.writer =
                new LedgerWriter(partition, ledger, context, this::appended, this::pumpAll, this::broken, this::run);
        this.snapshots = new LedgerSnapshots(ledger, writer, context, this);
        this.reclaim = new SettledReclaim(this, context, retention);
        this.survey = new OrderSurvey(this, this::due);
        this.discardBelow = replayed.discardBelow;
        this.nextGroupNumber = replayed.nextGroupNumber;
        for (GroupState state : replayed.groups.values()) {
            groups.put(state.spec.groupId(), new SharePartition(this, state));
        }
    }

    /** As {@link #open(Partition, DeliveryContext, SettledRetention, boolean)}, for the first time. */
    public static CompletionStage<PartitionDelivery> open(
            Partition partition, DeliveryContext context, SettledRetention retention) {
        return open(partition, context, retention, false);
    }

    /**
     * Opens the ledger and replays it; completes on the owner's thread. Fails with an {@link IOException} when the
     * ledger cannot be read.
     *
     * @param again true after a failure: the sessions are alive, and get their grace from now on
     */
    public static CompletionStage<PartitionDelivery> open(
            Partition partition, DeliveryContext context, SettledRetention retention, boolean again) {
        return partition.ledger().thenApply(ledger -> {
            partition.owner().requireCurrent();
            try {
                LedgerState replayed = LedgerReplay.replay(ledger);
                PartitionDelivery delivery = new PartitionDelivery(partition, ledger, replayed, context, retention);
                delivery.start(again);
                return delivery;
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        });
    }

    private void start(boolean again) {
        long recordsEnd = partition.log().endOffset();
        boolean truncated = false;
        boolean awaited = false;
        for (SharePartition group : groups.values()) {
            truncated |= group.state().truncateTo(recordsEnd);
            for (GroupSession session : group.state().sessions()) {
                session.awaited = session.key.isSession();
                awaited |= session.awaited;
            }
        }
        if (truncated) {
            // Without a sync before the reply the records' log can lose more than the ledger. What comes next at
            // these offsets are other records.
            context.log().warn("{}: records end at {}, the ledger knew more", this, recordsEnd);
            writer.entry().putByte(LedgerEntry.TRUNCATED).putNumber(recordsEnd);
        }
        // What an earlier leader handed out of NON_PERSISTENT records, and was told of them, need not be in the ledger.
        boolean unsure = !context.startedClean() || partition.inherited();
        if (unsure && partition.openedEndOffset() > discardBelow) {
            discardBelow = partition.openedEndOffset();
            writer.entry().putByte(LedgerEntry.DISCARD_BELOW).putNumber(discardBelow);
        }
        groups.values().forEach(SharePartition::awaitSessions);
        groups.values().forEach(group -> group.redelivery().open());
        if (awaited) {
            long grace = again || partition.inherited() ? context.graceNanos() : context.graceNanosLeft();
            if (grace > 0) {
                partition.owner().schedule(() -> run(this::endGrace), grace);
            } else {
                endGrace();
            }
        }
        for (SharePartition group : groups.values()) {
            survey.include(group.state().startOffset());
        }
        registration = partition.onHighWatermark(this::queuePump);
        queuePump();
        ending = partition.onClosed(this::moved);
    }

    /** Another leads, or will: consumers are told, so that they look for it. */
    private void moved(IOException reason) {
        if (failure == null && !closed) {
            failure = new DeliveryFailedException(this + " is served elsewhere: " + reason.getMessage(), reason);
            stop(DeliveryConsumer.EndReason.CLOSED, failure);
        }
    }

    private void endGrace() {
        if (working()) {
            groupList().forEach(SharePartition::endAwaited);
        }
    }

    public Partition partition() {
        return partition;
    }

    public Optional<SharePartition> group(String groupId) {
        return Optional.ofNullable(groups.get(groupId));
    }

    public Collection<SharePartition> groups() {
        return Collections.unmodifiableCollection(groups.values());
    }

    /**
     * The group, made when there is none of that id. One of an older incarnation is deleted first; one of the same
     * incarnation is returned as it is.
     *
     * @param done null when the group is durable, else why not (it does not exist then); may be called at once. A
     *     queue's group is not waited for: it is made again alike when it should be lost
     * @throws IllegalStateException when a newer incarnation exists
     */
    public SharePartition createGroup(GroupSpec spec, Consumer<IOException> done) {
        SharePartition present = groups.get(spec.groupId());
        if (present != null) {
            long incarnation = present.spec().incarnation();
            if (incarnation > spec.incarnation()) {
                throw new IllegalStateException("group " + spec.groupId() + " of " + this + " has incarnation "
                        + incarnation + ", later than " + spec.incarnation());
            }
            if (incarnation == spec.incarnation()) {
                if (spec.kind() == GroupSpec.Kind.DURABLE) {
                    awaitAll(done);
                } else {
                    done.accept(null);
                }
                return present;
            }
            deleteGroup(spec.groupId(), incarnation, ignored -> {});
        }
        SharePartition group = new SharePartition(this, new GroupState(nextGroupNumber++, spec));
        if (!working()) {
            done.accept(notWorking(false, spec));
            return group;
        }
        groups.put(spec.groupId(), group);
        survey.include(spec.startOffset());
        if (!spec.kind().logged()) {
            done.accept(null);
            return group;
        }
        EntryBuffer out = writer.entry();
        int from = out.position();
        LedgerEntry.groupCreated(out, group.state().number, spec);
        if (spec.kind() == GroupSpec.Kind.QUEUE) {
            done.accept(null);
        } else {
            writer.await(from, false, waiter(refusal -> {
                if (refusal != null && groups.remove(spec.groupId(), group)) {
                    group.end(DeliveryConsumer.EndReason.FAILED, refusal.toString());
                }
                done.accept(refusal);
            }));
        }
        return group;
    }

    /**
     * Ends a group with all that is known of it; its consumers are told. No such group or another incarnation: nothing
     * happens.
     *
     * @param done null when the end is durable, else why not (the group is there again); may be called at once
     */
    public void deleteGroup(String groupId, long incarnation, Consumer<IOException> done) {
        SharePartition group = groups.get(groupId);
        if (group == null || group.spec().incarnation() != incarnation) {
            done.accept(null);
            return;
        }
        if (!working()) {
            done.accept(notWorking(false, group.spec()));
            return;
        }
        groups.remove(groupId);
        group.end(DeliveryConsumer.EndReason.GROUP_DELETED, "group " + groupId + " was deleted");
        reclaim.settledMoved();
        if (!group.spec().kind().logged()) {
            done.accept(null);
            return;
        }
        EntryBuffer out = writer.entry();
        int from = out.position();
        LedgerEntry.groupDeleted(out, group.state().number);
        writer.await(from, false, waiter(refusal -> {
            if (refusal != null && groups.putIfAbsent(groupId, group) == null) {
                group.revive();
            }
            done.accept(refusal);
        }));
    }

    /** A session that held records before a restart has come back: what it holds stays with it beyond the grace. */
    public void sessionResumed(SessionKey session) {
        groupList().forEach(group -> group.heardOf(session));
    }

    /**
     * The session is over, by its end or its lease's: in all groups its consumers are detached and what it holds goes
     * back, counted where marked. What is in doubt stays so until its commit is decided.
     */
    public void sessionEnded(SessionKey session) {
        groupList().forEach(group -> group.sessionEnded(session));
    }

    /** The least offset that a group still needs, for retention by time; {@link Long#MAX_VALUE} without groups. */
    public long keepFrom() {
        long least = Long.MAX_VALUE;
        for (SharePartition group : groups.values()) {
            least = Math.min(least, group.state().startOffset());
        }
        return partition.largeMessages().neededFrom(least);
    }

    /** Why the delivery stopped, empty while it works. After a failure it must be closed and opened again. */
    public Optional<IOException> failure() {
        return Optional.ofNullable(failure);
    }

    /** Writes what is pending, tells consumers that they ended, and forgets everything. */
    public void close() {
        if (closed) {
            return;
        }
        writer.flush();
        closed = true;
        stop(DeliveryConsumer.EndReason.CLOSED, new DeliveryFailedException(this + " was closed", null));
    }

    // ---- for groups

    DeliveryContext context() {
        return context;
    }

    DeliveryConfig config() {
        return context.config();
    }

    LedgerWriter writer() {
        return writer;
    }

    boolean working() {
        return failure == null && !closed;
    }

    boolean stalled() {
        return writer.stalled();
    }

    int nextGroupNumber() {
        return nextGroupNumber;
    }

    long discardBelow() {
        return discardBelow;
    }

    int averageRecordBytes() {
        return averageRecordBytes;
    }

    void pushed(int messages, int bytes) {
        averageRecordBytes += ((bytes / Math.max(1, messages)) - averageRecordBytes) >> AVERAGE_SHIFT;
        averageRecordBytes = Math.max(64, averageRecordBytes);
    }

    /** Settings of destinations have changed, or moves that were not possible are. */
    public void settingsChanged() {
        if (working()) {
            groupList().forEach(group -> group.redelivery().settingsChanged());
            pumpAll();
        }
    }

    /** What decides which records of this partition a group gets, now. */
    RecordGate.Rules rules(GroupSpec spec, SelectorMatcher filter) {
        long now = context.clock().millis();
        String expiryAddress = context.settings(partition.topicName()).expiryAddress();
        boolean leave = expiryAddress != null && !expiryAddress.equals(partition.topicName());
        if (rules == null || !rules.same(now, leave, discardBelow, spec.excludedSender(), filter)) {
            rules = new RecordGate.Rules(now, leave, discardBelow, spec.excludedSender(), filter);
        }
        return rules;
    }

    void settledMoved() {
        reclaim.settledMoved();
    }

    /** Calls back when everything that is in the ledger, or about to be, is durable. */
    public void awaitAll(Consumer<IOException> done) {
        EntryBuffer out = writer.entry();
        writer.await(out.position(), true, waiter(done));
    }

    /** A waiter that only wants to know the end. */
    static LedgerWriter.Waiter waiter(Consumer<IOException> done) {
        return new LedgerWriter.Waiter() {
            @Override
            public void appended() {
                // Only durability counts here.
            }

            @Override
            public void followUp() {
                // As above.
            }

            @Override
            public void durable() {
                done.accept(null);
            }

            @Override
            public void refused(IOException refusal) {
                done.accept(refusal);
            }

            @Override
            public void lost(IOException loss) {
                done.accept(loss);
            }
        };
    }

    DeliveryFailedException notWorking(boolean ended, GroupSpec spec) {
        return ended
                ? new DeliveryFailedException("group " + spec.groupId() + " of " + this + " was deleted", null)
                : new DeliveryFailedException(this + " is not served", failure);
    }

    private void appended() {
        // Nothing is pending at this moment: the state is what the ledger says.
        snapshots.takeIfDue();
    }

    /**
     * At the end of the turn: producers get their answers first, and what they sent in one turn is pushed, and logged as
     * acquired, together.
     */
    private void queuePump() {
        if (!pumpQueued) {
            pumpQueued = true;
            partition.owner().execute(() -> run(this::pumpAll));
        }
    }

    /** What is committed, up to here, is looked at for what orders its delivery, and then delivered. */
    long readableEnd() {
        return partition.highWatermark();
    }

    /** Whether what orders the delivery of all that is committed is known; if not, groups are pumped when it is. */
    boolean surveyed() {
        return survey.advance();
    }

    /** Records may have come back to the group. */
    void returned(SharePartition group) {
        survey.returned(group);
    }

    /** Null when nothing but their offsets orders the records that a group has before it. */
    OrderIndex orderIndex() {
        return survey.index();
    }

    /** Due times in memory. */
    int nearDueTimes() {
        return survey.near();
    }

    private void due(OffsetRanges offsets) {
        if (!offsets.isEmpty() && working()) {
            opened(offsets.first(0));
        }
    }

    private void opened(long offset) {
        for (SharePartition group : groupList()) {
            group.opened(offset);
        }
        pumpAll();
    }

    /** A group begins again at {@code offset}. */
    void rewound(long offset) {
        survey.include(offset);
        opened(offset);
    }

    void pumpAll() {
        pumpQueued = false;
        survey.advance();
        for (SharePartition group : groupList()) {
            group.pump();
        }
    }

    /** A copy, since what is called may add and remove groups; for a single group without one. */
    private List<SharePartition> groupList() {
        return groups.size() == 1 ? List.of(groups.values().iterator().next()) : new ArrayList<>(groups.values());
    }

    /**
     * Runs what somebody else does with this delivery, on the owner. What nobody expected (a broken invariant, no
     * memory) may have left a group half changed or a push half sent: the delivery then stops, tells its consumers, and
     * is opened again as the ledger has it. The caller gets the exception as well.
     */
    public void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | VirtualMachineError | AssertionError e) {
            unexpected(e);
            throw e;
        }
    }

    private void unexpected(Throwable cause) {
        if (closed || failure != null) {
            context.log().error("delivery of {}, which has stopped, failed again", this, cause);
            return;
        }
        broken(new DeliveryFailedException("unexpected: " + cause, cause));
    }

    /** The ledger, or the records' log, is of no use any more: nothing is pushed or confirmed until it is recovered. */
    void broken(IOException cause) {
        if (failure != null) {
            return;
        }
        context.log().error("delivery of {} stopped", this, cause);
        failure = new DeliveryFailedException("delivery of " + this + " stopped: " + cause.getMessage(), cause);
        stop(DeliveryConsumer.EndReason.FAILED, failure);
        partition.failed(cause);
    }

    private void stop(DeliveryConsumer.EndReason reason, DeliveryFailedException why) {
        if (registration != null) {
            registration.cancel();
            registration = null;
        }
        if (ending != null) {
            ending.cancel();
            ending = null;
        }
        reclaim.close();
        survey.close();
        writer.close(why);
        groupList().forEach(group -> group.end(reason, why.getMessage()));
    }

    Collection<SharePartition> groupsNow() {
        return groups.values();
    }

    @Override
    public String toString() {
        return partition.topicName() + "-" + partition.index();
    }
}
