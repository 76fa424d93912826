package io.penstock.broker.request.jms;

import io.penstock.broker.delivery.OffsetRanges;
import io.penstock.broker.delivery.Settlements;
import io.penstock.protocol.message.Disposition;
import io.penstock.protocol.message.PenstockError;
import io.penstock.protocol.message.Settlement;
import java.util.ArrayList;
import java.util.List;

/** What one request settles of one group on one partition, from all of the session's consumers of it. */
final class SettleTarget {
    private final JmsConsumer consumer;
    private final int partition;
    private OffsetRanges accepted = new OffsetRanges();
    private final OffsetRanges released = new OffsetRanges();
    private final OffsetRanges releasedCounted = new OffsetRanges();

    private SettleTarget(JmsConsumer consumer, int partition) {
        this.consumer = consumer;
        this.partition = partition;
    }

    /**
     * Sorts a request's settlements by group. Those of non-durable subscriptions that have ended are left out: there
     * is nothing to settle.
     *
     * @throws FrontException for a consumer that the session never had, or impossible ranges; nothing is done then
     */
    static List<SettleTarget> of(JmsSession session, List<Settlement> settlements) throws FrontException {
        List<SettleTarget> targets = new ArrayList<>(settlements.size());
        for (Settlement settlement : settlements) {
            JmsConsumer consumer = session.known(settlement.consumerId());
            OffsetRanges ranges = Marks.ranges(settlement.ranges());
            if (consumer.groupIsGone()) {
                continue;
            }
            if (consumer.slot(settlement.partition()) == null && consumer.relay(settlement.partition()) == null) {
                throw new FrontException(
                        PenstockError.INVALID_REQUEST,
                        "consumer " + consumer.id() + " takes nothing from partition " + settlement.partition());
            }
            SettleTarget target = find(targets, consumer, settlement.partition());
            if (target == null) {
                target = new SettleTarget(consumer, settlement.partition());
                targets.add(target);
            }
            target.add(settlement, ranges);
        }
        return targets;
    }

    private static SettleTarget find(List<SettleTarget> targets, JmsConsumer consumer, int partition) {
        for (SettleTarget target : targets) {
            if (target.partition == partition
                    && (target.consumer == consumer || target.consumer.source().equals(consumer.source()))) {
                return target;
            }
        }
        return null;
    }

    private void add(Settlement settlement, OffsetRanges ranges) {
        switch (settlement.disposition()) {
            case ACCEPT -> accepted = accepted.isEmpty() ? ranges : accepted.addAll(ranges);
            case RELEASE -> released.addAll(ranges);
            case RELEASE_COUNTED -> releasedCounted.addAll(ranges);
        }
    }

    JmsConsumer consumer() {
        return consumer;
    }

    int partition() {
        return partition;
    }

    /** To the partition's leader; null when that is this broker. */
    Relay relay() {
        return consumer.relay(partition);
    }

    /** As a client says it. */
    List<Settlement> messages(Settlements of) {
        List<Settlement> messages = new ArrayList<>(3);
        add(messages, Disposition.ACCEPT, of.accepted());
        add(messages, Disposition.RELEASE, of.released());
        add(messages, Disposition.RELEASE_COUNTED, of.releasedCounted());
        return messages;
    }

    private void add(List<Settlement> messages, Disposition disposition, OffsetRanges ranges) {
        if (!ranges.isEmpty()) {
            messages.add(new Settlement(consumer.id(), partition, disposition, RemoteSlots.pairs(ranges)));
        }
    }

    OffsetRanges accepted() {
        return accepted;
    }

    boolean accepts() {
        return !accepted.isEmpty();
    }

    boolean releases() {
        return !released.isEmpty() || !releasedCounted.isEmpty();
    }

    Settlements settlements() {
        return new Settlements(accepted, released, releasedCounted);
    }

    /** What is only given back; in a commit that is no part of the decision. */
    Settlements releasesOnly() {
        return new Settlements(new OffsetRanges(), released, releasedCounted);
    }
}
