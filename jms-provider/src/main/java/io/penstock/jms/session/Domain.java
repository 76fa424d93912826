package io.penstock.jms.session;

import jakarta.jms.IllegalStateException;

/** What an object was made for: the domain-specific interfaces refuse the other domain's methods (rule 28). */
public enum Domain {
    ANY,
    QUEUE,
    TOPIC;

    public void needsTopics(String method) throws IllegalStateException {
        if (this == QUEUE) {
            throw new IllegalStateException(method + " belongs to topics and may not be called on a "
                    + "QueueConnection or QueueSession; use a Connection or TopicConnection");
        }
    }

    public void needsQueues(String method) throws IllegalStateException {
        if (this == TOPIC) {
            throw new IllegalStateException(method + " belongs to queues and may not be called on a "
                    + "TopicConnection or TopicSession; use a Connection or QueueConnection");
        }
    }
}
