package io.penstock.e2e;

import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import io.penstock.jms.PenstockConnectionFactory;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A whole broker in this process, for all tests of a class; it can be stopped and started over its data. */
final class RunningBroker implements BeforeAllCallback, AfterAllCallback {
    private Path directory;
    private Broker broker;
    private int port;

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        directory = java.nio.file.Files.createTempDirectory("penstock-e2e");
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort(); // The same after a restart.
        }
        start();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        broker.close();
        try (var files = java.nio.file.Files.walk(directory)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                java.nio.file.Files.delete(file);
            }
        }
    }

    /** @param settings of this start, each {@code key=value} */
    void start(String... settings) throws Exception {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://127.0.0.1:" + port);
        properties.put("log.dirs", directory.toString());
        for (String setting : settings) {
            properties.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        }
        broker = Broker.start(BrokerConfig.parse(properties));
    }

    void restart() throws Exception {
        stop();
        start();
    }

    void stop() throws IOException {
        broker.close();
    }

    Path directory() {
        return directory;
    }

    int port() {
        return port;
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    PenstockConnectionFactory factory(String... options) {
        return new PenstockConnectionFactory(
                "penstock://" + address() + (options.length == 0 ? "" : "?" + String.join("&", options)));
    }
}
