package io.penstock.ra.inbound;

import io.penstock.jms.PenstockConnectionFactory;
import io.penstock.jms.PenstockDestination;
import io.penstock.ra.client.ConnectionDefaults;
import io.penstock.ra.client.DefaultsHolder;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import java.util.Hashtable;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/** Finds what an endpoint names. Stateless; any thread that the server's naming context knows. */
final class NamingContext {

    private NamingContext() {}

    /** @throws JMSException if there is none of that name and kind */
    static PenstockDestination destination(EndpointSettings.Place place) throws JMSException {
        if (place.lookup() != null) {
            return found(place, place.lookup(), lookup(place.lookup(), place.jndiParams()));
        }
        String name = place.destination();
        boolean naming = name.indexOf('/') >= 0 || name.indexOf(':') >= 0; // No destination of ours has such a name.
        if (place.jndi()) {
            try {
                return found(place, name, lookup(name, place.jndiParams()));
            } catch (NotFoundException e) {
                if (naming || place.topic() == null) {
                    throw e;
                }
            }
        }
        if (place.topic() == null) {
            throw new InvalidDestinationException(
                    "destinationType does not say whether " + name + " is a queue or a topic");
        }
        return PenstockDestination.named(name, place.topic());
    }

    private static PenstockDestination found(EndpointSettings.Place place, String name, Object found)
            throws JMSException {
        boolean topic = found instanceof Topic && !(found instanceof Queue && Boolean.FALSE.equals(place.topic()));
        if (!topic && !(found instanceof Queue)) {
            throw new InvalidDestinationException(name + " is neither a queue nor a topic but a "
                    + found.getClass().getName());
        }
        if (place.topic() != null && place.topic() != topic) {
            throw new InvalidDestinationException(
                    name + " is a " + (topic ? "topic" : "queue") + ", and destinationType says otherwise");
        }
        if (found instanceof PenstockDestination own) {
            return own;
        }
        return PenstockDestination.named(
                topic ? ((Topic) found).getTopicName() : ((Queue) found).getQueueName(), topic);
    }

    /** Where the connections of a connection factory lead, as far as {@code own} does not say it. */
    static ConnectionDefaults connection(String name, EndpointSettings settings) throws JMSException {
        Object found = lookup(name, settings.place().jndiParams());
        ConnectionDefaults defaults;
        if (found instanceof DefaultsHolder ours) {
            defaults = ours.defaults();
        } else if (found instanceof PenstockConnectionFactory client) {
            defaults = new ConnectionDefaults(
                    client.getUrl(), client.getUsername(), client.getPassword(), client.getClientID());
        } else {
            throw new JMSException(name + " is no connection factory of Penstock but a "
                    + found.getClass().getName());
        }
        ConnectionDefaults own = settings.connection();
        return new ConnectionDefaults(null, own.userName(), own.password(), own.clientId()).or(defaults);
    }

    /** There is nothing of that name. */
    private static final class NotFoundException extends JMSException {
        private static final long serialVersionUID = 1L;

        NotFoundException(String name, NamingException cause) {
            super("looking up " + name + ": " + cause);
            initCause(cause);
        }
    }

    @SuppressWarnings("BanJNDI") // The name is the deployer's, as the specification wants it.
    private static Object lookup(String name, String params) throws NotFoundException {
        try {
            InitialContext context = new InitialContext(environment(params));
            try {
                Object found = context.lookup(name);
                if (found == null) {
                    throw new NamingException("nothing is bound there");
                }
                return found;
            } finally {
                context.close();
            }
        } catch (NamingException e) {
            throw new NotFoundException(name, e);
        }
    }

    @SuppressWarnings("JdkObsolete") // InitialContext wants one.
    private static Hashtable<String, String> environment(String params) {
        Hashtable<String, String> environment = new Hashtable<>();
        for (String param : params == null ? new String[0] : params.split(";")) {
            int equals = param.indexOf('=');
            if (equals > 0) {
                environment.put(
                        param.substring(0, equals).strip(),
                        param.substring(equals + 1).strip());
            }
        }
        return environment;
    }
}
