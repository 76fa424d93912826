package io.penstock.broker.request.jms;

import io.penstock.broker.request.PeerHandler;
import io.penstock.broker.request.PeerRight;
import io.penstock.broker.transaction.BranchRecord;
import io.penstock.broker.transaction.BranchTargets;
import io.penstock.broker.transaction.CommitRecord;
import io.penstock.protocol.message.EndBranchRequest;
import io.penstock.protocol.message.HoldBranchRequest;
import io.penstock.protocol.message.ListBranchesRequest;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.ReleaseCommitRequest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** What brokers ask of each other about prepared branches. Rule of all: act as a broker. A list, no logic. */
final class BranchPeerHandlers {
    private BranchPeerHandlers() {}

    /** HoldBranch: this broker leads the decisions. */
    static final class Hold extends PeerHandler {
        private final CommitService service;

        Hold(PeerRight right, CommitService service) {
            super(PenstockApi.HOLD_BRANCH, right);
            this.service = service;
        }

        @Override
        protected void serve(Call call, ByteBuffer body) {
            HoldBranchRequest request = HoldBranchRequest.read(body, call.version());
            try {
                CommitPeerHandlers.checkBatches(request.sends());
            } catch (FrontException e) {
                CommitPeerHandlers.fail(call, e);
                return;
            }
            call.retain(); // The batches are slices of the frame.
            BranchRecord branch = new BranchRecord(
                    request.branch(),
                    request.principal(),
                    request.preparedMillis(),
                    CommitMessages.record(request.commit(), request.sends(), request.settles()));
            service.hold(request.term(), branch, failure -> {
                if (failure != null) {
                    CommitPeerHandlers.fail(call, failure);
                } else {
                    call.reply(null);
                }
            });
        }
    }

    /** HomeEndBranch: this broker leads the decisions. */
    static final class End extends PeerHandler {
        private final CommitService service;

        End(PeerRight right, CommitService service) {
            super(PenstockApi.HOME_END_BRANCH, right);
            this.service = service;
        }

        @Override
        protected void serve(Call call, ByteBuffer body) {
            service.end(
                    EndBranchRequest.read(body, call.version()),
                    answer -> call.reply(new MessageFrame(answer)),
                    failure -> CommitPeerHandlers.fail(call, failure));
        }
    }

    /** HomeListBranches: this broker leads the decisions. */
    static final class ListAll extends PeerHandler {
        private final CommitService service;

        ListAll(PeerRight right, CommitService service) {
            super(PenstockApi.HOME_LIST_BRANCHES, right);
            this.service = service;
        }

        @Override
        protected void serve(Call call, ByteBuffer body) {
            service.list(
                    ListBranchesRequest.read(body, call.version()),
                    answer -> call.reply(new MessageFrame(answer)),
                    failure -> CommitPeerHandlers.fail(call, failure));
        }
    }

    /** ReleaseCommit: this broker leads parts of a branch that is rolled back. */
    static final class Release extends PeerHandler {
        private final BranchTargets targets;

        Release(PeerRight right, BranchTargets targets) {
            super(PenstockApi.RELEASE_COMMIT, right);
            this.targets = targets;
        }

        @Override
        protected void serve(Call call, ByteBuffer body) {
            ReleaseCommitRequest request = ReleaseCommitRequest.read(body, call.version());
            CommitRecord record = CommitMessages.record(request.commit(), List.of(), request.settles());
            if (record.settles().isEmpty()) {
                call.fail(PenstockError.INVALID_REQUEST, "a branch without a part");
                return;
            }
            AtomicInteger left = new AtomicInteger(record.settles().size());
            AtomicReference<Throwable> failed = new AtomicReference<>();
            for (CommitRecord.Settle settle : record.settles()) {
                targets.release(record, settle, (nothing, failure) -> {
                    if (failure != null) {
                        failed.compareAndSet(null, failure);
                    }
                    if (left.decrementAndGet() > 0) {
                        return;
                    }
                    if (failed.get() != null) {
                        CommitPeerHandlers.fail(call, failed.get());
                    } else {
                        call.reply(null);
                    }
                });
            }
        }
    }
}
