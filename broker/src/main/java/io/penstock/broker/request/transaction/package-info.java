/**
 * Handlers of the api keys of transactions and of producers' identities. They run on the connection's loop, on the
 * owners of coordinators' shards and of partitions. Imports no Netty.
 */
package io.penstock.broker.request.transaction;
