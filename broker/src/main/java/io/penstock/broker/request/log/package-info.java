/**
 * Handlers of the log's api keys: Produce, Fetch, ListOffsets, OffsetForLeaderEpoch, DeleteRecords. They
 * run on the connection's loop and on the owners of partitions. Imports no Netty.
 */
package io.penstock.broker.request.log;
