package io.penstock.jms.session;

import io.penstock.jms.PenstockDestination;
import io.penstock.jms.PenstockQueue;
import io.penstock.jms.PenstockTopic;
import io.penstock.jms.client.DestinationKind;
import io.penstock.protocol.name.DestinationName;
import io.penstock.protocol.name.InvalidNameException;
import io.penstock.protocol.name.SubscriptionName;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.Topic;

/** What destinations name. Those of another provider are taken by their name. */
final class Destinations {

    /** @param partitions how many are asked for when it is made; 0 for the default */
    record Name(String name, DestinationKind kind, int partitions) {}

    private Destinations() {}

    static Queue queue(String name) throws JMSException {
        return new PenstockQueue(name);
    }

    static Topic topic(String name) throws JMSException {
        return new PenstockTopic(name);
    }

    static Name nameOf(Destination destination) throws JMSException {
        if (destination instanceof PenstockDestination own) {
            return new Name(
                    own.name(), own instanceof Queue ? DestinationKind.QUEUE : DestinationKind.TOPIC, own.partitions());
        }
        if (destination instanceof Queue queue) {
            return name(queue.getQueueName(), DestinationKind.QUEUE);
        }
        if (destination instanceof Topic topic) {
            return name(topic.getTopicName(), DestinationKind.TOPIC);
        }
        throw new InvalidDestinationException(
                destination == null ? "there is no destination" : destination + " is neither a queue nor a topic");
    }

    /** Rule 12. */
    static void checkSubscription(String name) throws JMSException {
        try {
            SubscriptionName.check(name);
        } catch (InvalidNameException e) {
            throw refusal(e);
        }
    }

    private static InvalidDestinationException refusal(InvalidNameException e) {
        InvalidDestinationException refused = new InvalidDestinationException(e.getMessage());
        refused.initCause(e);
        return refused;
    }

    private static Name name(String text, DestinationKind kind) throws JMSException {
        DestinationName parsed = parse(text);
        return new Name(parsed.name(), kind, parsed.partitions());
    }

    private static DestinationName parse(String text) throws JMSException {
        try {
            return DestinationName.parse(text);
        } catch (InvalidNameException e) {
            throw refusal(e);
        }
    }
}
