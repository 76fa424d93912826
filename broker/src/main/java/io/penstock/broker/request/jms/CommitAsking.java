package io.penstock.broker.request.jms;

import io.penstock.protocol.message.AskCommitResponse;
import io.penstock.protocol.message.CommitId;
import io.penstock.protocol.message.PenstockError;
import io.penstock.storage.time.Owner;
import java.util.function.Consumer;

/** Asks the home of commits, wherever it is now. Any thread may call. */
final class CommitAsking implements CommitParticipant.Home {
    private final CommitRoutes routes;
    private final CommitPeers peers;
    private final CommitService here;

    CommitAsking(CommitRoutes routes, CommitPeers peers, CommitService here) {
        this.routes = routes;
        this.peers = peers;
        this.here = here;
    }

    @Override
    public void ask(CommitId commit, Owner owner, Consumer<AskCommitResponse> answered, Consumer<Throwable> failed) {
        CommitRoutes.Home home = routes.home().orElse(null);
        if (home == null) {
            owner.execute(() -> failed.accept(nobodyLeads()));
        } else if (home.leader() == routes.self()) {
            here.ask(
                    commit,
                    answer -> owner.run(() -> answered.accept(answer)),
                    failure -> owner.run(() -> failed.accept(failure)));
        } else {
            peers.ask(home.leader(), commit, owner, answered, failed);
        }
    }

    static FrontException nobodyLeads() {
        return new FrontException(PenstockError.NOT_LEADER, "nobody leads the decisions on commits now");
    }
}
