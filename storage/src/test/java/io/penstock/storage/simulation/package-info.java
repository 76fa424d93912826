/**
 * The simulated world under storage and everything above it: time, owners, workers and a disk that loses what was not
 * synced. One test thread runs it all from a seed. For tests of every module (test-jar).
 */
package io.penstock.storage.simulation;
