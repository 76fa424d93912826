package io.penstock.broker.request.jms;

import io.penstock.broker.partition.InternalLog;
import io.penstock.broker.transaction.BranchRecord;
import io.penstock.broker.transaction.BranchTargets;
import io.penstock.broker.transaction.CommitFences;
import io.penstock.broker.transaction.CommitHome;
import io.penstock.broker.transaction.CommitRecord;
import io.penstock.broker.transaction.CommitTargets;
import io.penstock.broker.transaction.RolledBackException;
import io.penstock.broker.transaction.UnknownOutcomeException;
import io.penstock.protocol.message.AskCommitResponse;
import io.penstock.protocol.message.CommitId;
import io.penstock.protocol.message.CommitTerm;
import io.penstock.protocol.message.EndBranchRequest;
import io.penstock.protocol.message.EndBranchResponse;
import io.penstock.protocol.message.ListBranchesRequest;
import io.penstock.protocol.message.ListBranchesResponse;
import io.penstock.storage.time.Owner;
import java.io.IOException;
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
    private final CommitRoutes routes;
    private final BranchTargets recoveryTargets;
    private final CommitFences fences = new CommitFences();
    private CompletableFuture<Opened> opened;
    private volatile Opened ready;

    private record Opened(CommitHome commits, Owner owner) {}

    /** @param recoveryTargets the leaders of all parts, wherever they are */
    CommitService(InternalTopics topics, CommitRoutes routes, BranchTargets recoveryTargets) {
        this.topics = topics;
        this.routes = routes;
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
    void commit(CommitRecord record, CommitTargets targets, CommitHome.Committed committed) {
        with(
                (commits, owner) -> commits.commit(record, targets, (baseOffsets, failure) -> {
                    retireIfStale(commits, failure);
                    if (failure instanceof UnknownOutcomeException unknown) {
                        askLog(owner, record, committed, unknown, ASKED_MAX);
                    } else {
                        committed.done(baseOffsets, failure);
                    }
                }),
                failure -> committed.done(null, failure instanceof IOException io ? io : new IOException(failure)));
    }

    /**
     * Decides a commit that was prepared for one term of the home, as far as this is that term; when it is decided
     * already, only waits for its end.
     *
     * @param committed told {@link RolledBackException} when it never will be decided for that term; after any other
     *     failure the question is to be put again
     */
    void decide(CommitTerm term, CommitRecord record, CommitHome.Committed committed) {
        with(
                (commits, owner) -> {
                    if (!commits.isDecided(record.session(), record.sequence()) && !term.equals(term())) {
                        committed.done(
                                null, new RolledBackException("the home of the commit has changed meanwhile", null));
                        return;
                    }
                    commits.commit(record, recoveryTargets, (baseOffsets, failure) -> {
                        retireIfStale(commits, failure);
                        committed.done(baseOffsets, failure);
                    });
                },
                failure -> committed.done(null, failure instanceof IOException io ? io : new IOException(failure)));
    }

    /** How a commit stands; one that is not being decided never will be. */
    void ask(CommitId commit, Consumer<AskCommitResponse> answered, Consumer<Throwable> failed) {
        with(
                (commits, owner) -> {
                    CommitTerm term = term();
                    if (term == null) {
                        failed.accept(new IOException("this broker leads the decisions no more"));
                        return;
                    }
                    answered.accept(new AskCommitResponse(
                            commits.ask(CommitMessages.session(commit), commit.sequence()), term));
                },
                failed);
    }

    /**
     * Keeps a branch that was prepared for one term of the home, as far as this is that term, or it is kept already.
     *
     * @param held as with {@link #decide}
     */
    void hold(CommitTerm term, BranchRecord branch, Consumer<Throwable> held) {
        with(
                (commits, owner) -> {
                    if (!commits.holds(branch) && !term.equals(term())) {
                        held.accept(new RolledBackException("the home of the branch has changed meanwhile", null));
                        return;
                    }
                    commits.hold(branch, failure -> {
                        retireIfStale(commits, failure);
                        held.accept(failure);
                    });
                },
                held);
    }

    /** Ends a prepared branch; after any failure it may be asked again, of whoever is the home then. */
    void end(EndBranchRequest request, Consumer<EndBranchResponse> ended, Consumer<Throwable> failed) {
        with(
                (commits, owner) ->
                        commits.end(request.branch(), request.action(), request.principal(), (outcome, failure) -> {
                            retireIfStale(commits, failure);
                            if (failure == null) {
                                ended.accept(new EndBranchResponse(outcome));
                            } else {
                                failed.accept(failure);
                            }
                        }),
                failed);
    }

    /** The branches that wait for their end. */
    void list(ListBranchesRequest request, Consumer<ListBranchesResponse> listed, Consumer<Throwable> failed) {
        with(
                (commits, owner) -> commits.list(
                        request.principal(), branches -> listed.accept(new ListBranchesResponse(branches)), failure -> {
                            retireIfStale(commits, failure);
                            failed.accept(failure);
                        }),
                failed);
    }

    private void retireIfStale(CommitHome commits, IOException failure) {
        if (failure != null && commits.stale()) {
            retire(commits);
        }
    }

    /** For which this broker leads the decisions; null when it does not. */
    private CommitTerm term() {
        return routes.home()
                .filter(home -> home.leader() == routes.self())
                .map(CommitRoutes.Home::term)
                .orElse(null);
    }

    /** Whether there is a home to be had: makes its topic where it is missing. */
    CompletionStage<Void> ensureHome() {
        return topics.ensure(InternalTopics.TRANSACTIONS);
    }

    /** Runs the task, on any thread, when everything that was decided before is carried out. */
    void whenRecovered(Runnable task, Consumer<Throwable> failed) {
        with((commits, owner) -> task.run(), failed);
    }

    /** The log is being closed and recovered: what it holds then is what has happened. */
    private void askLog(
            Owner owner,
            CommitRecord record,
            CommitHome.Committed committed,
            UnknownOutcomeException unknown,
            int timesLeft) {
        owner.schedule(
                () -> open().whenComplete((anew, failure) -> owner.run(() -> {
                    if (failure != null && timesLeft > 0) {
                        askLog(owner, record, committed, unknown, timesLeft - 1);
                    } else if (failure != null) {
                        committed.done(null, unknown);
                    } else if (anew.commits().isDecided(record.session(), record.sequence())) {
                        anew.commits().commit(record, recoveryTargets, committed);
                    } else {
                        committed.done(
                                null, new RolledBackException("the decision was lost when its force failed", unknown));
                    }
                })),
                ASK_NANOS);
    }

    private void retire(CommitHome commits) {
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
    private void with(BiConsumer<CommitHome, Owner> task, Consumer<Throwable> failed) {
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
                        // The log may have been there before anybody waited for it, on whatever thread.
                        log.owner().run(() -> recover(log, recovered));
                        return recovered;
                    })
                    .toCompletableFuture();
        }
        return opened;
    }

    private void recover(InternalLog log, CompletableFuture<Opened> recovered) {
        try {
            CommitHome commits = new CommitHome(log, fences, FORGET_AFTER_NANOS);
            commits.recover(recoveryTargets, () -> {
                ready = new Opened(commits, log.owner());
                recovered.complete(ready);
            });
        } catch (IOException | RuntimeException e) {
            recovered.completeExceptionally(e);
        }
    }
}
