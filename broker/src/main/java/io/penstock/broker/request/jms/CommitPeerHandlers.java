package io.penstock.broker.request.jms;

import io.penstock.broker.request.PeerHandler;
import io.penstock.broker.request.PeerRight;
import io.penstock.broker.request.PrivateHandler;
import io.penstock.broker.transaction.CommitRecord;
import io.penstock.broker.transaction.CommitTargets;
import io.penstock.protocol.message.ApplyCommitRequest;
import io.penstock.protocol.message.AskCommitRequest;
import io.penstock.protocol.message.CommitResponse;
import io.penstock.protocol.message.DecideCommitRequest;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.PrepareCommitRequest;
import io.penstock.protocol.message.PrepareCommitResponse;
import io.penstock.protocol.message.SendEntry;
import io.penstock.protocol.message.UndoCommitRequest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What brokers ask of each other about commits. Rule of all: act as a broker; what the client may do was found out by the
 * broker that it is connected to. A list, no logic.
 */
final class CommitPeerHandlers {
    private CommitPeerHandlers() {}

    static void fail(PrivateHandler.Call call, Throwable failure) {
        call.fail(FrontErrors.error(failure), FrontErrors.message(failure));
    }

    static void checkBatches(List<SendEntry> sends) throws FrontException {
        for (SendEntry send : sends) {
            ClientBatches.checkWhole(send.batch(), Integer.MAX_VALUE);
        }
    }

    private static CommitResponse response(long[] baseOffsets) {
        return new CommitResponse(Arrays.stream(baseOffsets).boxed().toList());
    }

    /** PrepareCommit: this broker leads parts of a commit. */
    static final class Prepare extends PeerHandler {
        private final CommitParticipant participant;

        Prepare(PeerRight right, CommitParticipant participant) {
            super(PenstockApi.PREPARE_COMMIT, right);
            this.participant = participant;
        }

        @Override
        protected void serve(Call call, ByteBuffer body) {
            participant.prepare(PrepareCommitRequest.read(body, call.version()), (done, failure) -> {
                if (failure != null) {
                    fail(call, failure);
                } else {
                    call.reply(new MessageFrame(new PrepareCommitResponse(done)));
                }
            });
        }
    }

    /** UndoCommit: what was put in doubt goes back. */
    static final class Undo extends PeerHandler {
        private final CommitParticipant participant;

        Undo(PeerRight right, CommitParticipant participant) {
            super(PenstockApi.UNDO_COMMIT, right);
            this.participant = participant;
        }

        @Override
        protected void serve(Call call, ByteBuffer body) {
            participant.undo(UndoCommitRequest.read(body, call.version()));
            call.reply(null);
        }
    }

    /** DecideCommit: this broker leads the decisions. */
    static final class Decide extends PeerHandler {
        private final CommitService service;

        Decide(PeerRight right, CommitService service) {
            super(PenstockApi.DECIDE_COMMIT, right);
            this.service = service;
        }

        @Override
        protected void serve(Call call, ByteBuffer body) {
            DecideCommitRequest request = DecideCommitRequest.read(body, call.version());
            try {
                checkBatches(request.sends());
            } catch (FrontException e) {
                fail(call, e);
                return;
            }
            call.retain(); // The batches are slices of the frame.
            CommitRecord record = CommitMessages.record(request.commit(), request.sends(), request.settles());
            service.decide(request.term(), record, (baseOffsets, failure) -> {
                if (failure != null) {
                    fail(call, failure);
                } else {
                    call.reply(new MessageFrame(response(baseOffsets)));
                }
            });
        }
    }

    /** AskCommit: this broker leads the decisions. */
    static final class Ask extends PeerHandler {
        private final CommitService service;

        Ask(PeerRight right, CommitService service) {
            super(PenstockApi.ASK_COMMIT, right);
            this.service = service;
        }

        @Override
        protected void serve(Call call, ByteBuffer body) {
            service.ask(
                    AskCommitRequest.read(body, call.version()).commit(),
                    answer -> call.reply(new MessageFrame(answer)),
                    failure -> fail(call, failure));
        }
    }

    /** ApplyCommit: this broker leads parts of a commit that is decided. */
    static final class Apply extends PeerHandler {
        private final CommitTargets targets;

        Apply(PeerRight right, CommitTargets targets) {
            super(PenstockApi.APPLY_COMMIT, right);
            this.targets = targets;
        }

        @Override
        protected void serve(Call call, ByteBuffer body) {
            ApplyCommitRequest request = ApplyCommitRequest.read(body, call.version());
            int parts = request.sends().size() + request.settles().size();
            if (parts == 0) {
                call.fail(PenstockError.INVALID_REQUEST, "a commit without a part");
                return;
            }
            try {
                checkBatches(request.sends());
            } catch (FrontException e) {
                fail(call, e);
                return;
            }
            call.retain();
            CommitRecord record = CommitMessages.record(request.commit(), request.sends(), request.settles());
            long[] baseOffsets = new long[record.sends().size()];
            AtomicInteger left = new AtomicInteger(parts);
            AtomicReference<Throwable> failed = new AtomicReference<>();
            for (int i = 0; i < baseOffsets.length; i++) {
                int index = i;
                targets.send(record, record.sends().get(i), (baseOffset, failure) -> {
                    baseOffsets[index] = baseOffset;
                    one(call, baseOffsets, left, failed, failure);
                });
            }
            for (CommitRecord.Settle settle : record.settles()) {
                targets.settle(record, settle, (nothing, failure) -> one(call, baseOffsets, left, failed, failure));
            }
        }

        private static void one(
                Call call,
                long[] baseOffsets,
                AtomicInteger left,
                AtomicReference<Throwable> failed,
                Throwable failure) {
            if (failure != null) {
                failed.compareAndSet(null, failure);
            }
            if (left.decrementAndGet() > 0) {
                return;
            }
            if (failed.get() != null) {
                fail(call, failed.get());
            } else {
                call.reply(new MessageFrame(response(baseOffsets)));
            }
        }
    }
}
