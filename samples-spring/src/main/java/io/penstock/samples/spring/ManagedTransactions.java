package io.penstock.samples.spring;

import io.penstock.jms.PenstockConnectionFactory;
import jakarta.jms.ConnectionFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jms.annotation.EnableJms;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.config.DefaultJmsListenerContainerFactory;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.connection.JmsTransactionManager;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.jms.support.JmsHeaders;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Transactional;

/**
 * Spring without Boot: a JmsTransactionManager drives the listener's transactions and those of {@code @Transactional} methods. It
 * opens a connection for each transaction, so the factory is a caching one.
 */
@Configuration
@EnableJms
@EnableTransactionManagement
public class ManagedTransactions {
    public static final String PAYMENTS = "spring-payments";
    public static final String RECEIPTS = "spring-receipts";

    @Bean
    ConnectionFactory connectionFactory(@Value("${penstock.url:penstock://127.0.0.1:9092}") String url) {
        return new CachingConnectionFactory(new PenstockConnectionFactory(url));
    }

    @Bean
    JmsTransactionManager transactionManager(ConnectionFactory connections) {
        return new JmsTransactionManager(connections);
    }

    @Bean
    JmsTemplate jmsTemplate(ConnectionFactory connections) {
        JmsTemplate template = new JmsTemplate(connections);
        template.setReceiveTimeout(10_000);
        return template;
    }

    @Bean
    DefaultJmsListenerContainerFactory jmsListenerContainerFactory(
            ConnectionFactory connections, JmsTransactionManager transactions) {
        DefaultJmsListenerContainerFactory factory = new DefaultJmsListenerContainerFactory();
        factory.setConnectionFactory(connections);
        factory.setTransactionManager(transactions);
        factory.setConcurrency("2");
        return factory;
    }

    @Bean
    Cashier cashier(JmsTemplate jms) {
        return new Cashier(jms);
    }

    /** Takes payments and gives receipts. */
    public static class Cashier {
        private final JmsTemplate jms;

        Cashier(JmsTemplate jms) {
            this.jms = jms;
        }

        /** All of them or none. */
        @Transactional
        public void payAll(String... payments) {
            for (String payment : payments) {
                if (payment.isEmpty()) {
                    throw new IllegalArgumentException("a payment of nothing");
                }
                jms.convertAndSend(PAYMENTS, payment);
            }
        }

        @JmsListener(destination = PAYMENTS)
        void onPayment(String payment, @Header(JmsHeaders.REDELIVERED) boolean again) {
            jms.convertAndSend(RECEIPTS, "receipt for " + payment);
            if (!again) {
                throw new IllegalArgumentException("the till is stuck; " + payment + " comes again");
            }
        }
    }
}
