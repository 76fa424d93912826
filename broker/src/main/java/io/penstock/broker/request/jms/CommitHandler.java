package io.penstock.broker.request.jms;

import io.penstock.broker.partition.Partitions;
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
final class CommitHandler extends JmsHandler {
    private final Partitions partitions;
    private final CommitService commits;
    private final PartitionTargets targets;
    private final ClusterCommit.Parts across;

    /** @param targets this broker's partitions */
    CommitHandler(
            JmsGate gate,
            Partitions partitions,
            CommitService commits,
            PartitionTargets targets,
            ClusterCommit.Parts across) {
        super(PenstockApi.COMMIT, gate);
        this.partitions = partitions;
        this.commits = commits;
        this.targets = targets;
        this.across = across;
    }

    @Override
    void serve(JmsCall call, ByteBuffer body) throws FrontException {
        CommitRequest request = CommitRequest.read(body, call.version());
        JmsSession session = call.connection().session(request.sessionId());
        CommitOutcome before = session.outcome(request.sequence());
        if (before != null) {
            before.whenKnown(answer(call));
            return;
        }
        // The batches are slices of the frame.
        call.retain();
        CommitOutcome earlier = session.lastOutcome();
        CommitOutcome outcome = session.newOutcome(request.sequence());
        outcome.whenKnown(answer(call));
        if (earlier == null || earlier.isKnown()) {
            begin(call, session, request, outcome);
        } else {
            // One after the other, as its producers' sequences go on.
            earlier.whenKnown(new CommitOutcome.Listener() {
                @Override
                public void committed(long[] baseOffsets) {
                    begin(call, session, request, outcome);
                }

                @Override
                public void failed(PenstockError error, String message) {
                    begin(call, session, request, outcome);
                }
            });
        }
    }

    private void begin(JmsCall call, JmsSession session, CommitRequest request, CommitOutcome outcome) {
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
                    partitions,
                    commits,
                    targets);
            if (!work.isLocal(across.routes())) {
                work.startAcross(across);
            } else if (call.connection().restored()) {
                work.startAgain();
            } else {
                work.start();
            }
        } catch (FrontException | RuntimeException e) {
            outcome.failed(FrontErrors.error(e), FrontErrors.message(e));
        }
    }

    private static CommitOutcome.Listener answer(JmsCall call) {
        return new CommitOutcome.Listener() {
            @Override
            public void committed(long[] baseOffsets) {
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
