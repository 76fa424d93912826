package io.penstock.broker.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.log.LogConfig;
import io.penstock.storage.log.LogConfig.FlushPolicy;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class TopicConfigsTest {

    @Test
    void defaultsAreThoseOfTheLog() {
        assertEquals(LogConfig.defaults(), TopicConfigs.resolve(Map.of(), BrokerSettings.of(0, Map.of())));
    }

    @Test
    void everyDefaultPassesItsOwnCheck() {
        for (ConfigKey key : TopicKeys.keys()) {
            assertNull(key.fault(key.defaultValue()), key.name());
            key.inherits().forEach(broker -> assertNotNull(BrokerKeys.key(broker.name()), broker.name()));
        }
        for (ConfigKey key : BrokerKeys.keys()) {
            if (key.defaultValue() != null) {
                assertNull(key.fault(key.defaultValue()), key.name());
            }
        }
    }

    @Test
    void millisecondsWinOverMinutesOverHours() {
        assertEquals(3_600_000, retention(Map.of("log.retention.hours", "1")));
        assertEquals(120_000, retention(Map.of("log.retention.hours", "1", "log.retention.minutes", "2")));
        assertEquals(
                3,
                retention(Map.of("log.retention.hours", "1", "log.retention.minutes", "2", "log.retention.ms", "3")));
        assertEquals(-1, retention(Map.of("log.retention.hours", "-1")));
    }

    @Test
    void theTopicWinsOverTheBroker() {
        LogConfig config = TopicConfigs.resolve(
                Map.of("flush.policy", "never", "segment.bytes", "4096"),
                BrokerSettings.of(0, Map.of("flush.policy", "interval", "log.segment.bytes", "8192")));

        assertEquals(FlushPolicy.NEVER, config.flushPolicy());
        assertEquals(4096, config.segmentBytes());
    }

    @Test
    void whatIsWrongIsNamed() {
        assertTrue(TopicConfigs.fault("cleanup.policy", "compact").contains("not implemented"));
        assertTrue(TopicConfigs.fault("flush.policy", "sometimes").contains("before-reply"));
        assertTrue(TopicConfigs.fault("no.such.key", "1").contains("no.such.key"));
        assertNotNull(TopicConfigs.fault("segment.bytes", "9999999999"));
        assertNull(TopicConfigs.fault(Map.of("min.insync.replicas", "1"), 1));
        assertNotNull(TopicConfigs.fault(Map.of("min.insync.replicas", "2"), 1));
    }

    private static long retention(Map<String, String> file) {
        return TopicConfigs.resolve(Map.of(), BrokerSettings.of(0, file)).retentionMillis();
    }
}
