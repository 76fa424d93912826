package io.penstock.broker.simulation;

import io.penstock.broker.metadata.PartitionImage;
import java.util.HashMap;
import java.util.Map;

/** What a client believes of who leads: as somebody who serves tells it, but never back to an older epoch (KIP-320). */
final class KnownLeaders {
    private final SimulatedCluster cluster;
    private final Map<Place, PartitionImage> newest = new HashMap<>();

    KnownLeaders(SimulatedCluster cluster) {
        this.cluster = cluster;
    }

    /** Asks for the metadata anew; -1 when nobody can tell. */
    int of(Place place) {
        PartitionImage told = cluster.anyImage().flatMap(place::in).orElse(null);
        PartitionImage known = newest.get(place);
        if (told != null && (known == null || told.leaderEpoch() >= known.leaderEpoch())) {
            newest.put(place, told);
            known = told;
        }
        return known == null ? -1 : known.leader();
    }
}
