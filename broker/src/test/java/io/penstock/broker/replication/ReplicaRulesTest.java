package io.penstock.broker.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.penstock.storage.log.PartitionLog;
import io.penstock.storage.log.PartitionLog.EpochEnd;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The rules by themselves; the numbers are those of the invariants. */
class ReplicaRulesTest {
    private final ReplicaRules rules = ReplicaRules.STANDARD;

    /** A log of which only its epochs and its end are asked. */
    private static PartitionLog log(long end, Map<Integer, Long> starts) {
        TreeMap<Integer, Long> epochs = new TreeMap<>(starts);
        return (PartitionLog) Proxy.newProxyInstance(
                PartitionLog.class.getClassLoader(),
                new Class<?>[] {PartitionLog.class},
                (proxy, method, args) -> switch (method.getName()) {
                    case "endOffset" -> end;
                    case "endOfEpoch" -> {
                        Integer known = epochs.floorKey((int) args[0]);
                        Integer next = known == null ? null : epochs.higherKey(known);
                        yield known == null
                                ? Optional.empty()
                                : Optional.of(new EpochEnd(known, next == null ? end : epochs.get(next)));
                    }
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }

    @Test
    void invariant1LogsPartWhereTheLeadersEpochEnds() {
        PartitionLog leader = log(30, Map.of(1, 0L, 3, 20L));
        assertNull(rules.diverging(leader, 30, 3), "everything is there");
        assertNull(rules.diverging(leader, 20, 1), "as far as it goes");
        assertNull(rules.diverging(leader, 0, -1), "an empty log fits");
        assertEquals(new EpochEnd(1, 20), rules.diverging(leader, 25, 1), "more of an old epoch than the leader");
        assertEquals(new EpochEnd(1, 20), rules.diverging(leader, 25, 2), "an epoch that the leader never saw");
        assertEquals(new EpochEnd(3, 30), rules.diverging(leader, 31, 3), "more of the same epoch");
    }

    @Test
    void invariant1AFollowerCutsByEpochAndNeverBelowWhatItShares() {
        PartitionLog own = log(25, Map.of(1, 0L, 2, 22L));
        assertEquals(20, rules.cut(own, 1, 20), "where the epoch ends at the leader");
        assertEquals(22, rules.cut(own, 1, 24), "where it ends here, if that is before");
        PartitionLog older = log(25, Map.of(1, 0L, 4, 10L));
        assertEquals(10, rules.cut(older, 3, 18), "it knows of no 3, so what is of 4 goes; then it asks again");
        assertEquals(25, rules.keptAtNewEpoch(own, 3), "a new epoch alone cuts nothing, whatever the high watermark");
    }

    @Test
    void invariant2OnlyTheCurrentEpochCountsAndJoiningTakesAllThatWasThereBefore() {
        assertTrue(rules.counts(5, 5));
        assertFalse(rules.counts(4, 5));
        assertFalse(rules.counts(6, 5));
        assertTrue(rules.mayJoin(10, 10, 10));
        assertFalse(rules.mayJoin(9, 9, 10), "not at the epoch's start yet");
        assertFalse(rules.mayJoin(10, 11, 10), "not at the high watermark yet");
        assertTrue(rules.holdsCommitted(11, 11));
        assertFalse(rules.holdsCommitted(10, 11), "it has lost something");
    }

    @Test
    void invariant3BothIsrsCountAndTooFewCommitNothing() {
        assertEquals(Set.of(1, 2, 3), rules.counted(List.of(1, 2), List.of(1, 3)));
        assertTrue(rules.mayCommit(2, 0, 2));
        assertFalse(rules.mayCommit(1, 0, 2));
        assertFalse(rules.mayCommit(2, 1, 2), "somebody out of the ISR is taken to hold everything committed");
    }

    @Test
    void whoLeavesTheIsrBelowTheMinimumStaysEligible() {
        assertEquals(List.of(), rules.eligible(List.of(1, 2, 3), List.of(), List.of(1, 2), 2));
        assertEquals(List.of(2), rules.eligible(List.of(1, 2), List.of(), List.of(1), 2));
        assertEquals(List.of(2, 3), rules.eligible(List.of(1, 2), List.of(3), List.of(1), 3));
        assertEquals(List.of(), rules.eligible(List.of(1), List.of(2, 3), List.of(1, 2), 2));
    }

    @Test
    void aFollowerLagsOnlyAfterItsTime() {
        assertFalse(rules.lags(1_000, 0, 1_000));
        assertTrue(rules.lags(1_001, 0, 1_000));
    }
}
