package io.penstock.jms.message;

import io.penstock.jms.PenstockDestination;
import io.penstock.protocol.jms.DestinationText;
import io.penstock.protocol.jms.DestinationText.Kind;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;

/** Destinations as text and back. Stateless. */
final class Destinations {

    private Destinations() {}

    /** Of any provider's destination. */
    static DestinationText text(Destination destination) throws JMSException {
        if (destination instanceof PenstockDestination own) {
            return new DestinationText(kind(own), own.name());
        } else if (destination instanceof TemporaryQueue queue) {
            return new DestinationText(Kind.TEMPORARY_QUEUE, queue.getQueueName());
        } else if (destination instanceof TemporaryTopic topic) {
            return new DestinationText(Kind.TEMPORARY_TOPIC, topic.getTopicName());
        } else if (destination instanceof Queue queue) {
            return new DestinationText(Kind.QUEUE, queue.getQueueName());
        } else if (destination instanceof Topic topic) {
            return new DestinationText(Kind.TOPIC, topic.getTopicName());
        }
        throw new InvalidDestinationException("neither a queue nor a topic: " + destination);
    }

    private static Kind kind(PenstockDestination own) {
        if (own instanceof Queue) {
            return own instanceof TemporaryQueue ? Kind.TEMPORARY_QUEUE : Kind.QUEUE;
        }
        return own instanceof TemporaryTopic ? Kind.TEMPORARY_TOPIC : Kind.TOPIC;
    }

    /** @return null when the text names none that could be */
    static Destination of(String text) {
        DestinationText parsed = DestinationText.parse(text);
        if (parsed == null || parsed.name().indexOf('?') >= 0) {
            return null;
        }
        try {
            return PenstockDestination.named(
                    parsed.name(), parsed.kind() == Kind.TOPIC || parsed.kind() == Kind.TEMPORARY_TOPIC);
        } catch (InvalidDestinationException e) {
            return null; // A native client wrote it; what cannot be replied to is no JMSReplyTo.
        }
    }
}
