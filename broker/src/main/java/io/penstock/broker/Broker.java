package io.penstock.broker;

import io.penstock.broker.delivery.DeliveryConfig;
import io.penstock.broker.delivery.DeliveryContext;
import io.penstock.broker.metadata.MetadataStore;
import io.penstock.broker.partition.Owners;
import io.penstock.broker.partition.Partitions;
import io.penstock.broker.request.HandlerRegistry;
import io.penstock.broker.request.jms.Authenticator;
import io.penstock.broker.request.jms.Authoriser;
import io.penstock.broker.request.jms.FrontLimits;
import io.penstock.broker.request.jms.JmsFront;
import io.penstock.broker.request.topic.TopicHandlers;
import io.penstock.storage.log.LogStore;
import io.penstock.storage.time.Clock;
import io.penstock.storage.time.Owner;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The composition root: makes the parts of a broker, in order, and closes them in the reverse order. */
public final class Broker {
    private static final Logger LOG = LoggerFactory.getLogger(Broker.class);

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
        plugJms(base);
    }

    private static void plugJms(Base base) {
        Map<Owner, DeliveryContext> contexts = new ConcurrentHashMap<>();
        boolean clean = base.logs().startedClean();
        JmsFront front = new JmsFront(
                new JmsFront.Ports(
                        base.config().brokerId(),
                        base.metadata(),
                        base.partitions(),
                        base.clock(),
                        owner -> contexts.computeIfAbsent(
                                owner,
                                made -> new DeliveryContext(made, base.clock(), DeliveryConfig.defaults(), clean)),
                        Authenticator.anonymous(base.config().settings().flag("allow.anonymous")),
                        Authoriser.allowAll()),
                FrontLimits.defaults());
        base.handlers().addPrivate(front.handlers());
        front.start().whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.error("JMS clients are not served: what was decided before cannot be recovered", failure);
            }
        });
        base.closing()
                .push("JMS front", () -> front.stop().toCompletableFuture().get(10, TimeUnit.SECONDS));
    }
}
