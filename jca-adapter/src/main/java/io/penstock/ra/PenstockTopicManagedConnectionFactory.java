package io.penstock.ra;

import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import jakarta.resource.spi.ConnectionDefinition;

/** The same for servers that tell factories of topics apart by their bean. */
@ConnectionDefinition(
        connectionFactory = TopicConnectionFactory.class,
        connectionFactoryImpl = PenstockRaConnectionFactory.class,
        connection = TopicConnection.class,
        connectionImpl = ConnectionHandle.class)
public class PenstockTopicManagedConnectionFactory extends PenstockManagedConnectionFactory {
    private static final long serialVersionUID = 1L;
}
