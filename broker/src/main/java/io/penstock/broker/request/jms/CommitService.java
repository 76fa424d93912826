package io.penstock.broker.request.jms;

import io.penstock.broker.transaction.CommitTargets;
import io.penstock.broker.transaction.LocalCommits;
import io.penstock.storage.time.Owner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The decisions on commits over several logs, behind their topic, which is made at the first such commit and recovered
 * when the broker starts, before a client is served. Any thread may call.
 */
final class CommitService {
    /** Longer than logs that are forced in the background take to be forced. */
    private static final long FORGET_AFTER_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final InternalTopics topics;
    private final CommitTargets recoveryTargets;
    private CompletableFuture<Opened> opened;
    private volatile Opened ready;

    private record Opened(LocalCommits commits, Owner owner) {}

    CommitService(InternalTopics topics, CommitTargets recoveryTargets) {
        this.topics = topics;
        this.recoveryTargets = recoveryTargets;
    }

    /** Carries out what was decided before the broker stopped. */
    CompletionStage<Void> start() {
        return topics.exists(InternalTopics.TRANSACTIONS)
                ? open().thenApply(ignored -> null)
                : CompletableFuture.completedFuture(null);
    }

    /** Runs {@code task} on the owner of the decisions. */
    void with(BiConsumer<LocalCommits, Owner> task, Consumer<Throwable> failed) {
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
            opened = topics.open(InternalTopics.TRANSACTIONS)
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
