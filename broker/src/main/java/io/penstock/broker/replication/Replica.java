package io.penstock.broker.replication;

import io.penstock.broker.config.ThrottledReplicas;
import io.penstock.broker.metadata.ClusterImage;
import io.penstock.broker.metadata.PartitionImage;
import io.penstock.broker.metadata.TopicImage;
import io.penstock.broker.partition.PartitionKey;
import io.penstock.broker.partition.PartitionUnavailableException;
import io.penstock.broker.partition.PartitionUnavailableException.Reason;
import io.penstock.broker.partition.ReplicatedPartitions.Led;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.ReplicaPosition;
import io.penstock.protocol.message.ReplicaRow;
import io.penstock.storage.log.LogException;
import io.penstock.storage.log.LogId;
import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replicated partition on this broker, leading or following as the newest image says. Its owner's thread alone
 * touches it, but for what names another; made and dropped by {@link ReplicaKeeper}.
 *
 * <pre>
 *            image: another leader or epoch
 *   IDLE --------------------------------------> LEADING (logs open with the first request or fetch)
 *     ^ \--------------------------------------> FOLLOWING (logs open at once)
 *     '-- gone, or no leader
 * </pre>
 */
final class Replica {
    private static final Logger log = LoggerFactory.getLogger(Replica.class);
    private static final long REOPEN_NANOS = 1_000_000_000L;

    private final PartitionKey key;
    private final Owner owner;
    private final ReplicaContext context;
    private final IntFunction<ReplicaFetcher> fetchers;
    /** Done when whoever had the logs before has let go of them. */
    private final CompletionStage<?> released;

    private final List<Runnable> whenOpen = new ArrayList<>();
    private String topicName;
    private Map<String, String> topicConfig;
    private boolean throttledLeader;
    private boolean throttledFollower;
    private PartitionImage image;
    private PartitionLog records;
    private PartitionLog ledger;
    private boolean opening;
    private CompletableFuture<PartitionLog> ledgerOpening;
    private Leadership leading;
    private FollowerState following;
    /** As far as they were known: a new leader begins with them. */
    private long recordsHighWatermark;

    private long ledgerHighWatermark;
    /** A log failed as its leader: in that epoch it must not lead again, for it may have less now than it gave out. */
    private int resignedEpoch = -1;

    private boolean gone;
    /** What waits for the end of an opening, in a replica that is no more; null when nothing does. */
    private Runnable whenGone;

    Replica(
            PartitionKey key,
            Owner owner,
            ReplicaContext context,
            IntFunction<ReplicaFetcher> fetchers,
            CompletionStage<?> released) {
        this.released = released;
        this.key = key;
        this.owner = owner;
        this.context = context;
        this.fetchers = fetchers;
    }

    PartitionKey key() {
        return key;
    }

    UUID topicId() {
        return key.topicId();
    }

    int index() {
        return key.index();
    }

    /** Any thread. */
    Owner owner() {
        return owner;
    }

    int minInSync() {
        return context.minInSync().applyAsInt(topicConfig);
    }

    PartitionLog records() {
        return records;
    }

    /** Null while there is none. */
    PartitionLog ledger() {
        return ledger;
    }

    // ---- the image

    /** Applies what the newest image says, as far as it is news. */
    void lookAgain() {
        ClusterImage now = context.metadata().image();
        TopicImage topic = now.topic(key.topicId()).orElse(null);
        if (topic == null || key.index() >= topic.partitions().size()) {
            return; // the keeper hears of it and drops the replica
        }
        apply(topic, topic.partitions().get(key.index()));
    }

    private void apply(TopicImage topic, PartitionImage next) {
        if (gone) {
            return;
        }
        topicName = topic.name();
        if (!topic.config().equals(topicConfig)) {
            topicConfig = topic.config();
            configure();
        }
        if (image != null && next.leaderEpoch() < image.leaderEpoch()) {
            return;
        }
        boolean same = image != null && next.leaderEpoch() == image.leaderEpoch() && next.leader() == image.leader();
        image = next;
        if (same) {
            if (leading != null) {
                leading.state.adopt(next);
            }
            if (following != null) {
                following.goOn();
            }
            return;
        }
        stepDown(new PartitionUnavailableException(
                Reason.NOT_LEADER, this + " is led by broker " + next.leader() + " in epoch " + next.leaderEpoch()));
        if (next.leader() == context.brokerId()) {
            if (records != null) {
                lead();
            }
        } else if (next.leader() >= 0) {
            follow();
        }
    }

