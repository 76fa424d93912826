package io.penstock.samples.orders;

import jakarta.annotation.Resource;
import jakarta.ejb.EJB;
import jakarta.ejb.Stateless;
import jakarta.inject.Inject;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import java.sql.SQLException;
import java.util.UUID;

/** Takes orders: the row and the message are there together, or neither is. */
@Stateless
public class OrderDesk {
    @EJB
    private OrderStore store;

    @Inject
    private JMSContext jms;

    @Resource(name = "jms/orders")
    private Queue orders;

    /** One transaction over database and queue, which ends with this method. */
    public Order place(String item, int quantity) throws SQLException {
        Order order = new Order(UUID.randomUUID().toString(), item, quantity, "placed");
        store.insert(order);
        jms.createProducer().send(orders, order.getId());
        return order;
    }
}
