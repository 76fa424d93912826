/**
 * Side-by-side measurements with Artemis and Kafka. The broker under test and the load each run in a process of their
 * own; a claim is a ratio of medians of interleaved runs at equal durability.
 */
package io.penstock.benchmarks;
