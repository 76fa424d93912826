package io.penstock.samples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each sample does what it says. */
@Timeout(60)
class SamplesIT {
    @TempDir
    static Path directory;

    private static TestBroker broker;

    @BeforeAll
    static void start() throws Exception {
        broker = TestBroker.start(directory, Map.of());
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
    }

    @Test
    void queueSampleWorksOffEveryOrderOnce() throws Exception {
        assertEquals(10, QueueSample.run(broker.url()));
        assertEquals(10, QueueSample.run(broker.url()));
    }

    @Test
    void topicSampleGetsWhatWasPublishedWhileItWasAway() {
        assertEquals(List.of("ACME 12.50", "ACME 12.75"), TopicSample.run(broker.url()));
    }

    @Test
    void nativeClientSampleSharesTheRecordsBothWays() throws Exception {
        assertEquals(
                List.of(
                        "JMS received from JMS (high), from Kafka (low)",
                        "Kafka read from JMS (high), from Kafka (low)"),
                NativeClientSample.run(broker.url()));
    }

    @Test
    void logCollectionSampleCountsEveryLineByHour() {
        Map<Instant, Map<String, Integer>> byHour = LogCollectionSample.run(broker.url(), 3, 400);

        // 400 lines 20 seconds apart are 8,000 s: two full hours of 180 lines a host and 40 lines of the third.
        Instant first = Instant.parse("2026-01-01T08:00:00Z");
        assertEquals(3, byHour.size());
        assertEquals(3 * 180, total(byHour.get(first)));
        assertEquals(3 * 180, total(byHour.get(first.plusSeconds(3600))));
        assertEquals(3 * 40, total(byHour.get(first.plusSeconds(7200))));
        assertEquals(3 * 36, byHour.get(first).get("WARN"));
    }

    private static int total(Map<String, Integer> levels) {
        return levels.values().stream().mapToInt(Integer::intValue).sum();
    }
}
