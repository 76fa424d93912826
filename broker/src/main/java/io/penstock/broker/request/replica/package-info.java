/** What followers ask of a leader. Event loops call; the work is {@code broker.replication}'s. */
package io.penstock.broker.request.replica;
