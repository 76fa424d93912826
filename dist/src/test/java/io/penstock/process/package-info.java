/**
 * Fixtures of tests in child processes: brokers, ZooKeeper servers, and a network between them that can be cut. Used by the tests
 * of this module and, as its test jar, of others. One thread, the test's, drives them; each is closed by who made it.
 */
package io.penstock.process;
