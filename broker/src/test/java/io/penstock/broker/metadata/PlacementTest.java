package io.penstock.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class PlacementTest {

    @Test
    void leadersAndFollowersAreBalanced() {
        List<List<Integer>> placed = Placement.place(cluster(6, 0), "t", 0, 60, 3);

        assertEquals(Map.of(1, 10, 2, 10, 3, 10, 4, 10, 5, 10, 6, 10), counts(placed, 1));
        assertEquals(Map.of(1, 30, 2, 30, 3, 30, 4, 30, 5, 30, 6, 30), counts(placed, 3));
    }

    @Test
    void followersOfOneLeaderSpreadOverAllOthers() {
        List<List<Integer>> placed = Placement.place(cluster(6, 0), "t", 0, 60, 2);

        for (int leader = 1; leader <= 6; leader++) {
            HashSet<Integer> followers = new HashSet<>();
            for (List<Integer> replicas : placed) {
                if (replicas.get(0) == leader) {
                    followers.add(replicas.get(1));
                }
            }
            assertEquals(5, followers.size());
        }
    }

    @Test
    void everyRackHoldsOneReplicaBeforeAnyHoldsTwo() {
        for (int racks = 2; racks <= 4; racks++) {
            PersistentClusterImage image = cluster(8, racks);
            for (int factor = 1; factor <= 8; factor++) {
                for (List<Integer> replicas : Placement.place(image, "t" + factor, 3, 40, factor)) {
                    HashSet<String> used = new HashSet<>();
                    replicas.forEach(
                            id -> used.add(image.broker(id).orElseThrow().rack()));
                    assertEquals(Math.min(racks, factor), used.size(), replicas.toString());
                    assertEquals(factor, new HashSet<>(replicas).size());
                }
            }
        }
    }

    @Test
    void manySmallTopicsSpread() {
        List<List<Integer>> placed = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            placed.addAll(Placement.place(cluster(3, 0), "queue-" + i, 0, 1, 3));
        }

        counts(placed, 1).values().forEach(leaders -> assertTrue(leaders > 800 && leaders < 1_200, "" + leaders));
    }

    @Test
    void whoLeavesGetsNothing() {
        PersistentClusterImage image = cluster(3, 0);
        PersistentClusterImage leaving = image.withBrokers(image.brokers().stream()
                .map(broker -> broker.id() == 2 ? broker.withLeaving(true) : broker)
                .toList());

        assertTrue(Placement.place(leaving, "t", 0, 10, 2).stream().noneMatch(replicas -> replicas.contains(2)));
        MetadataException refused = assertThrows(MetadataException.class, () -> Placement.place(leaving, "t", 0, 1, 3));
        assertEquals("Replication factor: 3 larger than available brokers: 2.", refused.getMessage());
    }

    private static Map<Integer, Integer> counts(List<List<Integer>> placed, int factor) {
        Map<Integer, Integer> counts = new HashMap<>();
        placed.forEach(replicas -> replicas.subList(0, factor).forEach(id -> counts.merge(id, 1, Integer::sum)));
        return counts;
    }

    private static PersistentClusterImage cluster(int brokers, int racks) {
        List<BrokerImage> live = new ArrayList<>();
        for (int id = 1; id <= brokers; id++) {
            live.add(new BrokerImage(id, 1, "h", 1, racks == 0 ? null : "rack-" + id % racks));
        }
        return PersistentClusterImage.empty("c").withBrokers(live);
    }
}
