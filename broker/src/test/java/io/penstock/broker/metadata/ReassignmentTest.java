package io.penstock.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.penstock.broker.metadata.MetadataException.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** KIP-455: how a partition gets other replicas; and leaders by hand. */
@Timeout(10)
class ReassignmentTest {
    private static final Map<Integer, Long> STAMPS = Map.of(1, 1L, 2, 1L, 3, 1L);

    private final PartitionImage healthy =
            new PartitionImage(0, 1, 4, List.of(1, 2, 3), List.of(1, 2, 3), List.of(), 7, STAMPS);

    @Test
    void aMoveAddsFirstAndRemovesWhenAllThatAreAddedAreInSync() {
        PersistentClusterImage image = live(1, 2, 3, 4, 5);

        PartitionImage begun = Reassignment.begin(image, healthy, List.of(3, 4, 5));

        assertEquals(List.of(3, 4, 5, 1, 2), begun.replicas());
        assertEquals(List.of(4, 5), begun.adding());
        assertEquals(List.of(1, 2), begun.removing());
        assertEquals(List.of(3, 4, 5), begun.target());
        assertEquals(List.of(3, 1, 2), begun.original());
        assertEquals(1, begun.leader());
        assertEquals(4, begun.leaderEpoch());
        assertEquals(Optional.empty(), Reassignment.complete(image, inSync(begun, 1, 2, 3, 4), 2));
        PartitionImage after =
                Reassignment.complete(image, inSync(begun, 1, 2, 3, 4, 5), 2).orElseThrow();
        assertEquals(List.of(3, 4, 5), after.replicas());
        assertEquals(List.of(3, 4, 5), after.isr());
        assertEquals(3, after.leader());
        assertEquals(5, after.leaderEpoch(), "who is dropped is fenced");
        assertEquals(List.of(), after.adding());
        assertEquals(List.of(), after.removing());
    }

    @Test
    void aLeaderThatGoesDuringAMoveIsReplacedByOneThatStays() {
        PartitionImage begun = inSync(Reassignment.begin(live(1, 2, 3, 4), healthy, List.of(4, 3)), 1, 2, 3, 4);

        PartitionImage after = Election.settle(live(2, 3, 4), begun, 1, false);

        assertEquals(4, after.leader());
        assertEquals(begun.removing(), after.removing());
    }

    @Test
    void aMoveEndsOnlyWhereRecordsCanGoOnBeingCommitted() {
        PersistentClusterImage image = live(1, 2, 4);
        PartitionImage begun = Reassignment.begin(image, healthy, List.of(3, 4));

        // 3 is dead: with 4 alone nothing could be committed by a minimum of two.
        assertEquals(Optional.empty(), Reassignment.complete(image, inSync(begun, 1, 2, 4), 2));
        assertEquals(
                List.of(4),
                Reassignment.complete(image, inSync(begun, 1, 2, 4), 1)
                        .orElseThrow()
                        .isr());
    }

    @Test
    void aMoveIsCancelledAndReplaced() {
        PersistentClusterImage image = live(1, 2, 3, 4, 5);
        PartitionImage begun = inSync(Reassignment.begin(image, healthy, List.of(4, 5)), 1, 2, 3, 4);

        PartitionImage cancelled = Reassignment.cancel(image, begun);
        assertEquals(List.of(1, 2, 3), cancelled.replicas());
        assertEquals(List.of(1, 2, 3), cancelled.isr());
        assertEquals(5, cancelled.leaderEpoch());
        assertEquals(Reason.NO_REASSIGNMENT, refusal(() -> Reassignment.cancel(image, cancelled)));

        PartitionImage replaced = Reassignment.begin(image, begun, List.of(1, 5));
        assertEquals(List.of(1, 5, 2, 3), replaced.replicas());
        assertEquals(List.of(5), replaced.adding());
        assertEquals(List.of(2, 3), replaced.removing());
        assertEquals(List.of(1, 2, 3), replaced.isr());

        // The former replicas are out of sync: to go back to them would lose what only 4 has.
        PartitionImage only = new PartitionImage(
                0, 4, 6, begun.replicas(), List.of(4), List.of(), 9, Map.of(4, 1L), begun.adding(), begun.removing());
        assertEquals(Reason.INVALID_ASSIGNMENT, refusal(() -> Reassignment.cancel(image, only)));
    }

