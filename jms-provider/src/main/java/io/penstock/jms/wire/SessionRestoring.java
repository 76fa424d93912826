package io.penstock.jms.wire;

import io.penstock.jms.client.ClientConsumer;
import io.penstock.jms.client.SessionState.Lost;
import io.penstock.jms.client.Settlements;
import io.penstock.jms.transport.RemoteErrorException;
import io.penstock.jms.transport.Transport;
import io.penstock.protocol.message.AttachResponse;
import io.penstock.protocol.message.DetachRequest;
import io.penstock.protocol.message.HoldRequest;
import io.penstock.protocol.message.HoldResponse;
import io.penstock.protocol.message.Mark;
import io.penstock.protocol.message.OffsetRange;
import io.penstock.protocol.message.PenstockApi;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * How a session is taken up again over a new socket, step by step: consumers are attached without credit, what was settled
 * and not answered is presented again, then Hold says what the application still has, and gives back the rest. On the
 * outage's thread, which waits for the broker; the session settles nothing meanwhile.
 */
final class SessionRestoring {
    private SessionRestoring() {}

    static Lost restore(WireSession session, Transport to, boolean kept, Settlements held) throws JMSException {
        if (!kept) {
            session.forgetAll(new JMSException(
                    "the broker has forgotten the session while the connection was interrupted; whether it was done is "
                            + "unknown",
                    "CONNECTION"));
        }
        List<Settlements> presented = new ArrayList<>();
        session.unconfirmed().forEach(sent -> presented.add(sent.settlements()));
        Settlements committing = session.committing();
        if (committing != null) {
            presented.add(committing);
        }
        List<WireConsumer> back = attach(session, to, named(held, presented));
        session.presentAgain(to);
        List<Mark> lost = hold(session, to, back, held, presented);
        back.removeIf(consumer -> !session.attached().contains(consumer));
        session.isBackOn(to, back);
        return lost.isEmpty() ? Lost.NOTHING : lostOf(session, lost, presented);
    }

    private static Set<ClientConsumer> named(Settlements held, List<Settlements> presented) {
        Set<ClientConsumer> named = new HashSet<>();
        held.entries().forEach(entry -> named.add(entry.consumer()));
        presented.forEach(one -> one.entries().forEach(entry -> named.add(entry.consumer())));
        return named;
    }

    /** Closed consumers first, and off again: their subscription may have another consumer now. */
    private static List<WireConsumer> attach(WireSession session, Transport to, Set<ClientConsumer> named)
            throws JMSException {
        List<WireConsumer> back = new ArrayList<>();
        for (WireConsumer consumer : session.closed()) {
            if (named.contains(consumer) && attach(session, to, consumer)) {
                back.add(consumer);
                get(session, to, PenstockApi.DETACH, detach(consumer), Calls::<Void>nothing);
            }
        }
        for (WireConsumer consumer : List.copyOf(session.attached())) {
            if (attach(session, to, consumer)) {
                back.add(consumer);
            } else {
                session.attached().remove(consumer);
            }
        }
        for (var asked : List.copyOf(session.attaching().entrySet())) {
            if (complete(session, to, asked.getKey(), asked.getValue())) {
                back.add(asked.getKey());
            }
        }
        return back;
    }

    /**
     * An Attach that had no answer may have reached the broker, which has pushed then what has reached nobody: it is made
     * here, so that Hold gives that back, and the answer is this one's.
     */
    private static boolean complete(
            WireSession session, Transport to, WireConsumer consumer, CompletableFuture<AttachResponse> answer)
            throws JMSException {
        try {
            answer.complete(get(session, to, PenstockApi.ATTACH, consumer.again(), AttachResponse::read));
            return session.attached().contains(consumer);
        } catch (JMSException e) {
            if (!(e.getCause() instanceof RemoteErrorException)) {
                throw e;
            }
            answer.completeExceptionally(e);
            return false;
        }
    }

    private static DetachRequest detach(WireConsumer consumer) {
        return new DetachRequest(consumer.request().sessionId(), consumer.id(), List.of());
    }

    /** False when the broker refuses it: the consumer has ended, and is told. */
    private static boolean attach(WireSession session, Transport to, WireConsumer consumer) throws JMSException {
        try {
            consumer.attached(get(session, to, PenstockApi.ATTACH, consumer.again(), AttachResponse::read));
            return true;
        } catch (JMSException e) {
            if (!(e.getCause() instanceof RemoteErrorException)) {
                throw e;
            }
            consumer.notRestored(e);
            return false;
        }
    }

    private static List<Mark> hold(
            WireSession session, Transport to, List<WireConsumer> back, Settlements held, List<Settlements> presented)
            throws JMSException {
        List<Mark> holding = new ArrayList<>();
        for (WireConsumer consumer : back) {
            for (int partition : consumer.partitions()) {
                List<OffsetRange> ranges = new ArrayList<>();
                addRanges(ranges, held, consumer, partition);
                presented.forEach(one -> addRanges(ranges, one, consumer, partition));
                holding.add(new Mark(consumer.id(), partition, ranges));
            }
        }
        if (holding.isEmpty()) {
            return List.of();
        }
        return get(session, to, PenstockApi.HOLD, new HoldRequest(session.id(), holding), HoldResponse::read)
                .lost();
    }

    private static void addRanges(
            List<OffsetRange> ranges, Settlements settlements, WireConsumer consumer, int partition) {
        for (Settlements.Entry entry : settlements.entries()) {
            if (entry.consumer() == consumer
                    && entry.partition() == partition
                    && entry.outcome() != Settlements.Outcome.RELEASED) {
                ranges.addAll(SettlementCodec.ranges(entry.ranges()));
            }
        }
    }

    /** What was presented again is answered for itself: that it is not held any more may mean that it was settled. */
    private static Lost lostOf(WireSession session, List<Mark> lost, List<Settlements> presented) {
        return (consumer, partition, offset) -> {
            for (Settlements one : presented) {
                for (Settlements.Entry entry : one.entries()) {
                    if (isSame(entry.consumer(), consumer) && entry.partition() == partition) {
                        for (OffsetRange range : SettlementCodec.ranges(entry.ranges())) {
                            if (range.first() <= offset && offset <= range.last()) {
                                return false;
                            }
                        }
                    }
                }
            }
            for (Mark mark : lost) {
                if (mark.partition() == partition
                        && isSame(session.connection().consumers().anyOrNull(mark.consumerId(), session), consumer)) {
                    for (OffsetRange range : mark.ranges()) {
                        if (range.first() <= offset && offset <= range.last()) {
                            return true;
                        }
                    }
                }
            }
            return false;
        };
    }

    /** The same consumer, or another of the same group: the broker speaks of the group by one of them. */
    private static boolean isSame(ClientConsumer one, ClientConsumer other) {
        return one == other || (one != null && one.source() != null && Objects.equals(one.source(), other.source()));
    }

    private static <T> T get(
            WireSession session,
            Transport to,
            PenstockApi api,
            io.penstock.protocol.message.PrivateMessage request,
            Calls.Reader<T> reader)
            throws JMSException {
        return WireConnection.get(
                Calls.call(to, api, request, reader, "taking up the session again"),
                session.connection().callTimeoutMillis(),
                "taking up the session again");
    }
}
