package io.penstock.cli;

import io.penstock.broker.Broker;
import io.penstock.broker.BrokerConfig;
import io.penstock.broker.InvalidConfigException;
import io.penstock.broker.NoUsersException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code penstock start}: a broker in the foreground. Prints one line, {@code READY penstock://HOST:PORT}, on standard
 * output when it serves; logs to standard error and to a file; stops cleanly on SIGTERM and SIGINT.
 */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        description = {
            "Starts a broker in the foreground, with everything embedded unless zookeeper.connect is set.",
            "Prints READY penstock://HOST:PORT when it serves."
        })
final class StartCommand implements Callable<Integer> {
    private static final String LOG_FILE = "penstock.log";

    @Option(names = "--config", paramLabel = "FILE", description = "a penstock.properties; Kafka's keys, all optional")
    private Path config;

    @Override
    public Integer call() throws Exception {
        BrokerConfig parsed;
        try {
            parsed = BrokerConfig.parse(properties(config));
        } catch (InvalidConfigException e) {
            throw new UsageException(e.getMessage());
        }
        Path logs = parsed.logDirectory();
        Files.createDirectories(logs);
        Logging.toFile(logs.resolve(LOG_FILE));

        CountDownLatch stopped = new CountDownLatch(1);
        CountDownLatch stopping = new CountDownLatch(1);
        try (Broker broker = start(parsed)) {
            // The JVM exits with 143 or 130 by itself once this hook has returned.
            Runtime.getRuntime()
                    .addShutdownHook(new Thread(
                            () -> {
                                stopping.countDown();
                                awaitQuietly(stopped);
                            },
                            "penstock-stop"));
            System.out.println("READY penstock://" + broker.host() + ":" + broker.port());
            System.out.flush();
            stopping.await();
        } finally {
            stopped.countDown();
        }
        return 0;
    }

    private static Broker start(BrokerConfig config) throws IOException, UsageException {
        try {
            return Broker.start(config);
        } catch (NoUsersException e) {
            throw new UsageException(e.getMessage());
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static Properties properties(Path file) throws UsageException {
        Properties properties = new Properties();
        if (file != null) {
            try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                throw new UsageException("cannot read " + file + ": " + e.getMessage());
            }
        }
        return properties;
    }
}
