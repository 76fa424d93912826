package io.penstock.arquillian.app;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/** Listens to a topic while it is there. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic"),
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "ee.topic"),
        })
public class TopicBean implements MessageListener {
    @Override
    public void onMessage(Message message) {
        Journal.note("topic", message);
    }
}
