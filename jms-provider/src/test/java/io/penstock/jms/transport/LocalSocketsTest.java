package io.penstock.jms.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class LocalSocketsTest {
    private static final Path OLD = Path.of("/old");
    private static final Path NEW = Path.of("/new");

    private final LocalSockets sockets = new LocalSockets();

    @Test
    void whatWasFoundIsKnownByHostAndPort() {
        sockets.found("localhost", 9092, OLD);
        assertEquals(OLD, sockets.of("localhost", 9092));
        assertNull(sockets.of("localhost", 9093));
        assertNull(sockets.of("127.0.0.1", 9092));
    }

    @Test
    void whatIsGoneIsForgottenUnlessItWasFoundAnewMeanwhile() {
        sockets.found("localhost", 9092, NEW);
        sockets.gone("localhost", 9092, OLD);
        assertEquals(NEW, sockets.of("localhost", 9092));
        sockets.gone("localhost", 9092, NEW);
        assertNull(sockets.of("localhost", 9092));
    }

    @Test
    void theOldestIsForgottenWhenThereAreTooMany() {
        for (int port = 1; port <= 101; port++) {
            sockets.found("localhost", port, OLD);
        }
        assertNull(sockets.of("localhost", 1));
        assertEquals(OLD, sockets.of("localhost", 2));
        assertEquals(OLD, sockets.of("localhost", 101));
    }
}
