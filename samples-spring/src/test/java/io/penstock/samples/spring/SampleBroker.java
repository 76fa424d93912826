package io.penstock.samples.spring;

import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import java.nio.file.Path;
import java.util.Properties;

/** A broker in the test's own process; a restart keeps port and data. */
final class SampleBroker implements AutoCloseable {
    private final Path directory;
    private Broker broker;

    SampleBroker(Path directory) throws Exception {
        this.directory = directory;
        start(0);
    }

    private void start(int port) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("listeners", "PLAINTEXT://127.0.0.1:" + port);
        properties.setProperty("log.dirs", directory.toString());
        broker = Broker.start(BrokerConfig.parse(properties));
    }

    void restart() throws Exception {
        int port = broker.port();
        broker.close();
        start(port);
    }

    String url() {
        return "penstock://127.0.0.1:" + broker.port();
    }

    @Override
    public void close() throws Exception {
        broker.close();
    }
}
