package io.penstock.broker.replication;

import io.penstock.broker.metadata.BrokerImage;
import io.penstock.broker.metadata.IsrChange;
import io.penstock.broker.metadata.MetadataException;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.ReplicaLogPosition;
import io.penstock.protocol.message.ReplicaLogRow.State;
import io.penstock.protocol.message.ReplicaPosition;
import io.penstock.storage.log.PartitionLog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One leadership of one partition, for the time of one leader epoch: counts what each follower has, moves both high
 * watermarks, and keeps the ISR. Owner thread only; made and ended by its {@link Replica}.
 */
final class LeaderState implements CommittedLog.Leading {
    private static final Logger log = LoggerFactory.getLogger(LeaderState.class);
    private static final long RETRY_NANOS = 200_000_000L;
    /** So often a throttled follower is looked at: the rate may have been changed. */
    private static final long THROTTLE_LOOK_NANOS = 500_000_000L;

    private final Replica replica;
    private final ReplicaContext context;
    private final int epoch;
    private final CommittedLog records;
    private final Map<Integer, FollowerProgress> followers = new LinkedHashMap<>();
    private CommittedLog ledger;
    private List<Integer> isr;
    private List<Integer> eligible;
    private int version;
    /** The ISR that was asked for: while it is not known whether it is in force, both count. */
    private IsrChange proposed;

    private boolean changing;
    private boolean ended;
    /** The least that the partition has while its replicas change. */
    private int replicaCount;

    LeaderState(Replica replica, ReplicaContext context, PartitionImage image, PartitionLog records, long highWatermark)
            throws IOException {
        this.replica = replica;
        this.context = context;
        this.epoch = image.leaderEpoch();
        this.records = new CommittedLog(records, this, highWatermark);
        records.startEpoch(epoch);
        useReplicas(image);
        isr = image.isr();
        eligible = image.eligible();
        version = image.version();
    }

    /** Replicas come within an epoch, and go with it. */
    private void useReplicas(PartitionImage image) {
        long now = context.clock().nanos();
        for (int id : image.replicas()) {
            if (id != context.brokerId()) {
                followers.computeIfAbsent(id, added -> new FollowerProgress(added, now));
            }
        }
        followers.keySet().retainAll(image.replicas());
        replicaCount = Math.min(image.target().size(), image.original().size());
    }

    int epoch() {
        return epoch;
    }

    CommittedLog records() {
        return records;
    }

    /** Null while there is none. */
    CommittedLog ledger() {
        return ledger;
    }

    /** The ledger is open. */
    void useLedger(PartitionLog opened, long highWatermark) throws IOException {
        ledger = new CommittedLog(opened, this, highWatermark);
        opened.startEpoch(epoch);
        for (FollowerProgress each : followers.values()) {
            if (each.session != null) {
                // What they told of theirs was not looked at, as there was nothing to hold it against.
                fetched(each.ledger, opened, each.ledger.position);
                if (hasNews(each)) {
                    tellNews(each);
                }
            }
        }
        advance();
    }

    boolean isInSync(int brokerId) {
        return isr.contains(brokerId);
    }

    boolean enoughReplicas() {
        return isr.size() >= minInSync();
    }

    private int minInSync() {
        // A topic with fewer replicas than that could never commit anything.
        return Math.min(replica.minInSync(), replicaCount);
    }

    /** Invariant 8: what this broker says and does counts only as long as nobody can have taken it for dead. */
    boolean isAlive() {
        return context.metadata().aliveAt(context.clock().nanos());
    }

    // ---- the high watermarks

    @Override
    public void appended(CommittedLog to, long endBefore) {
        for (FollowerProgress each : followers.values()) {
            FollowerProgress.OneLog one = to == records ? each.records : each.ledger;
            if (each.session != null && one.fetchOffset == endBefore) {
                each.caughtUpNanos = Math.max(each.caughtUpNanos, each.session.lastRequestNanos());
            }
            tellNews(each);
        }
        if (isr.size() == 1) {
            advance();
        }
    }

    @Override
    public void durableHere() {
        advance();
    }

    /** Moves the high watermarks to where all that count have everything. */
    void advance() {
        if (ended || !context.rules().mayCommit(isr.size(), eligible.size(), minInSync()) || !isAlive()) {
            return;
        }
        Set<Integer> counted = context.rules().counted(isr, proposed == null ? List.of() : proposed.isr());
        advance(records, counted);
        if (ledger != null && !ended) {
            advance(ledger, counted);
        }
    }

