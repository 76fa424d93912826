package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.OffsetRanges;
import io.penstock.broker.delivery.SharePartition;
import io.penstock.protocol.message.Mark;
import io.penstock.protocol.message.OffsetRange;
import io.penstock.protocol.message.PenstockApi;
import io.penstock.protocol.message.SettleRequest;
import java.util.List;

/** What the application has begun to get: marks of requests, applied to the groups. On the connection's owner. */
final class Marks {
    private Marks() {}

    /** @throws FrontException for an unknown consumer or impossible ranges */
    static void apply(JmsSession session, Mark mark) throws FrontException {
        JmsConsumer consumer = session.known(mark.consumerId());
        OffsetRanges ranges = ranges(mark.ranges());
        if (ranges.isEmpty() || consumer.groupIsGone()) {
            return;
        }
        Relay relay = consumer.relay(mark.partition());
        if (relay != null) {
            SettleRequest request =
                    new SettleRequest(session.id(), SharePartition.NO_SEQUENCE, true, List.of(mark), List.of());
            relay.ask(PenstockApi.SETTLE, request, body -> {}, failure -> {});
            return;
        }
        // A mark that cannot be noted costs a delivery count after a crash, nothing else.
        consumer.withGroup(mark.partition(), group -> group.mark(session.key(), ranges), ignored -> {});
    }

    static OffsetRanges ranges(List<OffsetRange> pairs) throws FrontException {
        OffsetRanges ranges = new OffsetRanges();
        for (OffsetRange pair : pairs) {
            if (pair.first() < 0 || pair.last() < pair.first() || pair.last() == Long.MAX_VALUE) {
                throw FrontException.invalid("range of offsets [" + pair.first() + ", " + pair.last() + "]");
            }
            ranges.add(pair.first(), pair.last());
        }
        return ranges;
    }
}
