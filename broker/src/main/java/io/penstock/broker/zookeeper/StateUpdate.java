package io.penstock.broker.zookeeper;

import io.penstock.broker.metadata.PartitionImage;

/**
 * A partition's state that somebody wrote, with its version.
 *
 * @param zxid of the write, so that its event need not be read back; 0 when it is unknown
 */
record StateUpdate(PartitionKey key, PartitionImage state, long zxid) {}