    private void advance(CommittedLog each, Set<Integer> counted) {
        long least = each.local().durableEndOffset();
        for (int id : counted) {
            FollowerProgress follower = followers.get(id);
            if (follower != null) {
                FollowerProgress.OneLog one = each == records ? follower.records : follower.ledger;
                least = Math.min(least, one.acknowledged);
            }
        }
        if (least > each.durableEndOffset()) {
            each.advance(least);
            followers.values().forEach(this::tellMarks);
        }
    }

    // ---- what followers say

    /**
     * A follower tells how far it is.
     *
     * @return NONE when it may go on fetching in this session
     */
    PenstockError fetched(LeaderSession session, ReplicaPosition position) throws IOException {
        FollowerProgress follower = followers.get(session.brokerId());
        if (follower == null) {
            return PenstockError.INVALID_REQUEST;
        }
        if (!context.rules().counts(position.leaderEpoch(), epoch)) {
            return position.leaderEpoch() < epoch ? PenstockError.FENCED : PenstockError.NOT_LEADER;
        }
        if (follower.session != session) {
            follower.session = session;
            follower.records.toldHighWatermark = -1;
            follower.ledger.toldHighWatermark = -1;
        }
        if (follower.brokerEpoch != session.brokerEpoch()) {
            // Another life: what the former one had may be lost.
            follower.brokerEpoch = session.brokerEpoch();
            follower.records.acknowledged = -1;
            follower.ledger.acknowledged = -1;
        }
        follower.answered = false;
        follower.newsTold = false;
        follower.marksTold = false;
        long now = context.clock().nanos();
        boolean recordsCaughtUp = fetched(follower.records, records.local(), position.records());
        boolean ledgerCaughtUp = ledger == null
                ? withoutLedger(follower.ledger, position.ledger())
                : fetched(follower.ledger, ledger.local(), position.ledger());
        if (recordsCaughtUp && ledgerCaughtUp) {
            follower.caughtUpNanos = now;
        }
        advance();
        if (!ended) {
            considerIsr();
        }
        if (hasNews(follower)) {
            tellNews(follower);
        } else if (hasMarks(follower)) {
            tellMarks(follower);
        }
        return PenstockError.NONE;
    }

    /** @return whether the follower has come to where the leader was when it was last looked at */
    private boolean fetched(FollowerProgress.OneLog one, PartitionLog own, ReplicaLogPosition position)
            throws IOException {
        one.at(position);
        long end = own.endOffset();
        one.diverging = context.rules().diverging(own, position.offset(), position.lastEpoch());
        if (one.diverging != null) {
            one.state = State.DIVERGING;
            return false;
        }
        if (position.offset() > end || !BatchBounds.takesWholeBatches(own, position)) {
            one.state = State.OUT_OF_RANGE;
            return false;
        }
        one.acknowledged = position.offset();
        boolean caughtUp = position.offset() >= Math.min(end, one.seenEnd);
        one.seenEnd = end;
        return caughtUp;
    }

    private static boolean withoutLedger(FollowerProgress.OneLog one, ReplicaLogPosition position) {
        one.at(position);
        one.acknowledged = 0;
        return true;
    }

    // ---- what followers are told

    private void tellNews(FollowerProgress follower) {
        if (follower.session != null && !follower.answered && !follower.newsTold && !follower.throttled) {
            follower.newsTold = true;
            follower.session.news(replica, true);
        }
    }

    private void tellMarks(FollowerProgress follower) {
        if (follower.session != null && !follower.answered && !follower.marksTold) {
            follower.marksTold = true;
            follower.session.news(replica, false);
        }
    }

    private boolean hasNews(FollowerProgress follower) {
        return hasNews(follower.records, records) || ledger != null && hasNews(follower.ledger, ledger);
    }

    private static boolean hasNews(FollowerProgress.OneLog one, CommittedLog own) {
        return one.state != State.FITS || one.fetchOffset < own.endOffset();
    }

    private boolean hasMarks(FollowerProgress follower) {
        return hasMarks(follower.records, records) || ledger != null && hasMarks(follower.ledger, ledger);
    }

    private static boolean hasMarks(FollowerProgress.OneLog one, CommittedLog own) {
        return one.toldHighWatermark != own.durableEndOffset() || one.toldStart != own.startOffset();
    }

