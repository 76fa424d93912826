package io.penstock.jms;

import io.penstock.protocol.name.DestinationName;
import io.penstock.protocol.name.InvalidNameException;
import io.penstock.protocol.name.TemporaryName;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import java.io.Serializable;
import javax.naming.NamingException;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;

/**
 * A queue or topic by its name, which is that of its Kafka topic. Immutable; equal to every other of its kind with the same
 * name, however many partitions either asks for.
 */
public abstract sealed class PenstockDestination implements Destination, Serializable, Referenceable
        permits PenstockQueue, PenstockTopic, PenstockTemporaryDestination {
    /** Type of the address in a {@link Reference} that holds the name. */
    public static final String NAME_ADDRESS = "name";

    private static final String FACTORY = "io.penstock.jms.jndi.DestinationObjectFactory";
    private static final long serialVersionUID = 1L;

    private final String name;
    private final int partitions;

    /** How the connection that made a temporary destination ends it. */
    @FunctionalInterface
    public interface Deletion {
        void delete(PenstockDestination temporary) throws JMSException;
    }

    /** Of a temporary one. */
    PenstockDestination(TemporaryName temporary) {
        name = temporary.text();
        partitions = 0;
    }

    /**
     * A destination of any kind by its name.
     *
     * @param topic false for a queue
     */
    public static PenstockDestination named(String name, boolean topic) throws InvalidDestinationException {
        if (TemporaryName.isTemporary(name)) {
            return topic ? new PenstockTemporaryTopic(name) : new PenstockTemporaryQueue(name);
        }
        return topic ? new PenstockTopic(name) : new PenstockQueue(name);
    }

    /** @param text {@code NAME} or {@code NAME?partitions=N} */
    PenstockDestination(String text) throws InvalidDestinationException {
        try {
            DestinationName parsed = DestinationName.parse(text);
            name = parsed.name();
            partitions = parsed.partitions();
        } catch (InvalidNameException e) {
            throw invalid(e);
        }
    }

    static InvalidDestinationException invalid(InvalidNameException cause) {
        InvalidDestinationException invalid = new InvalidDestinationException(cause.getMessage());
        invalid.initCause(cause);
        return invalid;
    }

    /** The name without options. */
    public String name() {
        return name;
    }

    /** How many partitions are asked for when the destination has to be made; 0 for the broker's default. */
    public int partitions() {
        return partitions;
    }

    @Override
    public Reference getReference() throws NamingException {
        String text = partitions == 0 ? name : name + "?partitions=" + partitions;
        return new Reference(getClass().getName(), new StringRefAddr(NAME_ADDRESS, text), FACTORY, null);
    }

    @Override
    public boolean equals(Object other) {
        return other != null && other.getClass() == getClass() && ((PenstockDestination) other).name.equals(name);
    }

    @Override
    public int hashCode() {
        return 31 * getClass().hashCode() + name.hashCode();
    }

    /** The name. */
    @Override
    public String toString() {
        return name;
    }
}
