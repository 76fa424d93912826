package io.penstock.arquillian.app;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/** Has a durable subscription. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic"),
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "ee.durable"),
            @ActivationConfigProperty(propertyName = "subscriptionDurability", propertyValue = "Durable"),
            @ActivationConfigProperty(propertyName = "clientId", propertyValue = "ee-client"),
            @ActivationConfigProperty(propertyName = "subscriptionName", propertyValue = "ee-durable"),
        })
public class DurableBean implements MessageListener {
    @Override
    public void onMessage(Message message) {
        Journal.note("durable", message);
    }
}