    /**
     * The answer to a follower's position.
     *
     * @param atLeastOne give one batch even if it is larger than {@code maxBytes}
     * @return null when there is nothing to say, or no room to say it
     */
    FetchedRow read(LeaderSession session, int maxBytes, boolean atLeastOne) {
        FollowerProgress follower = followers.get(session.brokerId());
        if (follower == null || follower.session != session || follower.answered) {
            return null;
        }
        follower.newsTold = false;
        follower.marksTold = false;
        boolean news = hasNews(follower);
        boolean counted = news && mayWait(follower);
        if (counted && throttle(follower)) {
            return null;
        }
        if (!news && !hasMarks(follower) || news && maxBytes <= 0 && !atLeastOne) {
            return null;
        }
        FetchedRow row = new FetchedRow(replica.topicId(), replica.index(), epoch);
        try {
            int bytesMax = counted ? context.leaderRate().atOnce(maxBytes) : maxBytes;
            // However small the rate is, it goes on by single batches.
            boolean one = atLeastOne || counted;
            read(row.records(), follower.records, records, bytesMax, one);
            if (ledger == null) {
                row.ledger().says(State.FITS, follower.ledger.fetchOffset, 0, 0, -1, -1);
            } else {
                int left = bytesMax - row.records().bytes();
                read(
                        row.ledger(),
                        follower.ledger,
                        ledger,
                        left,
                        one && row.records().bytes() == 0);
            }
        } catch (IOException e) {
            row.release();
            log.error("{} cannot be read for broker {}", replica, session.brokerId(), e);
            replica.failed(e);
            return FetchedRow.failed(replica.topicId(), replica.index(), epoch, PenstockError.STORAGE_FAILED);
        }
        if (counted) {
            context.leaderRate()
                    .took(
                            row.records().bytes() + row.ledger().bytes(),
                            context.clock().nanos());
        }
        // What moves the follower is answered by its next position; marks alone leave it where it is.
        follower.answered = row.moves();
        return row;
    }

    /** Whether there is something to fetch that was not given yet. */
    boolean hasNews(LeaderSession session) {
        FollowerProgress follower = followers.get(session.brokerId());
        return follower != null
                && follower.session == session
                && !follower.answered
                && !follower.throttled
                && hasNews(follower);
    }

    /** Who is in sync, or is to be, is never throttled: others would wait for it, or it would be taken out. */
    private boolean mayWait(FollowerProgress follower) {
        return replica.throttledAsLeader()
                && follower.records.state == State.FITS
                && follower.ledger.state == State.FITS
                && !isr.contains(follower.brokerId)
                && (proposed == null || !proposed.isr().contains(follower.brokerId));
    }

    /** @return whether the follower gets nothing now; it is served when the rate allows it */
    private boolean throttle(FollowerProgress follower) {
        long waitNanos = context.leaderRate().waitNanos(context.clock().nanos());
        if (waitNanos > 0 && !follower.throttled) {
            follower.throttled = true;
            replica.owner().schedule(() -> serveAgain(follower), Math.min(waitNanos, THROTTLE_LOOK_NANOS));
        }
        return waitNanos > 0;
    }

    private void serveAgain(FollowerProgress follower) {
        if (!ended && follower.throttled) {
            follower.throttled = false;
            if (hasNews(follower)) {
                tellNews(follower);
            }
        }
    }

    /** The session is over. */
    void detach(LeaderSession session) {
        FollowerProgress follower = followers.get(session.brokerId());
        if (follower != null) {
            follower.detach(session);
        }
    }

    private static void read(
            FetchedRow.Part part, FollowerProgress.OneLog one, CommittedLog own, int maxBytes, boolean atLeastOne)
            throws IOException {
        one.toldHighWatermark = own.durableEndOffset();
        one.toldStart = own.startOffset();
        switch (one.state) {
            case DIVERGING ->
                part.says(
                        State.DIVERGING,
                        one.fetchOffset,
                        one.toldHighWatermark,
                        one.toldStart,
                        one.diverging.epoch(),
                        one.diverging.endOffset());
            case OUT_OF_RANGE ->
                part.says(
                        State.OUT_OF_RANGE,
                        one.fetchOffset,
                        one.toldHighWatermark,
                        one.toldStart,
                        -1,
                        BatchBounds.first(own));
            case FITS -> {
                part.says(State.FITS, one.fetchOffset, one.toldHighWatermark, one.toldStart, -1, -1);
                if (one.fetchOffset < own.endOffset() && (maxBytes > 0 || atLeastOne)) {
                    part.holds(own.read(
                            Math.max(one.fetchOffset, own.startOffset()),
                            Math.max(0, maxBytes),
                            own.endOffset(),
                            atLeastOne));
                }
            }
        }
    }

    /** Where a log that begins anew must begin: at a batch, in the middle of which the leader's log may start. */
    // ---- the ISR

    /** Time has passed, or brokers have come or gone. */
    void tick() {
        if (!ended) {
            advance();
            considerIsr();
        }
    }

