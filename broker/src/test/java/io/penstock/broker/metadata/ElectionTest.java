package io.penstock.broker.metadata;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.broker.metadata.MetadataException.Reason;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Invariants 4 to 6: who leads, who is in sync, who stays eligible. */
@Timeout(10)
class ElectionTest {
    private static final BrokerImage ONE = clean(1, 1);
    private static final BrokerImage TWO = clean(2, 1);
    private static final BrokerImage THREE = clean(3, 1);

    private final PartitionImage healthy = state(1, 4, List.of(1, 2, 3), List.of());

    @Test
    void aLivingLeaderStays() {
        assertSame(healthy, Election.settle(live(ONE, TWO, THREE), healthy, 1, false));
    }

    @Test
    void theNextInSyncLeadsWithANewEpochAndTheDeadLeavesTheIsr() {
        PartitionImage after = Election.settle(live(TWO, THREE), healthy, 1, false);

        assertEquals(state(2, 5, List.of(2, 3), List.of()), after);
    }

    @Test
    void aDeadFollowerLeavesTheIsrUnderTheSameEpoch() {
        PartitionImage after = Election.settle(live(ONE, THREE), healthy, 1, false);

        assertEquals(state(1, 4, List.of(1, 3), List.of()), after);
    }

    @Test
    void whoLeavesAnIsrBelowTheMinimumStaysEligible() {
        PartitionImage two = Election.settle(live(TWO, THREE), healthy, 2, false);
        PartitionImage one = Election.settle(live(THREE), two, 2, false);
        PartitionImage none = Election.settle(live(), one, 2, false);

        assertEquals(state(2, 5, List.of(2, 3), List.of()), two);
        assertEquals(state(3, 6, List.of(3), List.of(2)), one);
        assertEquals(state(-1, 7, List.of(3), List.of(2)), none);
        // 2 comes back with all it had: it leads, and 3 stays eligible.
        assertEquals(
                new PartitionImage(0, 2, 8, List.of(1, 2, 3), List.of(2), List.of(3), 7, Map.of(2, 2L, 3, 1L)),
                Election.settle(live(clean(2, 2)), none, 2, false));
    }

    @Test
    void nobodyOutOfSyncLeadsUnlessUncleanElectionIsAllowed() {
        PartitionImage alone = state(1, 4, List.of(1), List.of());

        PartitionImage nobody = Election.settle(live(TWO, THREE), alone, 1, false);
        PartitionImage forced = Election.settle(live(TWO, THREE), nobody, 1, true);

        assertEquals(state(-1, 5, List.of(1), List.of()), nobody);
        assertSame(nobody, Election.settle(live(TWO, THREE), nobody, 1, false));
        assertFalse(Election.possibleLoss(live(TWO, THREE), alone, nobody));
        assertEquals(2, forced.leader());
        assertEquals(List.of(2), forced.isr());
        assertTrue(Election.possibleLoss(live(TWO, THREE), nobody, forced));
        assertEquals(
                1, Election.settle(live(clean(1, 2), TWO), nobody, 1, false).leader());
    }

    @Test
    void whoRestartedUncleanlyIsNeitherInSyncNorEligibleNorLeader() {
        BrokerImage unclean = new BrokerImage(1, 2, "h", 1, null, false);

        PartitionImage after = Election.settle(live(unclean, TWO, THREE), healthy, 1, false);
        PartitionImage eligible = state(2, 6, List.of(2), List.of(1, 3));
        PartitionImage without = Election.settle(live(unclean, TWO, THREE), eligible, 2, false);

        assertEquals(state(2, 5, List.of(2, 3), List.of()), after);
        assertEquals(state(2, 6, List.of(2), List.of(3)), without);
    }

    @Test
    void aLeaderThatRestartedCleanlyBeforeAnybodySawItGetsANewEpoch() {
        PartitionImage after = Election.settle(live(clean(1, 2), TWO, THREE), healthy, 1, false);

        assertEquals(1, after.leader());
        assertEquals(5, after.leaderEpoch());
        assertEquals(List.of(1, 2, 3), after.isr());
        assertSame(after, Election.settle(live(clean(1, 2), TWO, THREE), after, 1, false));
    }

    @Test
    void aSessionThatWasReplacedIsNoRestart() {
        BrokerImage again = new BrokerImage(1, 1, "h", 1, null).registered(2, false, 1, -1);

        assertSame(healthy, Election.settle(live(again, TWO, THREE), healthy, 1, false));
    }

    @Test
    void killedProcessesWithTheirPageCacheComeBackByThemselves() {
        PartitionImage all = Election.settle(live(), healthy, 2, false);

        PartitionImage first = Election.settle(live(clean(3, 2)), all, 2, false);
        PartitionImage second = Election.settle(live(clean(3, 2), clean(1, 2)), first, 2, false);

        assertEquals(List.of(1, 2, 3), all.isr());
        assertEquals(3, first.leader());
        assertEquals(List.of(3), first.isr());
        assertEquals(List.of(1, 2), first.eligible());
        assertSame(first, second);
    }

