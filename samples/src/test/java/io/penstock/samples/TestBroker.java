package io.penstock.samples;

import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/** A broker in the test's own process, on a free loopback port; may be closed and started again on its data. */
final class TestBroker implements AutoCloseable {
    private final Path directory;
    private final Map<String, String> settings;
    private Broker broker;

    private TestBroker(Path directory, Map<String, String> settings) {
        this.directory = directory;
        this.settings = settings;
    }

    static TestBroker start(Path directory, Map<String, String> settings) throws Exception {
        TestBroker broker = new TestBroker(directory, settings);
        broker.start(0);
        return broker;
    }

    private void start(int port) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("listeners", "PLAINTEXT://127.0.0.1:" + port);
        properties.setProperty("log.dirs", directory.toString());
        properties.setProperty("group.initial.rebalance.delay.ms", "0");
        settings.forEach(properties::setProperty);
        broker = Broker.start(BrokerConfig.parse(properties));
    }

    /** Stops cleanly and starts again on the same port and data. */
    void restart() throws Exception {
        int port = broker.port();
        broker.close();
        start(port);
    }

    String url() {
        return "penstock://" + bootstrap();
    }

    String bootstrap() {
        return "127.0.0.1:" + broker.port();
    }

    @Override
    public void close() throws Exception {
        broker.close();
    }
}
