package io.penstock.jms.session;

import io.penstock.jms.client.Subscription;
import io.penstock.jms.client.Target;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes a connection's connection consumers, and knows which are open. Any thread. */
final class ConnectionConsumers {
    private final PenstockConnection connection;
    private final AtomicInteger last = new AtomicInteger();
    private final Set<PenstockConnectionConsumer> open = new LinkedHashSet<>();

    /** What a connection consumer's subscription is. */
    enum Naming {
        ALONE,
        DURABLE,
        SHARED,
        SHARED_DURABLE
    }

    ConnectionConsumers(PenstockConnection connection) {
        this.connection = connection;
    }

    synchronized List<PenstockConnectionConsumer> open() {
        return new ArrayList<>(open);
    }

    synchronized void removed(PenstockConnectionConsumer consumer) {
        open.remove(consumer);
    }

    /** Of a queue, or of a topic from now on. */
    ConnectionConsumer alone(
            Destination destination, boolean topic, String selector, ServerSessionPool pool, int messagesMax)
            throws JMSException {
        // Its sessions share what is one subscription: a shared one of a name that nobody else has.
        String name =
                topic ? "connection-consumer-" + connection.client().token() + "-" + last.incrementAndGet() : null;
        return consumer(destination, name, selector, pool, messagesMax, Naming.ALONE);
    }

    ConnectionConsumer subscriber(
            Topic topic, String name, String selector, ServerSessionPool pool, int messagesMax, Naming naming)
            throws JMSException {
        Destinations.checkSubscription(name);
        if (topic instanceof TemporaryTopic && naming != Naming.SHARED) {
            throw new InvalidDestinationException("a temporary topic has no durable subscriptions");
        }
        connection.checkConsumable(topic);
        return consumer(topic, name, selector, pool, messagesMax, naming);
    }

    private ConnectionConsumer consumer(
            Destination destination,
            String name,
            String selector,
            ServerSessionPool pool,
            int messagesMax,
            Naming naming)
            throws JMSException {
        String selects = Selectors.checked(selector);
        if (pool == null || messagesMax < 1) {
            throw new JMSException(
                    "a connection consumer needs a pool of server sessions, and loads one message or more");
        }
        PenstockSession own = connection.openSession(false, Session.CLIENT_ACKNOWLEDGE, Domain.ANY);
        boolean opened = false;
        try {
            Target target = own.resolve(destination);
            boolean durable = naming == Naming.DURABLE || naming == Naming.SHARED_DURABLE;
            PenstockConnectionConsumer made = new PenstockConnectionConsumer(
                    connection,
                    own,
                    target,
                    selects,
                    () -> subscription(target, name, selects, durable, naming != Naming.DURABLE),
                    name != null && !durable,
                    pool,
                    messagesMax);
            synchronized (this) {
                open.add(made);
            }
            made.open();
            opened = true;
            return made;
        } finally {
            if (!opened) {
                own.close();
            }
        }
    }

    private Subscription subscription(Target target, String name, String selector, boolean durable, boolean shared)
            throws JMSException {
        if (name == null) {
            return null;
        }
        return durable
                ? Waiting.until(
                        connection.client().subscribeDurable(name, target, selector, false, shared),
                        connection.client(),
                        "subscribing as '" + name + "'")
                : connection.client().sharedSubscription(name, target);
    }
}
