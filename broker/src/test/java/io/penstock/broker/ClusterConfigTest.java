package io.penstock.broker;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class ClusterConfigTest {

    @Test
    void moreInSyncThanThereAreReplicasIsRefused() {
        InvalidConfigException refused =
                assertThrows(InvalidConfigException.class, () -> parse(Map.of("min.insync.replicas", "2")));

        assertTrue(refused.getMessage().contains("min.insync.replicas=2"), refused.getMessage());
        assertTrue(refused.getMessage().contains("default.replication.factor=1"), refused.getMessage());
        assertDoesNotThrow(() -> parse(Map.of("min.insync.replicas", "2", "default.replication.factor", "2")));
    }

    @Test
    void keysOfAClusterAreChecked() {
        for (Map.Entry<String, String> wrong : Map.of(
                        "default.replication.factor", "0",
                        "offsets.topic.replication.factor", "40000",
                        "leader.imbalance.per.broker.percentage", "101",
                        "leader.imbalance.check.interval.seconds", "0",
                        "auto.leader.rebalance.enable", "maybe",
                        "controlled.shutdown.enable", "1",
                        "zookeeper.session.timeout.ms", "1")
                .entrySet()) {
            InvalidConfigException refused =
                    assertThrows(InvalidConfigException.class, () -> parse(Map.of(wrong.getKey(), wrong.getValue())));
            assertTrue(refused.getMessage().contains(wrong.getKey()), refused.getMessage());
        }
    }

    private static BrokerConfig parse(Map<String, String> settings) throws InvalidConfigException {
        Properties properties = new Properties();
        properties.putAll(settings);
        return BrokerConfig.parse(properties);
    }
}
