package io.penstock.broker.metadata;

import java.util.List;
import java.util.Map;

/**
 * A leader's wish for another ISR, by compare-and-set (invariant 4).
 *
 * @param leaderEpoch of the leader that asks; another one in force makes it stale
 * @param version of the state that it rests on
 * @param isr as it shall be; names the leader
 * @param eligible as it shall be; disjoint from {@code isr}
 * @param addedBrokerEpochs for each replica that the present ISR does not have: the broker epoch with which it fetched
 *     up to the leader's end
 */
public record IsrChange(
        int leaderEpoch, int version, List<Integer> isr, List<Integer> eligible, Map<Integer, Long> addedBrokerEpochs) {

    public IsrChange {
        isr = List.copyOf(isr);
        eligible = List.copyOf(eligible);
        addedBrokerEpochs = Map.copyOf(addedBrokerEpochs);
    }
}