    @Test
    void senselessMovesAreRefused() {
        PersistentClusterImage image = live(1, 2, 3);

        assertEquals(Reason.INVALID_ASSIGNMENT, refusal(() -> Reassignment.begin(image, healthy, List.of())));
        assertEquals(Reason.INVALID_ASSIGNMENT, refusal(() -> Reassignment.begin(image, healthy, List.of(1, 9))));
        assertEquals(Reason.INVALID_ASSIGNMENT, refusal(() -> Reassignment.begin(image, healthy, List.of(1, 1))));
    }

    @Test
    void aPartitionWithOneReplicaGetsOthersAndIsLookedAfterFromThenOn() {
        PersistentClusterImage image = live(1, 2, 3);
        PartitionImage single = new PartitionImage(0, 1, 0, List.of(1), List.of(1), List.of(), 0, Map.of());

        PartitionImage begun = Reassignment.begin(image, single, List.of(2));

        assertEquals(List.of(2, 1), begun.replicas());
        assertEquals(Map.of(1, 1L), begun.stamps());
        PartitionImage after =
                Reassignment.complete(image, inSync(begun, 1, 2), 2).orElseThrow();
        assertEquals(List.of(2), after.replicas());
        assertEquals(2, after.leader());
        assertEquals(true, after.replicated());
    }

    @Test
    void internalPartitionsGetReplicasWhenBrokersCome() {
        PartitionImage single = new PartitionImage(0, 1, 0, List.of(1), List.of(1), List.of(), 0, Map.of());

        assertEquals(Optional.empty(), Reassignment.spread(live(1), "__consumer_offsets", single, 3));
        PartitionImage two =
                Reassignment.spread(live(1, 2), "__consumer_offsets", single, 3).orElseThrow();
        assertEquals(List.of(1, 2), two.replicas());
        assertEquals(List.of(2), two.adding());
        PartitionImage three = Reassignment.spread(live(1, 2, 3, 4), "__consumer_offsets", two, 3)
                .orElseThrow();
        assertEquals(3, three.replicas().size());
        assertEquals(2, three.adding().size());
        assertEquals(Optional.empty(), Reassignment.spread(live(1, 2, 3, 4), "__consumer_offsets", three, 3));
    }

    @Test
    void leadersByHand() {
        PartitionImage elsewhere =
                new PartitionImage(0, 2, 4, List.of(1, 2, 3), List.of(2, 1), List.of(), 7, Map.of(1, 1L, 2, 1L));

        assertEquals(1, Election.elect(live(1, 2, 3), elsewhere, 1, false).leader());
        assertEquals(
                Reason.PREFERRED_LEADER_NOT_AVAILABLE, refusal(() -> Election.elect(live(2, 3), elsewhere, 1, false)));
        assertEquals(Reason.ELECTION_NOT_NEEDED, refusal(() -> Election.elect(live(1, 2, 3), healthy, 1, false)));
        assertEquals(Reason.ELECTION_NOT_NEEDED, refusal(() -> Election.elect(live(1, 2, 3), elsewhere, 1, true)));
        PartitionImage nobody = new PartitionImage(0, -1, 5, List.of(1, 2, 3), List.of(2), List.of(), 8, Map.of(2, 1L));
        assertEquals(3, Election.elect(live(3), nobody, 1, true).leader());
        assertEquals(Reason.ELIGIBLE_LEADERS_NOT_AVAILABLE, refusal(() -> Election.elect(live(9), nobody, 1, true)));
    }

    private static Reason refusal(org.junit.jupiter.api.function.Executable what) {
        return assertThrows(MetadataException.class, what).reason();
    }

    private static PartitionImage inSync(PartitionImage of, int... ids) {
        List<Integer> isr = IntStream.of(ids).boxed().toList();
        Map<Integer, Long> stamps = new java.util.HashMap<>();
        isr.forEach(id -> stamps.put(id, 1L));
        return new PartitionImage(
                0,
                of.leader(),
                of.leaderEpoch(),
                of.replicas(),
                isr,
                List.of(),
                of.version() + 1,
                stamps,
                of.adding(),
                of.removing());
    }

    private static PersistentClusterImage live(int... ids) {
        return PersistentClusterImage.empty("c")
                .withBrokers(Arrays.stream(ids)
                        .mapToObj(id -> new BrokerImage(id, 1, "h", 1, null))
                        .toList());
    }
}
