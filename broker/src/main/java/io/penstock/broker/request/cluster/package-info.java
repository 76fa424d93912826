/**
 * Requests by which brokers of a cluster act on each other, apart from replication's. Event loops call; handlers hand
 * over to the metadata store's thread.
 */
package io.penstock.broker.request.cluster;
