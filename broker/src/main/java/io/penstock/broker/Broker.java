package io.penstock.broker;

import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.partition.Owners;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.request.HandlerRegistry;
import io.penstock.broker.request.topic.TopicHandlers;
import io.penstock.storage.log.LogStore;
import io.penstock.storage.time.Clock;

/** The composition root: makes the parts of a broker, in order, and closes them in the reverse order. */
public final class Broker {

    /**
     * What the parts are built on.
     *
     * @param closing takes what a part wants closed at the stop; last added is closed first
     */
    record Base(
            BrokerConfig config,
            Clock clock,
            Owners owners,
            LogStore logs,
            MetadataStore metadata,
            Partitions partitions,
            HandlerRegistry handlers,
            ClosingStack closing) {}

    private Broker() {}

    /**
     * The one place where parts are plugged in: a line makes a part from the base, adds its handlers, and, when it
     * holds something, pushes how to close it. Connections come after this returns, recovery of logs before.
     */
    static void plug(Base base) {
        base.handlers()
                .addKafka(TopicHandlers.all(base.metadata(), base.config().settings()));
        // log: ApiVersions, Produce, Fetch, ListOffsets, OffsetForLeaderEpoch, DeleteRecords, InitProducerId
        // group: base.handlers().addKafka(GroupHandlers.all(...)); base.closing().push("groups", groups::close)
        // delivery and the private front: base.handlers().addPrivate(...)
    }
}
