/** MetadataStore on ZooKeeper, and the embedded server: the only importer of ZooKeeper and Curator. */
package io.penstock.broker.zookeeper;