    private void configure() {
        throttledLeader =
                ThrottledReplicas.contains(topicConfig, ThrottledReplicas.LEADERS, key.index(), context.brokerId());
        throttledFollower =
                ThrottledReplicas.contains(topicConfig, ThrottledReplicas.FOLLOWERS, key.index(), context.brokerId());
        if (records != null) {
            records.configure(context.configs().apply(topicConfig));
        }
        if (ledger != null) {
            ledger.configure(context.configs().apply(topicConfig).forLedger());
        }
    }

    /** Whether those that follow here share a rate, unless they are in sync. */
    boolean throttledAsLeader() {
        return throttledLeader;
    }

    /** Whether this follower shares a rate with others now. */
    boolean throttledAsFollower() {
        return throttledFollower && !image.isr().contains(context.brokerId());
    }

    private boolean leads() {
        return !gone && image != null && image.leader() == context.brokerId() && image.leaderEpoch() > resignedEpoch;
    }

    private void stepDown(PartitionUnavailableException reason) {
        Leadership was = leading;
        leading = null;
        if (was != null) {
            recordsHighWatermark = was.state.records().durableEndOffset();
            ledgerHighWatermark =
                    was.state.ledger() == null ? 0 : was.state.ledger().durableEndOffset();
            was.end(reason);
        }
        FollowerState before = following;
        following = null;
        if (before != null) {
            recordsHighWatermark = before.recordsHighWatermark();
            ledgerHighWatermark = before.ledgerHighWatermark();
            before.end();
        }
    }

    private void lead() {
        try {
            LeaderState state = new LeaderState(this, context, image, records, recordsHighWatermark);
            leading = new Leadership(state);
            if (ledger != null) {
                state.useLedger(ledger, ledgerHighWatermark);
            }
            log.info("{} is led in epoch {} from offset {}", this, image.leaderEpoch(), records.endOffset());
            state.tick();
        } catch (IOException e) {
            failed(e);
        }
    }

    private void follow() {
        if (records == null) {
            open(() -> {
                if (records != null) {
                    followIfNobodyDoes();
                }
            });
            return;
        }
        following = new FollowerState(
                this,
                context,
                fetchers.apply(image.leader()),
                image.leaderEpoch(),
                recordsHighWatermark,
                ledgerHighWatermark);
        following.start();
    }

    // ---- the logs

    /** Opens the logs if they are not, then runs the task; also when that failed. */
    private void open(Runnable then) {
        if (records != null || gone) {
            then.run();
            return;
        }
        whenOpen.add(then);
        if (opening) {
            return;
        }
        opening = true;
        LogId recordsId = LogId.records(key.topicId(), key.index());
        LogId ledgerId = LogId.ledger(key.topicId(), key.index());
        var config = context.configs().apply(topicConfig);
        released.handle((done, failure) -> null)
                .thenCompose(done -> context.logs().open(recordsId, config, owner))
                .thenCompose(opened -> context.logs().exists(ledgerId)
                        ? context.logs()
                                .open(ledgerId, config.forLedger(), owner)
                                .thenApply(also -> new PartitionLog[] {opened, also})
                        : CompletableFuture.completedFuture(new PartitionLog[] {opened, null}))
                .whenComplete((opened, failure) -> owner.execute(() -> opened(opened, failure)));
    }

