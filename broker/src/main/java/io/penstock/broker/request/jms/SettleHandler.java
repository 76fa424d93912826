package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.SettleOutcome;
import io.penstock.broker.delivery.Settlements;
import io.penstock.protocol.message.Mark;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.SettleRequest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Settle: marks and settlements outside of a transaction. What a request says about one group goes there in one call,
 * under the request's sequence, which makes a repetition harmless. Rule: the session's owner.
 */
final class SettleHandler extends JmsHandler {

    SettleHandler(JmsGate gate) {
        super(PenstockApi.SETTLE, gate);
    }

    /** Also of a request that is refused unread: what the client does not await it must be told by a push. */
    @Override
    boolean isReplied(ByteBuffer body) {
        return SettleRequest.wantReply(body);
    }

    /** Marks and acknowledgements of which the client only wants that they have left it. */
    @Override
    boolean isUnhurried(boolean replied) {
        return !replied;
    }

    @Override
    void serve(JmsCall call, ByteBuffer body) throws FrontException {
        SettleRequest request = SettleRequest.read(body, call.version());
        JmsSession session = call.connection().sessionOrNull(request.sessionId());
        if (session == null) {
            throw new FrontException(PenstockError.UNKNOWN_SESSION, "there is no session " + request.sessionId());
        }
        List<SettleTarget> targets = SettleTarget.of(session, request.settlements());
        for (Mark mark : request.marks()) {
            Marks.apply(session, mark);
        }
        if (targets.isEmpty()) {
            call.succeed();
            return;
        }
        Settling settling = new Settling(call, targets.size());
        for (SettleTarget target : targets) {
            Settlements settlements = target.settlements();
            if (target.relay() != null) {
                SettleRequest part = new SettleRequest(
                        session.id(), request.sequence(), true, List.of(), target.messages(settlements));
                target.relay()
                        .ask(
                                PenstockApi.SETTLE,
                                part,
                                answer -> settling.ended(SettleOutcome.COMPLETE, null),
                                failure -> settling.ended(null, failure));
                continue;
            }
            target.consumer()
                    .withGroup(
                            target.partition(),
                            group -> group.settle(session.key(), request.sequence(), settlements, settling::done),
                            failure -> settling.ended(null, failure));
        }
    }

    /** One request on its way through its groups. */
    private static final class Settling {
        private final JmsCall call;
        private final AtomicInteger left;
        private volatile Throwable failure;
        private volatile String lost;

        Settling(JmsCall call, int targets) {
            this.call = call;
            this.left = new AtomicInteger(targets);
        }

        void done(SettleOutcome outcome, java.io.IOException failed) {
            ended(outcome, failed);
        }

        void ended(SettleOutcome outcome, Throwable failed) {
            if (failed != null) {
                failure = failed;
            } else if (!outcome.complete()) {
                lost = "messages at offsets " + outcome.lost() + " are not held by this session any more";
            }
            if (left.decrementAndGet() > 0) {
                return;
            }
            if (failure == null && lost == null) {
                call.succeed();
                return;
            }
            PenstockError error = failure != null ? FrontErrors.error(failure) : PenstockError.ACQUISITION_LOST;
            if (error == PenstockError.NOT_LEADER || error == PenstockError.TIMED_OUT) {
                call.connection().comeBack("the leader of what was settled has changed");
            }
            String message = failure != null ? FrontErrors.message(failure) : lost;
            call.fail(error, message);
        }
    }
}
