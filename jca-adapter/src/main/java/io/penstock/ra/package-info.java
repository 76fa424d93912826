/**
 * The resource adapter: connections for applications in a container (Jakarta Connectors 2.1), and the beans that a server
 * configures. Messages to endpoints are {@code inbound}'s. Threads are the container's and the application's; connections
 * are closed by the container's pool.
 *
 * <p>It uses the client as any application does, and must not import Netty, the broker or the client's insides.
 */
package io.penstock.ra;
