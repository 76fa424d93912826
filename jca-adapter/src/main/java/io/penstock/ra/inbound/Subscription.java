package io.penstock.ra.inbound;

import io.penstock.jms.PenstockDestination;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the sessions of one endpoint consume together. Each message is one session's: of a topic without a shared
 * subscription they share one that nobody else knows. Immutable.
 */
record Subscription(PenstockDestination destination, String selector, Kind kind, String name) {
    private static final Logger LOG = LoggerFactory.getLogger(Subscription.class);

    enum Kind {
        QUEUE,
        /** Of a topic, by one session. */
        ALONE,
        DURABLE,
        SHARED,
        SHARED_DURABLE
    }

    /** @param unique for the name of a subscription that is this endpoint's alone */
    static Subscription of(PenstockDestination destination, EndpointSettings settings, UUID unique) {
        EndpointSettings.Subscribing asked = settings.subscribing();
        if (!(destination instanceof Topic)) {
            return new Subscription(destination, settings.selector(), Kind.QUEUE, null);
        }
        if (asked.durable()) {
            Kind kind = asked.shared() ? Kind.SHARED_DURABLE : Kind.DURABLE;
            return new Subscription(destination, settings.selector(), kind, asked.name());
        }
        if (asked.shared()) {
            return new Subscription(destination, settings.selector(), Kind.SHARED, asked.name());
        }
        return settings.sessions() == 1
                ? new Subscription(destination, settings.selector(), Kind.ALONE, null)
                : new Subscription(destination, settings.selector(), Kind.SHARED, "endpoint-" + unique);
    }

    /** How many sessions it may have. */
    int sessions(int wanted) {
        if (kind == Kind.DURABLE && wanted > 1) {
            LOG.info("durable subscription {} has one session, since it is not shared (shareSubscriptions)", name);
            return 1;
        }
        return wanted;
    }

    MessageConsumer consumer(Session session) throws JMSException {
        return switch (kind) {
            case QUEUE, ALONE -> session.createConsumer(destination, selector);
            case DURABLE -> session.createDurableConsumer((Topic) destination, name, selector, false);
            case SHARED -> session.createSharedConsumer((Topic) destination, name, selector);
            case SHARED_DURABLE -> session.createSharedDurableConsumer((Topic) destination, name, selector);
        };
    }

    @Override
    public String toString() {
        return switch (kind) {
            case QUEUE -> "queue " + destination;
            case ALONE -> "topic " + destination;
            default -> "topic " + destination + ", subscription " + name;
        };
    }
}
