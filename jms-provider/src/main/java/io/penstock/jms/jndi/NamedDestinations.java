package io.penstock.jms.jndi;

import io.penstock.jms.PenstockQueue;
import io.penstock.jms.PenstockTopic;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import javax.naming.ConfigurationException;

/** Destinations of configured names. */
final class NamedDestinations {
    private NamedDestinations() {}

    static Queue queue(String name) throws ConfigurationException {
        try {
            return new PenstockQueue(name);
        } catch (JMSException e) {
            throw refusal(e);
        }
    }

    static Topic topic(String name) throws ConfigurationException {
        try {
            return new PenstockTopic(name);
        } catch (JMSException e) {
            throw refusal(e);
        }
    }

    private static ConfigurationException refusal(JMSException e) {
        ConfigurationException refused = new ConfigurationException(e.getMessage());
        refused.initCause(e);
        return refused;
    }
}
