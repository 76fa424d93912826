package io.penstock.samples.orders;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.EJB;
import jakarta.ejb.EJBException;
import jakarta.ejb.MessageDriven;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.sql.SQLException;

/** Ships what was accepted: one subscription of the topic, which servers of a cluster share. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic"),
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "order-events"),
            @ActivationConfigProperty(propertyName = "subscriptionDurability", propertyValue = "Durable"),
            @ActivationConfigProperty(propertyName = "subscriptionName", propertyValue = "shipping"),
            @ActivationConfigProperty(propertyName = "shareSubscriptions", propertyValue = "true"),
        })
public class ShippingBean implements MessageListener {
    @EJB
    private OrderStore store;

    @Override
    public void onMessage(Message message) {
        try {
            store.addEvent(message.getBody(String.class), "shipping");
        } catch (JMSException | SQLException e) {
            throw new EJBException(e);
        }
    }
}
