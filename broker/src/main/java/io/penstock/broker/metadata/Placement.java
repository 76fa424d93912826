package io.penstock.broker.metadata;

import io.penstock.broker.metadata.MetadataException.Reason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which brokers hold the replicas of new partitions: pure. First replicas (who lead) go round the brokers from a place
 * that depends on the topic's name, so that many small topics spread as well; the others follow at a distance that
 * grows with each round, so that one broker's death spreads over all others. When every broker has a rack, neighbours
 * in the round are of different racks, and no rack holds two replicas while another holds none.
 */
final class Placement {
    private final List<BrokerImage> round;
    private final boolean racks;
    private final int start;

    private Placement(List<BrokerImage> round, boolean racks, int start) {
        this.round = round;
        this.racks = racks;
        this.start = start;
    }

    /**
     * Replicas of partitions {@code first} to {@code first + count - 1}.
     *
     * @throws MetadataException with INVALID_REPLICATION_FACTOR when so many brokers are not there
     */
    static List<List<Integer>> place(ClusterImage image, String name, int first, int count, int factor) {
        if (factor <= 0) {
            throw new MetadataException(Reason.INVALID_REPLICATION_FACTOR, "Replication factor must be larger than 0.");
        }
        List<BrokerImage> brokers = image.brokers().stream()
                .filter(broker -> !broker.leaving())
                .sorted(Comparator.comparingInt(BrokerImage::id))
                .toList();
        if (factor > brokers.size()) {
            throw new MetadataException(
                    Reason.INVALID_REPLICATION_FACTOR,
                    "Replication factor: " + factor + " larger than available brokers: " + brokers.size() + ".");
        }
        boolean racks = brokers.stream().map(BrokerImage::rack).allMatch(Objects::nonNull);
        List<BrokerImage> round = racks ? alternating(brokers) : brokers;
        Placement placement = new Placement(round, racks, Math.floorMod(name.hashCode(), round.size()));
        List<List<Integer>> result = new ArrayList<>(count);
        for (int partition = first; partition < first + count; partition++) {
            result.add(placement.replicas(partition, factor));
        }
        return result;
    }

    /**
     * Brokers for further replicas of a partition, as many as live and stay, at most so that it has {@code factor}: in
     * the order in which they would have been chosen, from other racks than the present ones first.
     */
    static List<Integer> more(ClusterImage image, String name, int partition, List<Integer> present, int factor) {
        int staying = (int)
                image.brokers().stream().filter(broker -> !broker.leaving()).count();
        if (staying == 0) {
            return List.of();
        }
        Set<String> used = new HashSet<>();
        present.forEach(id -> image.broker(id).ifPresent(broker -> used.add(broker.rack())));
        List<Integer> chosen = new ArrayList<>();
        List<Integer> round = place(image, name, partition, 1, staying).get(0);
        for (boolean fresh : new boolean[] {true, false}) {
            for (int id : round) {
                boolean wanted = present.size() + chosen.size() < factor
                        && !present.contains(id)
                        && !chosen.contains(id)
                        && (!fresh || used.add(image.broker(id).orElseThrow().rack()));
                if (wanted) {
                    chosen.add(id);
                }
            }
        }
        return chosen;
    }

    /** One broker of each rack in turn. */
    private static List<BrokerImage> alternating(List<BrokerImage> brokers) {
        TreeMap<String, Deque<BrokerImage>> byRack = new TreeMap<>();
        brokers.forEach(broker -> byRack.computeIfAbsent(broker.rack(), rack -> new ArrayDeque<>())
                .add(broker));
        List<BrokerImage> round = new ArrayList<>(brokers.size());
        while (round.size() < brokers.size()) {
            byRack.values().forEach(rack -> {
                if (!rack.isEmpty()) {
                    round.add(rack.poll());
                }
            });
        }
        return round;
    }

    private List<Integer> replicas(int partition, int factor) {
        int size = round.size();
        int leader = (start + partition) % size;
        int shift = (start + partition) / size;
        List<BrokerImage> chosen = new ArrayList<>(factor);
        chosen.add(round.get(leader));
        Set<String> used = new HashSet<>();
        used.add(round.get(leader).rack());
        int rackCount =
                racks ? (int) round.stream().map(BrokerImage::rack).distinct().count() : 1;
        for (int pass = 0; chosen.size() < factor; pass++) {
            for (int i = 0; i < size - 1 && chosen.size() < factor; i++) {
                BrokerImage next = round.get((leader + 1 + (shift + i) % (size - 1)) % size);
                boolean fresh = !racks || pass > 0 || used.size() >= rackCount || !used.contains(next.rack());
                if (fresh && !chosen.contains(next)) {
                    chosen.add(next);
                    used.add(next.rack());
                }
            }
        }
        return chosen.stream().map(BrokerImage::id).toList();
    }
}
