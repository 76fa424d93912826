package io.penstock.ra;

import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.resource.spi.ConnectionDefinition;

/** The same for servers that tell factories of queues apart by their bean. */
@ConnectionDefinition(
        connectionFactory = QueueConnectionFactory.class,
        connectionFactoryImpl = PenstockRaConnectionFactory.class,
        connection = QueueConnection.class,
        connectionImpl = ConnectionHandle.class)
public class PenstockQueueManagedConnectionFactory extends PenstockManagedConnectionFactory {
    private static final long serialVersionUID = 1L;
}
