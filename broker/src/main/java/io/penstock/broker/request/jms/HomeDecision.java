package io.penstock.broker.request.jms;

import io.penstock.broker.transaction.BranchRecord;
import io.penstock.broker.transaction.CommitRecord;
import io.penstock.protocol.message.CommitTerm;
import io.penstock.protocol.message.DecideCommitRequest;
import io.penstock.protocol.message.HoldBranchRequest;
import io.penstock.storage.time.Owner;
import java.util.function.Consumer;

/**
 * What a home is given when every leader has agreed: a commit to be decided, or a prepared branch to be kept. Asked again
 * after any failure but {@link io.penstock.broker.transaction.RolledBackException}.
 */
interface HomeDecision {

    /**
     * Asks; the answer comes on the owner.
     *
     * @param done the offsets of what was sent, none for a branch
     */
    void ask(
            ClusterCommit.Parts parts,
            CommitRoutes.Home home,
            CommitTerm term,
            Owner owner,
            Consumer<long[]> done,
            Consumer<Throwable> failed);

    static HomeDecision commit(CommitRecord record) {
        return (parts, home, term, owner, done, failed) -> {
            if (home.leader() == parts.routes().self()) {
                parts.service()
                        .decide(
                                term,
                                record,
                                (baseOffsets, failure) -> owner.run(() -> {
                                    if (failure == null) {
                                        done.accept(baseOffsets);
                                    } else {
                                        failed.accept(failure);
                                    }
                                }));
                return;
            }
            DecideCommitRequest request = new DecideCommitRequest(
                    CommitMessages.id(record),
                    term,
                    CommitMessages.entries(record.sends()),
                    CommitMessages.settles(record.settles()));
            parts.peers()
                    .decide(
                            home.leader(),
                            request,
                            owner,
                            response -> done.accept(response.baseOffsets().stream()
                                    .mapToLong(Long::longValue)
                                    .toArray()),
                            failed);
        };
    }

    static HomeDecision hold(BranchRecord branch) {
        return (parts, home, term, owner, done, failed) -> {
            if (home.leader() == parts.routes().self()) {
                parts.service()
                        .hold(
                                term,
                                branch,
                                failure -> owner.run(() -> {
                                    if (failure == null) {
                                        done.accept(new long[0]);
                                    } else {
                                        failed.accept(failure);
                                    }
                                }));
                return;
            }
            HoldBranchRequest request = new HoldBranchRequest(
                    branch.branch(),
                    branch.principal(),
                    branch.preparedMillis(),
                    CommitMessages.id(branch.work()),
                    term,
                    CommitMessages.entries(branch.work().sends()),
                    CommitMessages.settles(branch.work().settles()));
            parts.peers().hold(home.leader(), request, owner, () -> done.accept(new long[0]), failed);
        };
    }
}
