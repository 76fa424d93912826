package io.penstock.arquillian.app;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.ejb.MessageDrivenContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/** Does as the message says: {@code throw N} and {@code roll back N} refuse it N times. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "ee.refused"),
        })
public class RefusingBean implements MessageListener {
    @Resource
    private MessageDrivenContext context;

    @Override
    public void onMessage(Message message) {
        String text = Journal.text(message);
        int count = Journal.deliveryCount(message);
        try {
            Journal.note(text + ": " + count + (message.getJMSRedelivered() ? " again" : " first"));
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
        if (count > Integer.parseInt(text.substring(text.lastIndexOf(' ') + 1))) {
            return;
        }
        if (text.startsWith("throw")) {
            throw new IllegalStateException("refused, as the message says");
        }
        context.setRollbackOnly();
    }
}
