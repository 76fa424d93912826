package io.penstock.samples.orders;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.EJB;
import jakarta.ejb.EJBException;
import jakarta.ejb.MessageDriven;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.sql.SQLException;

/** Marks orders that could not be worked off. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "orders-failed"),
        })
public class DeadLetterBean implements MessageListener {
    @EJB
    private OrderStore store;

    @Override
    public void onMessage(Message message) {
        try {
            store.setStatus(message.getBody(String.class), "rejected");
        } catch (JMSException | SQLException e) {
            throw new EJBException(e);
        }
    }
}
