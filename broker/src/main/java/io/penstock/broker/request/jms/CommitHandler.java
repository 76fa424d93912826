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

    CommitHandler(JmsGate gate, Partitions partitions, CommitService commits, PartitionTargets targets) {
        super(PenstockApi.COMMIT, gate);
        this.partitions = partitions;
        this.commits = commits;
        this.targets = targets;
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
        CommitOutcome outcome = session.newOutcome(request.sequence());
        outcome.whenKnown(answer(call));
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
                    (partition, batch) -> {
                        require(call, Authoriser.Right.WRITE, partition.topicName());
                        ClientBatches.checkWhole(batch, partition.log().config().maxBatchBytes());
                    },
                    partitions,
                    commits,
                    targets);
            if (call.connection().restored()) {
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
