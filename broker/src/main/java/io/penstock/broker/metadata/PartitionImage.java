package io.penstock.broker.metadata;

import java.util.List;

/**
 * One partition as ZooKeeper's state znode tells it.
 *
 * @param leader broker id, -1 while there is none
 */
public record PartitionImage(int index, int leader, int leaderEpoch, List<Integer> replicas, List<Integer> isr) {}
