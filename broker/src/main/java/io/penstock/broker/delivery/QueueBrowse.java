package io.penstock.broker.delivery;

import io.penstock.protocol.selector.Selector;
import io.penstock.protocol.selector.SelectorMatcher;
import java.io.IOException;

/**
 * One look through a group's records on a partition, from its first unsettled one to the end at the time when it began
 * (JMS-RULES 18). Takes nothing: it shows, by credit, what is available or waits at a consumer's, as it stands when the
 * look gets there. Owner thread only.
 */
final class QueueBrowse {

    private static final int ALL_LEVELS = -1;
    /** Of a partition where offsets alone count by now. */
    private static final OrderIndex NO_ORDER = new OrderIndex();

    private final SharePartition group;
    private final PartitionDelivery delivery;
    private final SelectorMatcher matcher;
    private final Candidates candidates;
    private final LevelCandidates ofLevel;
    private final long end;
    /** The priority that is shown; all of them at once while nothing is ordered by more than its offset. */
    private int level = ALL_LEVELS;

    final DeliveryConsumer consumer;
    private long position;
    private int drainId;
    private boolean queued;
    private boolean ended;

    QueueBrowse(SharePartition group, PartitionDelivery delivery, DeliveryConsumer consumer) {
        this.group = group;
        this.delivery = delivery;
        this.consumer = consumer;
        Selector selector = consumer.selector();
        this.matcher = selector == null
                ? null
                : new SelectorMatcher(
                        selector,
                        delivery.partition().topicName(),
                        delivery.partition().index());
        this.candidates = new Candidates.Browsable(group.state());
        this.ofLevel = new LevelCandidates.Within(candidates);
        this.end = delivery.partition().highWatermark();
    }

    void drain(int id) {
        drainId = id;
        pump();
    }

    void end() {
        ended = true;
    }

    /** Shows as much as credit and the budget of a pass allow. */
    void pump() {
        if (ended || queued || !group.working()) {
            return;
        }
        if (!delivery.surveyed()) {
            goOnLater();
            return;
        }
        if (position == 0 && level == ALL_LEVELS && delivery.orderIndex() != null) {
            level = OrderIndex.LEVELS - 1;
        }
        long bytes = delivery.config().passBytes();
        long work = delivery.config().passWork();
        try {
            while (more() && hasCredit() && consumer.writable()) {
                if (bytes <= 0 || work <= 0) {
                    goOnLater();
                    return;
                }
                Acquirer acquirer = delivery.context().acquirer();
                long before = position;
                int shown = show(acquirer, work);
                bytes -= shown;
                work = acquirer.workLeft();
                if (position == before) {
                    // Nothing there to be read: the log has ended below what was seen at first.
                    position = end;
                }
            }
        } catch (IOException e) {
            delivery.context().log().warn("cannot read {} for a browser", delivery, e);
            position = end;
            level = ALL_LEVELS;
        }
        if (drainId != 0 && (!more() || !hasCredit())) {
            int id = drainId;
            drainId = 0;
            consumer.drained(id);
        }
    }

    /** Whether there may be something that was not shown; begins the next priority. */
    private boolean more() {
        while (position >= end) {
            if (level <= 0) {
                return false;
            }
            level--;
            position = 0;
        }
        return true;
    }

    private Candidates candidates() {
        candidates.reset();
        if (level == ALL_LEVELS) {
            return candidates;
        }
        OrderIndex index = delivery.orderIndex();
        return ofLevel.at(index == null ? NO_ORDER : index, level);
    }

    private boolean hasCredit() {
        return consumer.creditMessages() > 0 && consumer.creditBytes() > 0;
    }

    private int show(Acquirer acquirer, long work) throws IOException {
        acquirer.begin(
                consumer.creditMessages(), consumer.creditBytes(), delivery.rules(group.spec(), null), matcher, work);
        acquirer.tellApart(group.state().replayed);
        acquirer.beginRange();
        position = Math.max(position, delivery.partition().log().startOffset());
        position = acquirer.collect(delivery.partition(), position, end, candidates(), delivery.averageRecordBytes());
        if (!acquirer.anything()) {
            return 0;
        }
        Delivery shown = acquirer.delivery();
        consumer.deliver(shown);
        return shown.sizeBytes();
    }

    private void goOnLater() {
        queued = true;
        delivery.partition().owner().execute(() -> {
            queued = false;
            delivery.run(this::pump);
        });
    }
}
