package io.penstock.arquillian.app;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.EJB;
import jakarta.ejb.MessageDriven;
import jakarta.ejb.MessageDrivenContext;
import jakarta.inject.Inject;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.sql.SQLException;

/** Receives, inserts and sends on in one transaction; what begins with {@code refuse} is rolled back once. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "ee.store"),
        })
public class StoringBean implements MessageListener {
    @EJB
    private Store store;

    @Inject
    private JMSContext context;

    @Resource
    private MessageDrivenContext transaction;

    @Override
    public void onMessage(Message message) {
        String text = Journal.text(message);
        try {
            store.insert(text);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        context.createProducer().send(context.createQueue("ee.stored"), text);
        if (text.startsWith("refuse") && Journal.deliveryCount(message) == 1) {
            transaction.setRollbackOnly();
            Journal.note("refused", message);
        }
    }
}