    @Test
    void afterAPowerCutOfAllTheLastStandingIsWaitedForAndLeadsWithAPossibleLoss() {
        PartitionImage all = Election.settle(live(), healthy, 1, false);

        PartitionImage one = Election.settle(live(unclean(1)), all, 1, false);
        PartitionImage two = Election.settle(live(unclean(1), unclean(2)), one, 1, false);
        PartitionImage three = Election.settle(live(unclean(1), unclean(2), unclean(3)), two, 1, false);

        assertEquals(-1, one.leader());
        assertEquals(List.of(2, 3), one.isr());
        assertEquals(-1, two.leader());
        assertEquals(List.of(3), two.isr());
        assertEquals(3, three.leader());
        assertTrue(Election.possibleLoss(live(unclean(1), unclean(2), unclean(3)), two, three));
    }

    @Test
    void theLastStandingDoesNotLeadWhileAnEligibleOneMayStillComeBackWithEverything() {
        PartitionImage gone = state(-1, 7, List.of(3), List.of(2));

        PartitionImage waiting = Election.settle(live(unclean(3)), gone, 2, false);
        PartitionImage found = Election.settle(live(unclean(3), clean(2, 2)), waiting, 2, false);

        assertSame(gone, waiting);
        assertEquals(2, found.leader());
        assertFalse(Election.possibleLoss(live(unclean(3), clean(2, 2)), waiting, found));
        assertEquals(List.of(), found.eligible());
        assertEquals(
                3,
                Election.settle(live(unclean(3), unclean(2)), waiting, 2, false).leader());
    }

    @Test
    void aLeavingLeaderHandsOverToOneInSyncAndStaysWithoutOne() {
        BrokerImage leaving = ONE.withLeaving(true);
        PartitionImage alone = state(1, 4, List.of(1), List.of());

        PartitionImage after = Election.settle(live(leaving, TWO, THREE), healthy, 1, false);

        assertEquals(state(2, 5, List.of(2, 3), List.of()), after);
        assertSame(alone, Election.settle(live(leaving, TWO), alone, 1, false));
    }

    @Test
    void theFirstReplicaIsPreferredOnceItIsInSync() {
        PartitionImage moved = state(2, 5, List.of(1, 2), List.of());

        assertEquals(1, Election.prefer(live(ONE, TWO), moved, 1).orElseThrow().leader());
        assertEquals(6, Election.prefer(live(ONE, TWO), moved, 1).orElseThrow().leaderEpoch());
        assertTrue(Election.prefer(live(TWO, THREE), moved, 1).isEmpty());
        assertTrue(Election.prefer(live(ONE, TWO), state(2, 5, List.of(2), List.of()), 1)
                .isEmpty());
        assertTrue(Election.prefer(live(ONE, TWO), healthy, 1).isEmpty());
    }

    @Test
    void anIsrChangeIsCompareAndSetAndNamesTheLivesItAdds() {
        PartitionImage now = state(1, 4, List.of(1), List.of(2));
        PersistentClusterImage image = live(ONE, TWO, clean(3, 6));

        PartitionImage after = IsrPlan.change(image, now, change(4, 7, List.of(1, 3), Map.of(3, 6L)));

        assertEquals(List.of(1, 3), after.isr());
        assertEquals(8, after.version());
        assertEquals(Map.of(1, 1L, 3, 6L), after.stamps());
        for (IsrChange stale : List.of(
                change(3, 7, List.of(1), Map.of()),
                change(4, 6, List.of(1), Map.of()),
                change(4, 7, List.of(1, 3), Map.of(3, 5L)))) {
            assertEquals(
                    Reason.STALE,
                    assertThrows(MetadataException.class, () -> IsrPlan.change(image, now, stale))
                            .reason());
        }
        for (IsrChange senseless : List.of(
                change(4, 7, List.of(2), Map.of(2, 1L)),
                change(4, 7, List.of(1, 3), Map.of()),
                new IsrChange(4, 7, List.of(1), List.of(3), Map.of()),
                change(4, 7, List.of(1, 9), Map.of(9, 1L)))) {
            assertEquals(
                    Reason.INVALID_ASSIGNMENT,
                    assertThrows(MetadataException.class, () -> IsrPlan.change(image, now, senseless))
                            .reason());
        }
    }

    private static IsrChange change(int epoch, int version, List<Integer> isr, Map<Integer, Long> added) {
        return new IsrChange(epoch, version, isr, List.of(), added);
    }

    private static PartitionImage state(int leader, int epoch, List<Integer> isr, List<Integer> eligible) {
        Map<Integer, Long> stamps = new java.util.HashMap<>();
        isr.forEach(id -> stamps.put(id, 1L));
        eligible.forEach(id -> stamps.put(id, 1L));
        return new PartitionImage(0, leader, epoch, List.of(1, 2, 3), isr, eligible, 7, stamps);
    }

    private static BrokerImage clean(int id, long epoch) {
        return new BrokerImage(id, epoch, "h", 1, null);
    }

    private static BrokerImage unclean(int id) {
        return new BrokerImage(id, 2, "h", 1, null, false);
    }

    private static PersistentClusterImage live(BrokerImage... brokers) {
        return PersistentClusterImage.empty("c").withBrokers(Arrays.asList(brokers));
    }
}