    private void opened(PartitionLog[] opened, Throwable failure) {
        opening = false;
        if (whenGone != null) {
            whenGone.run();
        }
        List<Runnable> waiting = new ArrayList<>(whenOpen);
        whenOpen.clear();
        if (failure != null && !gone && isBeingAdded()) {
            log.warn("{}: what an earlier time as a replica has left is of no use: {}", this, failure.toString());
            beginEmpty();
        } else if (failure != null) {
            log.error("{} could not be opened", this, failure);
            if (!gone && image.leader() != context.brokerId()) {
                owner.schedule(this::followIfNobodyDoes, REOPEN_NANOS);
            }
        } else if (!gone) {
            records = opened[0];
            ledger = opened[1];
            if (leads()) {
                lead();
            }
        }
        waiting.forEach(Runnable::run);
    }

    /** Nobody counts on what this broker has. */
    private boolean isBeingAdded() {
        int self = context.brokerId();
        return image.adding().contains(self)
                && !image.isr().contains(self)
                && !image.eligible().contains(self);
    }

    /** After a death in the middle of a deletion, say. */
    private void beginEmpty() {
        context.logs()
                .delete(LogId.ledger(key.topicId(), key.index()))
                .thenCompose(done -> context.logs().delete(LogId.records(key.topicId(), key.index())))
                .whenComplete(
                        (done, failure) -> owner.execute(() -> owner.schedule(this::followIfNobodyDoes, REOPEN_NANOS)));
    }

    private void followIfNobodyDoes() {
        if (!gone && following == null && image.leader() >= 0 && image.leader() != context.brokerId()) {
            follow();
        }
    }

    /** The ledger, made if there is none; completes on the owner. */
    CompletableFuture<PartitionLog> openLedger() {
        if (ledger != null) {
            return CompletableFuture.completedFuture(ledger);
        }
        if (ledgerOpening != null) {
            return ledgerOpening;
        }
        CompletableFuture<PartitionLog> result = new CompletableFuture<>();
        ledgerOpening = result;
        PartitionLog beside = records;
        context.logs()
                .open(LogId.ledger(key.topicId(), key.index()), records.config().forLedger(), owner)
                .whenComplete((opened, failure) -> owner.execute(() -> {
                    ledgerOpening = null;
                    if (whenGone != null) {
                        whenGone.run();
                    }
                    if (failure != null) {
                        result.completeExceptionally(failure);
                    } else if (gone || records != beside) {
                        result.completeExceptionally(unavailable());
                    } else {
                        ledger = opened;
                        ledgerOpened(opened);
                        result.complete(opened);
                    }
                }));
        return result;
    }

    private void ledgerOpened(PartitionLog opened) {
        try {
            if (leading != null) {
                leading.state.useLedger(opened, ledgerHighWatermark);
            }
        } catch (IOException e) {
            failed(e);
        }
    }

    /**
     * The follower has nothing in common with its leader: a log is made anew, from {@code offset} on. Until that is done
     * the logs are as if they were not open.
     *
     * @param then runs on the owner, also when it failed
     */
    void makeAnew(LogId.Kind kind, long offset, Runnable then) {
        PartitionLog keptRecords = kind == LogId.Kind.RECORDS ? null : records;
        PartitionLog keptLedger = kind == LogId.Kind.LEDGER ? null : ledger;
        PartitionLog old = kind == LogId.Kind.LEDGER ? ledger : records;
        log.warn("{}: the {} from {} to {} is made anew at {}", this, kind, old.startOffset(), old.endOffset(), offset);
        records = null;
        ledger = null;
        opening = true;
        whenOpen.add(then);
        LogId id = old.id();
        context.logs()
                .delete(id)
                .thenCompose(deleted -> context.logs().open(id, old.config(), owner))
                .whenComplete((opened, failure) -> owner.execute(() -> {
                    Throwable why = failure;
                    try {
                        if (failure == null && offset > opened.endOffset()) {
                            opened.restartAt(offset);
                        }
                    } catch (IOException e) {
                        why = e;
                    }
                    PartitionLog newRecords = kind == LogId.Kind.RECORDS ? opened : keptRecords;
                    PartitionLog newLedger = kind == LogId.Kind.LEDGER ? opened : keptLedger;
                    opened(new PartitionLog[] {newRecords, newLedger}, why);
                }));
    }

