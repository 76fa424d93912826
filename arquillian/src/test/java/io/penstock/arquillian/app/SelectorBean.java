package io.penstock.arquillian.app;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/** Takes what is red. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "ee.selector"),
            @ActivationConfigProperty(propertyName = "messageSelector", propertyValue = "colour = 'red'"),
        })
public class SelectorBean implements MessageListener {
    @Override
    public void onMessage(Message message) {
        Journal.note("selector", message);
    }
}
