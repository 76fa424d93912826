package io.penstock.arquillian.app;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/** The other one of two that share a durable subscription. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic"),
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "ee.shared"),
            @ActivationConfigProperty(propertyName = "subscriptionDurability", propertyValue = "Durable"),
            @ActivationConfigProperty(propertyName = "subscriptionName", propertyValue = "ee-shared"),
            @ActivationConfigProperty(propertyName = "shareSubscriptions", propertyValue = "true"),
        })
public class OtherSharedBean implements MessageListener {
    @Override
    public void onMessage(Message message) {
        Journal.note("shared other", message);
    }
}
