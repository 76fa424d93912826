package io.penstock.samples.orders;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.EJB;
import jakarta.ejb.EJBException;
import jakarta.ejb.MessageDriven;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.sql.SQLException;

/** Bills what was accepted: another subscription of the topic. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic"),
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "order-events"),
            @ActivationConfigProperty(propertyName = "subscriptionDurability", propertyValue = "Durable"),
            @ActivationConfigProperty(propertyName = "subscriptionName", propertyValue = "billing"),
            @ActivationConfigProperty(propertyName = "shareSubscriptions", propertyValue = "true"),
        })
public class BillingBean implements MessageListener {
    @EJB
    private OrderStore store;

    @Override
    public void onMessage(Message message) {
        try {
            store.addEvent(message.getBody(String.class), "billing");
        } catch (JMSException | SQLException e) {
            throw new EJBException(e);
        }
    }
}
