package io.penstock.broker.request.jms;

import io.penstock.broker.partition.Partitions;
import io.penstock.protocol.message.BranchId;
import io.penstock.protocol.message.CommitRequest;
import io.penstock.protocol.message.CommitResponse;
import io.penstock.protocol.message.Mark;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Commit: one local transaction, all or nothing. A repetition is told the outcome of the first time. Rule: write each
 * topic that is sent to, the session's owner for what is settled.
 */
class CommitHandler extends JmsHandler {
    private final Committing committing;

    /**
     * What commits are made with.
     *
     * @param targets this broker's partitions
     */
    record Committing(
            Partitions partitions, CommitService commits, PartitionTargets targets, ClusterCommit.Parts across) {}

    /** @param branch that is to be prepared; null for a commit */
    record Asked(CommitRequest request, BranchId branch) {}

    CommitHandler(JmsGate gate, Committing committing) {
        this(PenstockApi.COMMIT, gate, committing);
    }

    CommitHandler(PenstockApi api, JmsGate gate, Committing committing) {
        super(api, gate);
        this.committing = committing;
    }

    Asked read(ByteBuffer body, short version) {
        return new Asked(CommitRequest.read(body, version), null);
    }

    @Override
    final void serve(JmsCall call, ByteBuffer body) throws FrontException {
        Asked asked = read(body, call.version());
        CommitRequest request = asked.request();
        JmsSession session = call.connection().session(request.sessionId());
        CommitOutcome before = session.outcome(request.sequence());
        if (before != null) {
            before.whenKnown(answer(call, asked));
            return;
        }
        // The batches are slices of the frame.
        call.retain();
        CommitOutcome earlier = session.lastOutcome();
        CommitOutcome outcome = session.newOutcome(request.sequence());
        outcome.whenKnown(answer(call, asked));
        if (earlier == null || earlier.isKnown()) {
            begin(call, session, asked, outcome);
        } else {
            // One after the other, as its producers' sequences go on.
            earlier.whenKnown(new CommitOutcome.Listener() {
                @Override
                public void committed(long[] baseOffsets) {
                    begin(call, session, asked, outcome);
                }

                @Override
                public void failed(PenstockError error, String message) {
                    begin(call, session, asked, outcome);
                }
            });
        }
    }

    private void begin(JmsCall call, JmsSession session, Asked asked, CommitOutcome outcome) {
        CommitRequest request = asked.request();
        try {
            List<SettleTarget> settles = SettleTarget.of(session, request.settlements());
            for (Mark mark : request.marks()) {
                Marks.apply(session, mark);
            }
            CommitWork work = new CommitWork(
                    session,
                    request.sequence(),
                    request.sends(),
                    settles,
                    outcome,
                    (topicName, batch, bytesMax) -> {
                        require(call, Authoriser.Right.WRITE, topicName);
                        ClientBatches.checkWhole(batch, bytesMax);
                    },
                    committing.partitions(),
                    committing.commits(),
                    committing.targets());
            if (asked.branch() != null) {
                work.startHolding(committing.across(), asked.branch());
            } else if (!work.isLocal(committing.across().routes())) {
                work.startAcross(committing.across());
            } else if (call.connection().restored()) {
                work.startAgain();
            } else {
                work.start();
            }
        } catch (FrontException | RuntimeException e) {
            outcome.failed(FrontErrors.error(e), FrontErrors.message(e));
        }
    }

    private static CommitOutcome.Listener answer(JmsCall call, Asked asked) {
        return new CommitOutcome.Listener() {
            @Override
            public void committed(long[] baseOffsets) {
                if (asked.branch() != null) {
                    call.reply(null);
                    return;
                }
                List<Long> offsets = new ArrayList<>(baseOffsets.length);
                for (long offset : baseOffsets) {
                    offsets.add(offset);
                }
                call.reply(new MessageFrame(new CommitResponse(offsets)));
            }

            @Override
            public void failed(PenstockError error, String message) {
                call.fail(error, message);
            }
        };
    }
}
