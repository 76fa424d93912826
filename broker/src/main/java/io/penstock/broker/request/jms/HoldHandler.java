package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.OffsetRanges;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.HoldRequest;
import io.penstock.protocol.message.HoldResponse;
import io.penstock.protocol.message.Mark;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.Settlement;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Hold: a session of a client that came back, with its consumers attached again, says what it still has of what was
 * pushed; the rest was lost on the way and goes back. Rule: the session's owner.
 */
final class HoldHandler extends JmsHandler {

    HoldHandler(JmsGate gate) {
        super(PenstockApi.HOLD, gate);
    }

    @Override
    void serve(JmsCall call, ByteBuffer body) throws FrontException {
        HoldRequest request = HoldRequest.read(body, call.version());
        JmsSession session = call.connection().session(request.sessionId());
        List<Settlement> named = new ArrayList<>(request.held().size());
        for (Mark held : request.held()) {
            named.add(new Settlement(held.consumerId(), held.partition(), Disposition.ACCEPT, held.ranges()));
        }
        // Consumers of the same group share what the session holds there.
        List<SettleTarget> targets = SettleTarget.of(session, named);
        if (targets.isEmpty()) {
            call.reply(new MessageFrame(new HoldResponse(List.of())));
            return;
        }
        AtomicInteger left = new AtomicInteger(targets.size());
        AtomicReference<Throwable> failure = new AtomicReference<>();
        OffsetRanges[] lost = new OffsetRanges[targets.size()];
        for (int i = 0; i < lost.length; i++) {
            int index = i;
            SettleTarget target = targets.get(i);
            if (target.relay() != null) {
                List<Mark> mine = List.of(
                        new Mark(target.consumer().id(), target.partition(), RemoteSlots.pairs(target.accepted())));
                target.relay()
                        .ask(
                                PenstockApi.HOLD,
                                new HoldRequest(session.id(), mine),
                                reply -> {
                                    lost[index] = new OffsetRanges();
                                    for (Mark each :
                                            HoldResponse.read(reply, (short) 0).lost()) {
                                        lost[index].addAll(CommitMessages.ranges(each.ranges()));
                                    }
                                    answer(call, targets, lost, left, failure.get());
                                },
                                failed -> {
                                    failure.compareAndSet(null, failed);
                                    answer(call, targets, lost, left, failed);
                                });
                continue;
            }
            target.consumer()
                    .withGroup(
                            target.partition(),
                            group -> {
                                lost[index] = group.hold(session.key(), target.accepted());
                                answer(call, targets, lost, left, failure.get());
                            },
                            failed -> {
                                failure.compareAndSet(null, failed);
                                answer(call, targets, lost, left, failed);
                            });
        }
    }

    private static void answer(
            JmsCall call, List<SettleTarget> targets, OffsetRanges[] lost, AtomicInteger left, Throwable failure) {
        if (left.decrementAndGet() > 0) {
            return;
        }
        if (failure != null) {
            call.fail(failure);
            return;
        }
        List<Mark> answer = new ArrayList<>();
        for (int i = 0; i < lost.length; i++) {
            if (!lost[i].isEmpty()) {
                SettleTarget target = targets.get(i);
                answer.add(new Mark(target.consumer().id(), target.partition(), RemoteSlots.pairs(lost[i])));
            }
        }
        call.reply(new MessageFrame(new HoldResponse(answer)));
    }
}
