package io.penstock.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.metadata.MetadataStore.NewTopic;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class TopicPlanTest {
    private final PersistentClusterImage image =
            PersistentClusterImage.empty("c").withBrokers(List.of(broker(1), broker(2), broker(3)));

    @Test
    void replicasSpreadAndDiffer() {
        TopicImage topic = TopicPlan.create(image, new NewTopic("t", 6, (short) 2, null, Map.of()), new UUID(0, 1));

        Set<Integer> leaders = new HashSet<>();
        for (PartitionImage partition : topic.partitions()) {
            assertEquals(2, new HashSet<>(partition.replicas()).size());
            assertEquals(partition.replicas().get(0), partition.leader());
            leaders.add(partition.leader());
        }
        assertEquals(Set.of(1, 2, 3), leaders);
    }

    @Test
    void namesFollowKafkasRules() {
        for (String good : List.of("a", "A-1._", "__x", "x".repeat(249))) {
            assertNull(TopicNames.fault(good), good);
        }
        for (String bad : List.of("", ".", "..", "a/b", "a\u0000b", "a b", "a\r\nb", "\u0430", "x".repeat(250))) {
            String fault = TopicNames.fault(bad);
            assertTrue(fault != null && fault.chars().allMatch(c -> c >= ' ' && c < 127), fault);
        }
    }

    private static BrokerImage broker(int id) {
        return new BrokerImage(id, 1, "h", 1, null);
    }
}
