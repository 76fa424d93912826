package io.penstock.samples.orders;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.EJB;
import jakarta.ejb.EJBException;
import jakarta.ejb.MessageDriven;
import jakarta.inject.Inject;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Topic;
import java.sql.SQLException;

/**
 * Works orders off: receives, changes the row and tells the topic in one transaction. An order that cannot be done throws,
 * comes again, and is in the end a dead letter.
 */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "destination", propertyValue = "orders"),
            @ActivationConfigProperty(propertyName = "maxSession", propertyValue = "4"),
        })
public class OrderBean implements MessageListener {
    @EJB
    private OrderStore store;

    @Inject
    private JMSContext jms;

    @Resource(name = "jms/order-events")
    private Topic events;

    @Override
    public void onMessage(Message message) {
        try {
            String id = message.getBody(String.class);
            Order order = store.find(id).orElseThrow(() -> new EJBException("no order " + id));
            if (order.getQuantity() <= 0) {
                throw new EJBException("order " + id + " is for nothing");
            }
            store.setStatus(id, "accepted");
            jms.createProducer().send(events, id);
        } catch (JMSException | SQLException e) {
            throw new EJBException(e);
        }
    }
}
