package io.penstock.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
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
    void aLivingLeaderStays() {
        PartitionImage partition = new PartitionImage(0, 2, 4, List.of(1, 2), List.of(1, 2));

        assertSame(partition, TopicPlan.elect(image, partition));
    }

    @Test
    void theNextInSyncLeadsWithANewEpochAndNobodyElseDoes() {
        PersistentClusterImage without2 = image.withBrokers(List.of(broker(1), broker(3)));

        assertEquals(
                new PartitionImage(0, 3, 5, List.of(2, 1, 3), List.of(3)),
                TopicPlan.elect(without2, new PartitionImage(0, 2, 4, List.of(2, 1, 3), List.of(2, 3))));
        // Invariant 6: broker 1 lives and is not in sync.
        PartitionImage leaderless = TopicPlan.elect(without2, new PartitionImage(0, 2, 4, List.of(2, 1), List.of(2)));
        assertEquals(new PartitionImage(0, -1, 5, List.of(2, 1), List.of(2)), leaderless);
        assertSame(leaderless, TopicPlan.elect(without2, leaderless));
        assertEquals(2, TopicPlan.elect(image, leaderless).leader());
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
