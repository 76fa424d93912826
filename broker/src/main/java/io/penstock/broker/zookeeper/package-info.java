/**
 * MetadataStore on ZooKeeper, and the server in the broker's own process: the only importer of ZooKeeper. State of the
 * store belongs to its one thread, {@code penstock-metadata}; ZooKeeper's own threads only post to it.
 */
package io.penstock.broker.zookeeper;