    /**
     * A log failed. When it is offline, both are closed and recovered: a follower then goes on, a leader of this epoch
     * only if it lost nothing, since what it gave to others must not become other records under the same epoch.
     */
    void failed(IOException cause) {
        if (!isOffline(cause) || gone || records == null) {
            return;
        }
        log.warn("{} is closed and recovered: {}", this, cause.toString());
        long recordsEnd = records.endOffset();
        long ledgerEnd = ledger == null ? 0 : ledger.endOffset();
        boolean led = leads();
        int epoch = image.leaderEpoch();
        records = null;
        ledger = null;
        // Not at once: who found the failure is in the middle of its work.
        owner.execute(() -> {
            stepDown(new PartitionUnavailableException(Reason.OFFLINE, this + " is being recovered: " + cause));
            if (led) {
                resignedEpoch = epoch;
            }
            context.logs()
                    .close(LogId.ledger(key.topicId(), key.index()))
                    .thenCompose(done -> context.logs().close(LogId.records(key.topicId(), key.index())))
                    .whenComplete((done, failure) -> owner.execute(() -> recover(led, epoch, recordsEnd, ledgerEnd)));
        });
    }

    private void recover(boolean led, int epoch, long recordsEnd, long ledgerEnd) {
        open(() -> {
            if (gone || records == null) {
                return;
            }
            long ledgerEndNow = ledger == null ? 0 : ledger.endOffset();
            boolean whole = records.endOffset() >= recordsEnd && ledgerEndNow >= ledgerEnd;
            if (led && whole && resignedEpoch == epoch) {
                resignedEpoch = epoch - 1;
            }
            if (leads() && leading == null) {
                lead();
            } else if (!leads()) {
                followIfNobodyDoes();
            }
            if (led && !whole && image.leaderEpoch() == epoch) {
                log.error("{} has lost what it gave out in epoch {}: it waits for another leader", this, epoch);
            }
        });
    }

