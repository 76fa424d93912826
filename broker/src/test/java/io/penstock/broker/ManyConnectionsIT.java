package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.metadata.InMemoryMetadataStore;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many connections that do nothing beside some that ask all the time. By default a tenth of what is promised;
 * {@code -Dpenstock.connections.idle=10000 -Dpenstock.connections.active=1000} for all of it, which needs 25,000 file
 * descriptors, since both ends are in this process.
 */
@Timeout(300)
class ManyConnectionsIT {
    private static final Logger LOG = LoggerFactory.getLogger(ManyConnectionsIT.class);
    private static final int IDLE = Integer.getInteger("penstock.connections.idle", 1_000);
    private static final int ACTIVE = Integer.getInteger("penstock.connections.active", 100);
    private static final int ROUNDS = 20;
    private static final byte[] NO_TOPICS = {0, 0, 0, 0};

    @TempDir
    Path directory;

    @Test
    void idleConnectionsCostActiveOnesNothing() throws Exception {
        Properties properties = new Properties();
        properties.put("listeners", "PLAINTEXT://127.0.0.1:0");
        properties.put("log.dirs", directory.toString());
        ArrayDeque<RawClient> clients = new ArrayDeque<>();
        try (Broker broker = Broker.start(BrokerConfig.parse(properties), new InMemoryMetadataStore("many"))) {
            long begun = System.nanoTime();
            for (int i = 0; i < IDLE; i++) {
                clients.add(asked(new RawClient(broker.port()), i));
            }
            long connected = System.nanoTime();
            List<RawClient> active = new ArrayList<>();
            for (int i = 0; i < ACTIVE; i++) {
                RawClient client = new RawClient(broker.port());
                clients.add(client);
                active.add(client);
            }
            long asking = System.nanoTime();
            for (int round = 0; round < ROUNDS; round++) {
                for (RawClient client : active) {
                    client.write(RawClient.frame(ApiKeys.METADATA.id, 1, round, NO_TOPICS));
                }
                for (RawClient client : active) {
                    assertEquals(round, client.frame().getInt());
                }
            }
            long done = System.nanoTime();
            assertEquals(IDLE + ACTIVE, broker.connections());
            for (int i = 0; i < IDLE; i++) {
                asked(clients.poll(), i).close();
            }
            LOG.info(
                    "{} idle connections in {} ms; {} active ones asked {} times in {} ms",
                    IDLE,
                    TimeUnit.NANOSECONDS.toMillis(connected - begun),
                    ACTIVE,
                    ROUNDS,
                    TimeUnit.NANOSECONDS.toMillis(done - asking));
            assertTrue(done - asking < TimeUnit.SECONDS.toNanos(60));
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    private static RawClient asked(RawClient client, int correlationId) throws Exception {
        client.write(RawClient.frame(ApiKeys.METADATA.id, 1, correlationId, NO_TOPICS));
        assertEquals(correlationId, client.frame().getInt());
        return client;
    }
}
