package io.penstock.ra;

import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import java.nio.file.Path;
import java.util.Properties;

/** A broker in the test's own process, on a free loopback port; may be closed and started again on its data. */
final class TestBroker implements AutoCloseable {
    private final Path directory;
    private Broker broker;
    private int port;

    private TestBroker(Path directory) {
        this.directory = directory;
    }

    static TestBroker start(Path directory) throws Exception {
        TestBroker broker = new TestBroker(directory);
        broker.start();
        return broker;
    }

    /** Again, on the same port and data. */
    void start() throws Exception {
        Properties properties = new Properties();
        properties.setProperty("listeners", "PLAINTEXT://127.0.0.1:" + port);
        properties.setProperty("log.dirs", directory.toString());
        broker = Broker.start(BrokerConfig.parse(properties));
        port = broker.port();
    }

    String url() {
        return "penstock://127.0.0.1:" + port;
    }

    @Override
    public void close() throws Exception {
        if (broker != null) {
            broker.close();
            broker = null;
        }
    }
}
