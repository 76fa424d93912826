/**
 * Whole clusters in one thread, from a seed: the parts of production ({@code BrokerParts}, the ZooKeeper metadata store
 * with its controller) over simulated time, disks, network and ZooKeeper, with clients, faults and the invariants of
 * RELIABILITY.md. docs/simulation.md says how to run and replay it.
 */
package io.penstock.broker.simulation;
