package io.penstock.cli;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock consume}: takes messages from a queue, or listens to a topic, and prints their bodies. */
@Command(
        name = "consume",
        mixinStandardHelpOptions = true,
        description = "Receives messages from a queue (or a topic) and prints a line for each.")
final class ConsumeCommand implements Callable<Integer> {
    @Mixin
    private BrokerOption broker;

    @Parameters(paramLabel = "NAME", description = "queue, or with --topic topic")
    private String name;

    @Option(names = "--topic", description = "NAME is a topic; messages from now on")
    private boolean topic;

    @Option(names = "--durable", paramLabel = "SUBSCRIPTION", description = "durable subscription on the topic")
    private String subscription;

    @Option(names = "--client-id", paramLabel = "ID", description = "client id of the durable subscription")
    private String clientId;

    @Option(names = "--count", paramLabel = "N", description = "end after so many messages")
    private long count = Long.MAX_VALUE;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "end when nothing came for so long; 0: never")
    private long timeoutSeconds;

    @Option(names = "--headers", description = "print headers and properties too")
    private boolean headers;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws Exception {
        if (subscription != null && clientId == null) {
            throw new UsageException("--durable needs --client-id");
        }
        try (Connection connection = broker.connect()) {
            if (clientId != null) {
                connection.setClientID(clientId);
            }
            Session session = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
            connection.start();
            MessageConsumer consumer = consumer(session);
            for (long received = 0; received < count; received++) {
                Message message = timeoutSeconds == 0 ? consumer.receive() : consumer.receive(timeoutSeconds * 1000);
                if (message == null) {
                    break;
                }
                print(message);
                // Printed first: a message is given up only when it was shown.
                if (out.checkError()) {
                    return 1;
                }
                message.acknowledge();
            }
        }
        return 0;
    }

    private MessageConsumer consumer(Session session) throws JMSException {
        if (subscription != null) {
            return session.createDurableSubscriber(session.createTopic(name), subscription);
        }
        return session.createConsumer(topic ? session.createTopic(name) : session.createQueue(name));
    }

    private void print(Message message) throws JMSException {
        if (headers) {
            out.print(message.getJMSMessageID() + " delivery " + message.getIntProperty("JMSXDeliveryCount"));
            for (Enumeration<?> names = message.getPropertyNames(); names.hasMoreElements(); ) {
                String property = (String) names.nextElement();
                out.print(" " + property + "=" + message.getObjectProperty(property));
            }
            out.print("\t");
        }
        if (message instanceof TextMessage text) {
            out.println(text.getText());
        } else if (message instanceof BytesMessage bytes) {
            byte[] body = new byte[(int) bytes.getBodyLength()];
            bytes.readBytes(body);
            out.println(new String(body, StandardCharsets.UTF_8));
        } else {
            out.println(message);
        }
    }
}