    /** Takes replicas out that are behind, and those in that have caught up: one change at a time. */
    private void considerIsr() {
        if (changing || proposed != null || version < 0) {
            return;
        }
        List<Integer> next = new ArrayList<>(isr);
        next.removeIf(id -> followers.containsKey(id) && isOut(followers.get(id)));
        Map<Integer, Long> added = new HashMap<>();
        if (next.equals(isr)) {
            for (FollowerProgress each : followers.values()) {
                if (!isr.contains(each.brokerId) && mayJoin(each)) {
                    next.add(each.brokerId);
                    added.put(each.brokerId, each.brokerEpoch);
                }
            }
        }
        List<Integer> nextEligible = context.rules().eligible(isr, eligible, next, minInSync());
        if (!next.equals(isr) || !eligible.isEmpty() && nextEligible.isEmpty()) {
            propose(new IsrChange(
                    epoch, version, next, nextEligible, context.rules().addedEpochs(added)));
        }
    }

    private boolean isOut(FollowerProgress each) {
        BrokerImage broker = context.metadata().image().broker(each.brokerId).orElse(null);
        if (broker == null && each.session == null) {
            return true;
        }
        if (isBelow(each.records, records) || ledger != null && isBelow(each.ledger, ledger)) {
            // It had what is committed, and has it no more.
            return true;
        }
        boolean level = each.session != null
                && each.records.fetchOffset >= records.endOffset()
                && (ledger == null || each.ledger.fetchOffset >= ledger.endOffset());
        long caughtUp = level ? Math.max(each.caughtUpNanos, each.session.lastRequestNanos()) : each.caughtUpNanos;
        return context.rules().lags(context.clock().nanos(), caughtUp, context.lagMaxNanos());
    }

    private boolean isBelow(FollowerProgress.OneLog one, CommittedLog own) {
        return one.acknowledged >= 0 && !context.rules().holdsCommitted(one.acknowledged, own.durableEndOffset());
    }

    private boolean mayJoin(FollowerProgress each) {
        BrokerImage broker = context.metadata().image().broker(each.brokerId).orElse(null);
        return each.session != null
                && broker != null
                && broker.epoch() == each.brokerEpoch
                && mayJoin(each.records, records)
                && (ledger == null || mayJoin(each.ledger, ledger));
    }

    private boolean mayJoin(FollowerProgress.OneLog one, CommittedLog own) {
        return context.rules().mayJoin(one.acknowledged, own.durableEndOffset(), own.epochStartOffset());
    }

    private void propose(IsrChange change) {
        proposed = change;
        change.isr().stream().filter(followers::containsKey).map(followers::get).forEach(this::serveAgain);
        ask(change);
    }

    private void ask(IsrChange change) {
        changing = true;
        context.metadata()
                .changeIsr(replica.topicId(), replica.index(), change)
                .whenComplete((done, failure) -> replica.owner().run(() -> changed(change, done, failure)));
    }

    private void changed(IsrChange change, PartitionImage done, Throwable failure) {
        changing = false;
        if (ended) {
            return;
        }
        if (failure == null) {
            log.info("{}: in sync are {}, eligible {}", replica, done.isr(), done.eligible());
            adopt(done);
            return;
        }
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        MetadataException.Reason reason = cause instanceof MetadataException refused ? refused.reason() : null;
        if (reason == MetadataException.Reason.STALE) {
            // The image shows what is in force; if that is what this leader knows, nothing has happened.
            replica.lookAgain();
            if (proposed == change && !ended) {
                proposed = null;
            }
        } else if (reason == MetadataException.Reason.UNAVAILABLE || reason == null) {
            log.warn("{}: whether the ISR is {} now is not known: {}", replica, change.isr(), cause.toString());
            replica.owner().schedule(() -> askAgain(change), RETRY_NANOS);
        } else {
            log.error("{}: the ISR {} is refused", replica, change.isr(), cause);
            proposed = null;
        }
    }

    private void askAgain(IsrChange change) {
        if (!ended && proposed == change && !changing) {
            ask(change);
        }
    }

    /** A newer state of the same leadership. */
    void adopt(PartitionImage image) {
        if (ended || image.version() <= version) {
            return;
        }
        useReplicas(image);
        isr = image.isr();
        eligible = image.eligible();
        version = image.version();
        if (proposed != null && proposed.version() < version) {
            proposed = null;
        }
        advance();
        if (!ended && !enoughReplicas()) {
            replica.tooFewReplicas();
        }
        if (!ended) {
            considerIsr();
        }
    }

    /** The leadership is over. */
    void end(IOException reason) {
        if (ended) {
            return;
        }
        ended = true;
        records.close(reason);
        if (ledger != null) {
            ledger.close(reason);
        }
    }
}