    static boolean isOffline(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof LogException refused && refused.reason() == LogException.Reason.OFFLINE) {
                return true;
            }
        }
        return false;
    }

    // ---- as a follower

    /** What the leader said; {@code done} runs in any case. */
    void take(ReplicaRow row, Runnable done) {
        if (following == null) {
            done.run();
        } else {
            following.take(row, done);
        }
    }

    /** A follower that cannot go on begins again, a little later. */
    void followAgain(FollowerState state) {
        if (following == state) {
            stepDown(new PartitionUnavailableException(Reason.NOT_LEADER, this + " is not led here"));
            owner.schedule(this::followIfNobodyDoes, REOPEN_NANOS);
        }
    }

    // ---- as a leader

    /** Gives the leadership, opening the logs first when need be. */
    void lead(Consumer<Led> led, Consumer<Throwable> failed) {
        lookAgain();
        if (!leads()) {
            failed.accept(unavailable());
        } else if (leading != null) {
            led.accept(leading);
        } else {
            open(() -> {
                if (leading != null) {
                    led.accept(leading);
                } else {
                    failed.accept(unavailable());
                }
            });
        }
    }

    private PartitionUnavailableException unavailable() {
        if (gone || image == null) {
            return new PartitionUnavailableException(Reason.UNKNOWN, this + " is not here");
        }
        boolean offline = image.leader() == context.brokerId();
        return new PartitionUnavailableException(
                offline ? Reason.OFFLINE : Reason.NOT_LEADER,
                offline ? this + " cannot be used now" : this + " is led by broker " + image.leader());
    }

    /**
     * A follower's position; any thread.
     *
     * @param answer NONE when it was taken; on the owner
     */
    void fetched(LeaderSession session, ReplicaPosition position, Consumer<PenstockError> answer) {
        owner.run(() -> {
            if (image == null || position.leaderEpoch() > image.leaderEpoch() || leading == null) {
                lookAgain();
            }
            if (gone || image == null) {
                answer.accept(PenstockError.UNKNOWN_DESTINATION);
            } else if (!leads()) {
                answer.accept(PenstockError.NOT_LEADER);
            } else {
                open(() -> answer.accept(leading == null ? PenstockError.NOT_LEADER : takePosition(session, position)));
            }
        });
    }

    private PenstockError takePosition(LeaderSession session, ReplicaPosition position) {
        if (ledger == null && position.ledger().offset() > 0) {
            // What the follower has was never committed; it has to be held against something.
            openLedger();
        }
        try {
            return leading.state.fetched(session, position);
        } catch (IOException e) {
            log.error("{} cannot be read for broker {}", this, session.brokerId(), e);
            failed(e);
            return PenstockError.STORAGE_FAILED;
        }
    }

    /** The rows of a follower; null when there is nothing. */
    FetchedRow read(LeaderSession session, int maxBytes, boolean atLeastOne) {
        return leading == null ? null : leading.state.read(session, maxBytes, atLeastOne);
    }

    boolean hasNews(LeaderSession session) {
        return leading != null && leading.state.hasNews(session);
    }

    /** Any thread: the session is over. */
    void detach(LeaderSession session) {
        owner.run(() -> {
            if (leading != null) {
                leading.state.detach(session);
            }
        });
    }

    void tooFewReplicas() {
        if (leading != null) {
            leading.tooFew.run();
        }
    }

    void tick() {
        if (leading != null) {
            leading.tick();
        }
    }

    /** The partition, or this replica of it, is no more, or the broker stops. */
    void close(PartitionUnavailableException reason) {
        gone = true;
        stepDown(reason);
        List<Runnable> waiting = new ArrayList<>(whenOpen);
        whenOpen.clear();
        waiting.forEach(Runnable::run);
    }

    /** As {@link #close}; then the logs are nobody's, and the task may delete them. */
    void close(PartitionUnavailableException reason, Runnable then) {
        close(reason);
        if (opening || ledgerOpening != null) {
            whenGone = then;
        } else {
            then.run();
        }
    }

    @Override
    public String toString() {
        return topicName + "-" + key.index();
    }

    /** The leadership as those see it who serve clients. */
    private final class Leadership implements Led {
        private final LeaderState state;
        private Consumer<PartitionUnavailableException> lost = reason -> {};
        private Runnable tooFew = () -> {};
        private Runnable servingAgain = () -> {};
        private boolean served = true;

        Leadership(LeaderState state) {
            this.state = state;
        }

        @Override
        public int leaderEpoch() {
            return state.epoch();
        }

        @Override
        public PartitionLog records() {
            return state.records();
        }

        @Override
        public PartitionLog local() {
            return state.records().local();
        }

        @Override
        public CompletionStage<PartitionLog> ledger() {
            CompletableFuture<PartitionLog> result = new CompletableFuture<>();
            openLedger().whenComplete((opened, failure) -> {
                if (failure != null) {
                    result.completeExceptionally(failure);
                } else if (leading != this) {
                    result.completeExceptionally(unavailable());
                } else {
                    // What an earlier leader left must be committed before anybody acts on it.
                    committed(
                            state.ledger(),
                            result,
                            () -> committed(state.records(), result, () -> result.complete(state.ledger())));
                }
            });
            return result;
        }

        private void committed(CommittedLog which, CompletableFuture<PartitionLog> result, Runnable then) {
            if (which.caughtUp()) {
                then.run();
                return;
            }
            which.onDurable(failure -> {
                if (failure != null) {
                    result.completeExceptionally(failure);
                } else {
                    then.run();
                }
            });
        }

        @Override
        public boolean enoughReplicas() {
            return state.enoughReplicas();
        }

        @Override
        public boolean serving() {
            served = leading == this && state.isAlive();
            return served;
        }

        @Override
        public void failed(IOException cause) {
            if (leading == this) {
                Replica.this.failed(cause);
            }
        }

        @Override
        public void tell(
                Consumer<PartitionUnavailableException> whenLost, Runnable whenTooFew, Runnable whenServingAgain) {
            lost = whenLost;
            tooFew = whenTooFew;
            servingAgain = whenServingAgain;
        }

        private void tick() {
            state.tick();
            if (!served && serving()) {
                servingAgain.run();
            }
        }

        private void end(PartitionUnavailableException reason) {
            // First those who serve clients: what then fails here is no failure to them.
            lost.accept(reason);
            state.end(reason);
        }
    }
}
