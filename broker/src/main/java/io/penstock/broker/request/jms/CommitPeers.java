package io.penstock.broker.request.jms;

import io.penstock.broker.replication.PeerChannel;
import io.penstock.broker.replication.PeerException;
import io.penstock.broker.transaction.CommitRecord;
import io.penstock.broker.transaction.CommitTargets;
import io.penstock.protocol.message.ApplyCommitRequest;
import io.penstock.protocol.message.AskCommitRequest;
import io.penstock.protocol.message.AskCommitResponse;
import io.penstock.protocol.message.CommitId;
import io.penstock.protocol.message.CommitResponse;
import io.penstock.protocol.message.DecideCommitRequest;
import io.penstock.protocol.message.EndBranchRequest;
import io.penstock.protocol.message.EndBranchResponse;
import io.penstock.protocol.message.HoldBranchRequest;
import io.penstock.protocol.message.ListBranchesRequest;
import io.penstock.protocol.message.ListBranchesResponse;
import io.penstock.protocol.message.MalformedMessageException;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PrepareCommitRequest;
import io.penstock.protocol.message.PrepareCommitResponse;
import io.penstock.protocol.message.PrivateMessage;
import io.penstock.protocol.message.ReleaseCommitRequest;
import io.penstock.protocol.message.UndoCommitRequest;
import io.penstock.storage.time.Owner;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** What a broker says to others about commits. Any thread may call. */
final class CommitPeers {
    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final PeerChannel peers;
    /** On which answers to applied parts are taken. */
    private final Owner owner;

    CommitPeers(PeerChannel peers, Owner owner) {
        this.peers = peers;
        this.owner = owner;
    }

    /** Reads the body of an answer. */
    private interface Reader<T> {
        T read(ByteBuffer body, short version);
    }

    void prepare(
            int broker,
            PrepareCommitRequest request,
            Owner on,
            Consumer<PrepareCommitResponse> answered,
            Consumer<Throwable> failed) {
        call(broker, PenstockApi.PREPARE_COMMIT, request, on, PrepareCommitResponse::read, answered, failed);
    }

    void decide(
            int broker,
            DecideCommitRequest request,
            Owner on,
            Consumer<CommitResponse> answered,
            Consumer<Throwable> failed) {
        call(broker, PenstockApi.DECIDE_COMMIT, request, on, CommitResponse::read, answered, failed);
    }

    void ask(int broker, CommitId commit, Owner on, Consumer<AskCommitResponse> answered, Consumer<Throwable> failed) {
        call(
                broker,
                PenstockApi.ASK_COMMIT,
                new AskCommitRequest(commit),
                on,
                AskCommitResponse::read,
                answered,
                failed);
    }

    /** @param told runs in any case: who could not be told asks the home */
    void undo(int broker, UndoCommitRequest request, Owner on, Runnable told) {
        call(
                broker,
                PenstockApi.UNDO_COMMIT,
                request,
                on,
                (body, version) -> true,
                done -> told.run(),
                ignored -> told.run());
    }

    void hold(int broker, HoldBranchRequest request, Owner on, Runnable held, Consumer<Throwable> failed) {
        call(broker, PenstockApi.HOLD_BRANCH, request, on, (body, version) -> true, done -> held.run(), failed);
    }

    void end(
            int broker,
            EndBranchRequest request,
            Owner on,
            Consumer<EndBranchResponse> answered,
            Consumer<Throwable> failed) {
        call(broker, PenstockApi.HOME_END_BRANCH, request, on, EndBranchResponse::read, answered, failed);
    }

    void list(
            int broker,
            ListBranchesRequest request,
            Owner on,
            Consumer<ListBranchesResponse> answered,
            Consumer<Throwable> failed) {
        call(broker, PenstockApi.HOME_LIST_BRANCHES, request, on, ListBranchesResponse::read, answered, failed);
    }

    /** @param part a branch with one part alone */
    void release(int broker, CommitRecord part, CommitTargets.Done done) {
        call(
                broker,
                PenstockApi.RELEASE_COMMIT,
                new ReleaseCommitRequest(CommitMessages.id(part), CommitMessages.settles(part.settles())),
                owner,
                (body, version) -> true,
                released -> done.done(-1, null),
                failure -> done.done(-1, failure instanceof PeerException peer ? peer : unreadable(failure)));
    }

    /** @param part a commit with one part alone */
    void apply(int broker, CommitRecord part, CommitTargets.Done done) {
        ApplyCommitRequest request = new ApplyCommitRequest(
                CommitMessages.id(part), CommitMessages.entries(part.sends()), CommitMessages.settles(part.settles()));
        call(
                broker,
                PenstockApi.APPLY_COMMIT,
                request,
                owner,
                CommitResponse::read,
                response -> done.done(
                        response.baseOffsets().isEmpty()
                                ? -1
                                : response.baseOffsets().get(0),
                        null),
                failure -> done.done(-1, failure instanceof PeerException peer ? peer : unreadable(failure)));
    }

    private static PeerException unreadable(Throwable failure) {
        return new PeerException(PeerException.Reason.NO_ANSWER, failure.toString());
    }

    private <T> void call(
            int broker,
            PenstockApi api,
            PrivateMessage request,
            Owner on,
            Reader<T> reader,
            Consumer<T> answered,
            Consumer<Throwable> failed) {
        peers.send(broker, api, request, on, ANSWER_NANOS, new PeerChannel.PeerCallback() {
            @Override
            public void replied(PeerChannel.PeerReply reply) {
                T answer;
                try {
                    answer = reader.read(reply.body(), (short) 0);
                } catch (MalformedMessageException e) {
                    failed.accept(unreadable(e));
                    return;
                }
                answered.accept(answer);
            }

            @Override
            public void failed(PeerException failure) {
                failed.accept(failure);
            }
        });
    }
}
