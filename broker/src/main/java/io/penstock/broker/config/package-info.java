/**
 * The tables of configuration keys, of topics and of the broker: type, default, check, documentation, inheritance.
 * Immutable, any thread. Imports neither Kafka nor Netty nor ZooKeeper; the reference page of the docs is made from it.
 */
package io.penstock.broker.config;
