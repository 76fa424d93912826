package io.penstock.samples.spring.boot;

import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.support.JmsHeaders;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.stereotype.Component;

/**
 * Writes an invoice for each order, on two to four threads. Spring Boot's listeners are transacted: order and invoice are one
 * transaction, since the template uses the listener's session, and an exception rolls both back.
 */
@Component
public class Invoicing {
    public static final String ORDERS = "spring-orders";
    public static final String INVOICES = "spring-invoices";

    private final JmsTemplate jms;

    Invoicing(JmsTemplate jms) {
        this.jms = jms;
    }

    @JmsListener(destination = ORDERS, concurrency = "2-4")
    void onOrder(String order, @Header(JmsHeaders.REDELIVERED) boolean again) {
        jms.convertAndSend(INVOICES, "invoice for " + order);
        if (order.endsWith("0") && !again) {
            throw new IllegalArgumentException("the warehouse does not answer; " + order + " comes again");
        }
    }
}
