package io.penstock.broker.request.jms;

import io.penstock.protocol.message.EndBranchRequest;
import io.penstock.protocol.message.EndBranchResponse;
import io.penstock.protocol.message.ListBranchesRequest;
import io.penstock.protocol.message.ListBranchesResponse;
import io.penstock.protocol.message.PenstockError;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Asks the home, wherever it is now, about prepared branches, and again while it moves. Any thread may call. */
final class BranchAsking {
    private static final long ASKED_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final Clock clock;
    private final CommitRoutes routes;
    private final CommitPeers peers;
    private final CommitService here;

    BranchAsking(Clock clock, CommitRoutes routes, CommitPeers peers, CommitService here) {
        this.clock = clock;
        this.routes = routes;
        this.peers = peers;
        this.here = here;
    }

    /** One question to the home. */
    private interface Question<T> {
        void ask(CommitRoutes.Home home, Consumer<T> answered, Consumer<Throwable> failed);
    }

    /** @param owner on which it is answered */
    void end(EndBranchRequest request, Owner owner, Consumer<EndBranchResponse> answered, Consumer<Throwable> failed) {
        begin(
                owner,
                (home, done, failure) -> {
                    if (home.leader() == routes.self()) {
                        here.end(request, done, failure);
                    } else {
                        peers.end(home.leader(), request, owner, done, failure);
                    }
                },
                answered,
                failed);
    }

    /** @param owner on which it is answered */
    void list(
            ListBranchesRequest request,
            Owner owner,
            Consumer<ListBranchesResponse> answered,
            Consumer<Throwable> failed) {
        begin(
                owner,
                (home, done, failure) -> {
                    if (home.leader() == routes.self()) {
                        here.list(request, done, failure);
                    } else {
                        peers.list(home.leader(), request, owner, done, failure);
                    }
                },
                answered,
                failed);
    }

    private <T> void begin(Owner owner, Question<T> question, Consumer<T> answered, Consumer<Throwable> failed) {
        long deadline = clock.nanos() + ASKED_NANOS;
        here.ensureHome()
                .whenComplete((there, failure) -> owner.run(() -> {
                    if (failure != null) {
                        failed.accept(failure);
                    } else {
                        attempt(owner, question, deadline, answered, failed);
                    }
                }));
    }

    private <T> void attempt(
            Owner owner, Question<T> question, long deadline, Consumer<T> answered, Consumer<Throwable> failed) {
        CommitRoutes.Home home = routes.home().orElse(null);
        Consumer<Throwable> again = failure -> owner.run(() -> {
            if (clock.nanos() - deadline < 0 && isPassing(FrontErrors.error(failure))) {
                owner.schedule(() -> attempt(owner, question, deadline, answered, failed), PAUSE_NANOS);
            } else {
                failed.accept(failure);
            }
        });
        if (home == null) {
            again.accept(CommitAsking.nobodyLeads());
        } else {
            question.ask(home, answer -> owner.run(() -> answered.accept(answer)), again);
        }
    }

    /** Every question may be put again. */
    private static boolean isPassing(PenstockError error) {
        return switch (error) {
            case NOT_LEADER, TIMED_OUT, SHUTTING_DOWN, STORAGE_FAILED, NOT_ENOUGH_REPLICAS -> true;
            default -> false;
        };
    }
}
