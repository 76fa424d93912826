package io.penstock.cli;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code penstock produce}: each line of standard input becomes a text message. */
@Command(
        name = "produce",
        mixinStandardHelpOptions = true,
        description = "Sends each line of standard input as a text message to a queue (or a topic).")
final class ProduceCommand implements Callable<Integer> {
    private static final int SENDS_UNDER_WAY_MAX = 1000;

    @Mixin
    private BrokerOption broker;

    @Parameters(paramLabel = "NAME", description = "queue, or with --topic topic")
    private String name;

    @Option(names = "--topic", description = "NAME is a topic")
    private boolean topic;

    @Option(names = "--property", paramLabel = "KEY=VALUE", description = "string property of each message")
    private Map<String, String> properties = Map.of();

    @Override
    public Integer call() throws Exception {
        Semaphore permits = new Semaphore(SENDS_UNDER_WAY_MAX);
        AtomicReference<Exception> failure = new AtomicReference<>();
        CompletionListener stored = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                permits.release();
            }

            @Override
            public void onException(Message message, Exception exception) {
                failure.compareAndSet(null, exception);
                permits.release();
            }
        };
        try (Connection connection = broker.connect();
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()))) {
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            Destination destination = topic ? session.createTopic(name) : session.createQueue(name);
            MessageProducer producer = session.createProducer(destination);
            for (String line = lines.readLine(); line != null && failure.get() == null; line = lines.readLine()) {
                Message message = session.createTextMessage(line);
                for (Map.Entry<String, String> property : properties.entrySet()) {
                    message.setStringProperty(property.getKey(), property.getValue());
                }
                permits.acquire();
                producer.send(message, stored);
            }
            permits.acquire(SENDS_UNDER_WAY_MAX);
        }
        if (failure.get() != null) {
            throw failure.get();
        }
        return 0;
    }
}
