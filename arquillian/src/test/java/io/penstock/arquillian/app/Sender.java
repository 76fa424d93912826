package io.penstock.arquillian.app;

import jakarta.annotation.Resource;
import jakarta.ejb.EJBContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;

/** Sends and receives by what the server injects, in transactions of the container and outside of them. */
@Stateless
public class Sender {
    private static final int RECEIVE_MILLIS = 5000;

    @Inject
    private JMSContext context;

    @Resource(lookup = "java:comp/DefaultJMSConnectionFactory")
    private ConnectionFactory factory;

    @Resource
    private EJBContext ejb;

    /** Sends by the injected context, and rolls back when told to. */
    public void send(String queue, String text, boolean rollBack) {
        context.createProducer().send(context.createQueue(queue), text);
        if (rollBack) {
            ejb.setRollbackOnly();
        }
    }

    /** As {@link #send}, by a connection of the injected factory. */
    public void sendByConnection(String queue, String text, boolean rollBack) throws JMSException {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
            session.createProducer(session.createQueue(queue)).send(session.createTextMessage(text));
        }
        if (rollBack) {
            ejb.setRollbackOnly();
        }
    }

    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public void sendWithoutTransaction(String queue, String text) {
        context.createProducer().send(context.createQueue(queue), text);
    }

    /** Takes a message; a rollback brings it back. */
    public String receive(String queue, boolean rollBack) {
        Message message;
        try (var consumer = context.createConsumer(context.createQueue(queue))) {
            message = consumer.receive(RECEIVE_MILLIS);
        }
        if (rollBack) {
            ejb.setRollbackOnly();
        }
        return message == null ? "nothing" : Journal.text(message);
    }
}
