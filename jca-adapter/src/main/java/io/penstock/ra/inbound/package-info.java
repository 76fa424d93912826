/**
 * Messages for endpoints (message-driven beans): connections, sessions and consumers that call them. Set up on the
 * container's work threads; endpoints are called on the client's threads, one for each session that has a message, and none
 * while there are none. Imports nothing of the adapter's beans.
 */
package io.penstock.ra.inbound;
