package io.penstock.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import jakarta.jms.JMSContext;
import jakarta.jms.TextMessage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** B7: both editions of the client in one class path, and in one conversation. */
@Timeout(60)
class EditionsIT {
    private static final int WAIT = 10_000;

    @RegisterExtension
    static final RunningBroker BROKER = new RunningBroker();

    private static javax.jms.ConnectionFactory javaxFactory() throws Exception {
        return (javax.jms.ConnectionFactory) Class.forName("io.penstock.javax.jms.PenstockConnectionFactory")
                .getConstructor(String.class)
                .newInstance("penstock://" + BROKER.address());
    }

    @Test
    void aRequestOfJakartaIsAnsweredByJavax() throws Exception {
        try (JMSContext asking = BROKER.factory().createContext();
                javax.jms.JMSContext answering = javaxFactory().createContext()) {
            jakarta.jms.Queue replies = asking.createTemporaryQueue();
            asking.createProducer()
                    .setProperty("customer", 7)
                    .setJMSCorrelationID("c-1")
                    .setJMSReplyTo(replies)
                    .send(asking.createQueue("questions"), Map.of("text", "how many?", "limit", 5L));

            javax.jms.Message question = answering
                    .createConsumer(answering.createQueue("questions"), "customer = 7")
                    .receive(WAIT);
            Map<?, ?> body = question.getBody(Map.class);
            assertEquals(Map.of("text", "how many?", "limit", 5L), body);
            answering
                    .createProducer()
                    .setJMSCorrelationID(question.getJMSCorrelationID())
                    .send(question.getJMSReplyTo(), "three");

            TextMessage answer = assertInstanceOf(
                    TextMessage.class, asking.createConsumer(replies).receive(WAIT));
            assertEquals("three", answer.getText());
            assertEquals("c-1", answer.getJMSCorrelationID());
        }
    }

    @Test
    void objectsGoBetweenThemWithinTheAllowList() throws Exception {
        try (JMSContext one = BROKER.factory().createContext();
                javax.jms.JMSContext other = javaxFactory().createContext()) {
            one.createProducer().send(one.createQueue("objects"), new java.util.ArrayList<>(List.of(1, 2)));
            javax.jms.JMSConsumer consumer = other.createConsumer(other.createQueue("objects"));
            assertEquals(List.of(1, 2), consumer.receiveBody(java.util.ArrayList.class, WAIT));

            one.createProducer().send(one.createQueue("objects"), new java.io.File("/not/allowed"));
            javax.jms.ObjectMessage refused = (javax.jms.ObjectMessage) consumer.receive(WAIT);
            assertThrows(javax.jms.JMSException.class, refused::getObject);
        }
    }
}
