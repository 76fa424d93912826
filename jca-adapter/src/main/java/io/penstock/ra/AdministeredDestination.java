package io.penstock.ra;

import io.penstock.jms.PenstockDestination;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.resource.Referenceable;
import jakarta.validation.constraints.NotNull;
import java.io.Serializable;
import java.util.Objects;
import javax.naming.Reference;

/**
 * A destination that an administrator makes and a server keeps in its naming context: a bean with the destination's name.
 * Set up by one thread; then any.
 */
public abstract class AdministeredDestination implements Destination, Referenceable, Serializable {
    private static final long serialVersionUID = 1L;

    private String physicalName;
    /** The server's, which knows where it has bound this. */
    private transient Reference reference;

    AdministeredDestination() {}

    /** The name in the broker, {@code NAME} or {@code NAME?partitions=N}. */
    @NotNull
    public String getPhysicalName() {
        return physicalName;
    }

    public void setPhysicalName(String physicalName) {
        this.physicalName = physicalName;
    }

    /** Another word for {@link #getPhysicalName}. */
    public String getName() {
        return physicalName;
    }

    /** An empty one is none. */
    public void setName(String name) {
        physicalName = name == null || name.isBlank() ? physicalName : name;
    }

    /** @throws InvalidDestinationException if the name is not set, or cannot be */
    abstract PenstockDestination physical() throws InvalidDestinationException;

    /** What the client knows: an administered object's own destination, and others as they are. */
    static Destination physical(Destination destination) throws InvalidDestinationException {
        return destination instanceof AdministeredDestination administered ? administered.physical() : destination;
    }

    String needName() throws InvalidDestinationException {
        if (physicalName == null || physicalName.isBlank()) {
            throw new InvalidDestinationException(
                    "the administered object has no physicalName, the name of its destination in the broker");
        }
        return physicalName;
    }

    @Override
    public Reference getReference() {
        return reference;
    }

    @Override
    public void setReference(Reference reference) {
        this.reference = reference;
    }

    @Override
    public boolean equals(Object other) {
        return other != null
                && other.getClass() == getClass()
                && Objects.equals(((AdministeredDestination) other).physicalName, physicalName);
    }

    @Override
    public int hashCode() {
        return Objects.hash(getClass().getName(), physicalName);
    }

    /** The name. */
    @Override
    public String toString() {
        return physicalName;
    }
}
