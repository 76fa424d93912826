package io.penstock.broker.request.jms;

import io.penstock.broker.transaction.CommitRecord;
import io.penstock.broker.transaction.CommitTargets;
import io.penstock.broker.transaction.LocalCommits;
import io.penstock.broker.transaction.RolledBackException;
import io.penstock.broker.transaction.UnknownOutcomeException;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The decisions on commits over several logs, behind their topic, which is made at the first such commit and recovered
 * when the broker starts, before a client is served. When a force of the log fails it is recovered anew, and what it then
 * holds tells how the commit has ended whose decision was under way. Any thread may call.
 */
final class CommitService {
    /** Longer than logs that are forced in the background take to be forced. */
    private static final long FORGET_AFTER_NANOS = TimeUnit.SECONDS.toNanos(30);

    /** Between two looks whether the log is recovered, and how many there are. */
    private static final long ASK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final int ASKED_MAX = 600;

    private static final Logger LOG = LoggerFactory.getLogger(CommitService.class);

    private final InternalTopics topics;
    private final CommitTargets recoveryTargets;
    private CompletableFuture<Opened> opened;
    private volatile Opened ready;

    private record Opened(LocalCommits commits, Owner owner) {}

    CommitService(InternalTopics topics, CommitTargets recoveryTargets) {
        this.topics = topics;
        this.recoveryTargets = recoveryTargets;
    }

    /** Carries out what was decided before the broker stopped, if this broker leads the decisions. */
    CompletionStage<Void> start() {
        return topics.leads(InternalTopics.TRANSACTIONS)
                ? open().thenApply(ignored -> null)
                : CompletableFuture.completedFuture(null);
    }

    /**
     * Decides and carries out a commit.
     *
     * @param committed on the owner of the decisions, or where the failure was found
     */
    void commit(CommitRecord record, CommitTargets targets, LocalCommits.Committed committed) {
        with(
                (commits, owner) -> commits.commit(record, targets, (baseOffsets, failure) -> {
                    if (failure != null && commits.stale()) {
                        retire(commits);
                    }
                    if (failure instanceof UnknownOutcomeException unknown) {
                        askLog(owner, record, committed, unknown, ASKED_MAX);
                    } else {
                        committed.done(baseOffsets, failure);
                    }
                }),
                failure -> committed.done(null, failure instanceof IOException io ? io : new IOException(failure)));
    }

    /** The log is being closed and recovered: what it holds then is what has happened. */
    private void askLog(
            Owner owner,
            CommitRecord record,
            LocalCommits.Committed committed,
            UnknownOutcomeException unknown,
            int timesLeft) {
        owner.schedule(
                () -> open().whenComplete((anew, failure) -> owner.run(() -> {
                    if (failure != null && timesLeft > 0) {
                        askLog(owner, record, committed, unknown, timesLeft - 1);
                    } else if (failure != null) {
                        committed.done(null, unknown);
                    } else {
                        long[] baseOffsets = anew.commits().recovered(record.session(), record.sequence());
                        committed.done(
                                baseOffsets,
                                baseOffsets != null
                                        ? null
                                        : new RolledBackException(
                                                "the decision was lost when its force failed", unknown));
                    }
                })),
                ASK_NANOS);
    }

    private void retire(LocalCommits commits) {
        commits.retire();
        synchronized (this) {
            if (ready != null && ready.commits() == commits) {
                ready = null;
                opened = null;
            }
        }
    }

    /** The image has changed: whoever comes to lead the decisions carries out what was decided. */
    void metadataChanged() {
        if (ready == null && topics.leads(InternalTopics.TRANSACTIONS)) {
            open().exceptionally(failure -> {
                LOG.warn("decided commits cannot be carried out now: {}", failure.toString());
                return null;
            });
        }
    }

    /** On the owner of the decisions: another leads them, or they are being recovered. */
    private void lost() {
        Opened was;
        synchronized (this) {
            was = ready;
            ready = null;
            opened = null;
        }
        if (was != null) {
            was.commits().retire();
        }
    }

    /** Runs {@code task} on the owner of the decisions. */
    private void with(BiConsumer<LocalCommits, Owner> task, Consumer<Throwable> failed) {
        Opened now = ready;
        if (now != null) {
            now.owner().run(() -> task.accept(now.commits(), now.owner()));
            return;
        }
        open().whenComplete((service, failure) -> {
            if (failure != null) {
                failed.accept(failure);
            } else {
                service.owner().run(() -> task.accept(service.commits(), service.owner()));
            }
        });
    }

    private synchronized CompletableFuture<Opened> open() {
        if (opened == null || opened.isCompletedExceptionally()) {
            opened = topics.open(InternalTopics.TRANSACTIONS, this::lost)
                    .thenCompose(log -> {
                        CompletableFuture<Opened> recovered = new CompletableFuture<>();
                        LocalCommits commits = new LocalCommits(log, FORGET_AFTER_NANOS);
                        try {
                            commits.recover(recoveryTargets, () -> {
                                ready = new Opened(commits, log.owner());
                                recovered.complete(ready);
                            });
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                        return recovered;
                    })
                    .toCompletableFuture();
        }
        return opened;
    }
}
